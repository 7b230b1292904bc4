"""`gatehouse session`: sessions for scripts instead of a PIN on every call, and everybody's sessions."""

from typing import Annotated, Any

import typer

from app.bootstrap import Station
from app.cli.console import DataOption, JsonOption, LangOption, acting, station_at, verb
from app.services.sessions import ScriptSession
from app.services.views_people import SessionRow
from domain.clock import to_text
from domain.errors import Refusal

TokenOption = Annotated[
    str | None, typer.Option("--token", help="The token; GATEHOUSE_SESSION where it is not given")
]


def add_to(root: typer.Typer) -> None:
    """Hang the verbs into the program."""
    group = typer.Typer(help="Sessions: start, verify, renew, list, end", no_args_is_help=True)
    group.command("start")(session_start)
    group.command("verify")(session_verify)
    group.command("renew")(session_renew)
    group.command("list")(session_list)
    group.command("end")(session_end)
    root.add_typer(group, name="session")


def _json(session: ScriptSession) -> dict[str, Any]:
    document: dict[str, Any] = {
        "session": session.session,
        "user": session.login,
        "roles": list(session.roles),
        "expires_at": to_text(session.expires_at),
        "offline_until": to_text(session.offline_until) if session.offline_until else None,
    }
    return document | ({"token": session.token} if session.token else {})


def _row_json(row: SessionRow) -> dict[str, Any]:
    return {
        "session": row.session,
        "user": row.login,
        "station": row.station,
        "station_name": row.station_name,
        "purpose": row.purpose,
        "started_at": to_text(row.started_at),
        "expires_at": to_text(row.expires_at) if row.expires_at else None,
        "ended_at": to_text(row.ended_at) if row.ended_at else None,
        "reason": row.reason,
    }


def _token(station: Station, given: str | None) -> str:
    token = given or station.settings.text("session")
    if not token:
        raise Refusal("SESSION_UNKNOWN")
    return token


@verb
def session_start(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Begin a session with login and PIN; put the token into GATEHOUSE_SESSION for the calls after it."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        made = station.services.scripts.start(actor)
        console.answer(_json(made), made.token)


@verb
def session_verify(
    token: TokenOption = None, data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Whose session it is, and how long it lasts."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        found = station.services.scripts.verify(_token(station, token))
        console.answer(_json(found), f"{found.login} until {to_text(found.expires_at)}")


@verb
def session_renew(
    token: TokenOption = None, data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Let it last anew from now on."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        found = station.services.scripts.renew(_token(station, token))
        console.answer(_json(found), f"{found.login} until {to_text(found.expires_at)}")


@verb
def session_list(
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Everybody's sessions."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        rows = station.services.sessions.listed(actor, open_only=not everything)
        console.answer(
            {"sessions": [_row_json(row) for row in rows]},
            *(
                f"{row.session}  {row.login}  {row.station_name}  {row.purpose}  "
                f"{to_text(row.started_at)}  {row.reason}".rstrip()
                for row in rows
            ),
        )


@verb
def session_end(
    session: Annotated[str | None, typer.Argument(help="Id of a session; the token's without it")] = None,
    token: TokenOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """End a session: that of the token, or any by its id (with the right to manage people)."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        if session is None:
            station.services.scripts.end(_token(station, token), actor)
            console.answer({"ended": True}, "ok")
        else:
            console.answer(_row_json(station.services.sessions.end(session, actor)), "ok")
