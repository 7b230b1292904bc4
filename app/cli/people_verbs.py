"""`gatehouse user`: people, roles and one's own account from the command line.

Secrets that are not given as options are asked for, or read from standard input line by line where nobody can
answer, so that they need not stand in a process list.
"""

import getpass
import sys
from typing import Annotated, Any

import typer

from app.bootstrap import Station
from app.cli.approving import with_hub
from app.cli.console import Console, DataOption, JsonOption, LangOption, acting, station_at, verb
from app.services.views import Person
from app.services.views_people import CodeIssued, RoleRequestRow
from domain.actor import Permission
from domain.clock import to_text
from domain.errors import Fault, Refusal
from domain.permissions import Limit, RoleSet

LoginArgument = Annotated[str, typer.Argument(help="Login of the person")]
RoleOption = Annotated[list[str], typer.Option("--role", help="Name of a role; may be repeated")]


def add_to_group(group: typer.Typer) -> None:
    """Hang the verbs into the group `user`."""
    for name, function in (
        ("first", user_first),
        ("add", user_add),
        ("invite", user_invite),
        ("accept", user_accept),
        ("list", user_list),
        ("role", user_role),
        ("pin", user_pin),
        ("password", user_password),
        ("reset", user_reset),
        ("disable", user_disable),
        ("enable", user_enable),
        ("rename", user_rename),
        ("me", user_me),
        ("ask", user_ask),
        ("requests", user_requests),
        ("answer", user_answer),
        ("rights", user_rights),
        ("define-role", user_define_role),
        ("remove-role", user_remove_role),
    ):
        group.command(name)(function)


def person_json(person: Person) -> dict[str, Any]:
    """A person for scripts."""
    return {
        "user": person.user,
        "login": person.login,
        "name": person.name,
        "roles": list(person.roles),
        "enabled": person.enabled,
        "has_pin": person.has_pin,
        "has_password": person.has_password,
        "permissions": sorted(permission.value for permission in person.permissions),
    }


def secret(given: str | None, label: str) -> str:
    """A secret that was given, is typed, or is the next line of standard input."""
    if given is not None:
        return given
    if sys.stdin.isatty():
        return getpass.getpass(f"{label}: ")
    line = sys.stdin.readline()
    if not line:
        raise typer.BadParameter(f"{label}: give it as an option or on standard input")
    return line.rstrip("\n")


def _find(station: Station, login: str) -> Person:
    with station.store.read() as read:
        person = read.person_by_login(login)
    if person is None:
        raise Refusal("USER_UNKNOWN")
    return person


def _say(console: Console, person: Person) -> None:
    state = "" if person.enabled else "  (disabled)"
    console.answer(person_json(person), f"{person.login}  {person.name}  {', '.join(person.roles)}{state}")


def _code(console: Console, issued: CodeIssued) -> None:
    console.answer(
        {
            "user": issued.user,
            "login": issued.login,
            "code": issued.code,
            "expires_at": to_text(issued.expires_at),
        },
        f"{issued.login}: {issued.code}  (once, until {to_text(issued.expires_at)})",
    )


@verb
def user_first(
    login: LoginArgument,
    name: Annotated[str, typer.Option("--name", help="Name, for people")] = "",
    pin: Annotated[str | None, typer.Option("--pin", help="PIN on this station")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """The first administrator of an organization that has nobody yet, at a station that has just joined."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        chosen = secret(pin, "PIN")
        if station.exchange is not None and (code := station.exchange.run_once().code) is not None:
            raise Fault(code)
        user = station.services.add_user.first(login, name or login, chosen)
        with station.store.read() as read:
            person = read.person(user)
        if person is not None:
            _say(console, person)


@verb
def user_add(
    login: LoginArgument,
    name: Annotated[str, typer.Option("--name", help="Name, for people")] = "",
    role: RoleOption = [],  # noqa: B006 - typer reads the default, nobody changes it
    pin: Annotated[str | None, typer.Option("--pin", help="PIN on this station")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Add a person with a PIN on this station (`invite` lets them choose their own)."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        chosen = secret(pin, "PIN")
        user = with_hub(station, lambda: station.services.add_user(login, name or login, role, chosen, actor))
        with station.store.read() as read:
            person = read.person(user)
        if person is not None:
            _say(console, person)


@verb
def user_invite(
    login: LoginArgument,
    name: Annotated[str, typer.Option("--name", help="Name, for people")] = "",
    role: RoleOption = [],  # noqa: B006 - typer reads the default, nobody changes it
    again: Annotated[bool, typer.Option("--again", help="A new code for somebody who has none")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Add a person who sets password and PIN with a one-time code, at any station."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        invite = station.services.people.invite
        if again:
            _code(console, invite.again(_find(station, login).user, actor))
        else:
            _code(console, with_hub(station, lambda: invite(login, name or login, role, actor)))


@verb
def user_accept(
    login: LoginArgument,
    code: Annotated[str, typer.Option("--code", help="The one-time code")],
    password: Annotated[str | None, typer.Option("--password", help="The new password")] = None,
    pin: Annotated[str | None, typer.Option("--pin", help="The new PIN on this station")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Set password and PIN with a one-time code."""
    with station_at(data, lang, as_json=as_json) as (station, console):
        secrets = secret(password, "New password"), secret(pin, "New PIN")
        actor = station.services.people.accept(login, code, *secrets)
        console.answer(
            {"user": actor.user, "login": actor.login, "roles": sorted(actor.roles)}, f"{actor.login}: ok"
        )


@verb
def user_list(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Everybody, with roles."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        people = station.services.people.listed(actor)
        console.answer(
            {"users": [person_json(person) for person in people]},
            *(
                f"{one.login}  {one.name}  {', '.join(one.roles)}{'' if one.enabled else '  (disabled)'}"
                for one in people
            ),
        )


@verb
def user_role(
    login: LoginArgument,
    role: RoleOption,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Give a person exactly these roles."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        user, change = _find(station, login).user, station.services.people.change
        _say(console, with_hub(station, lambda: change.roles(user, role, actor)))


@verb
def user_pin(
    login: Annotated[str | None, typer.Argument(help="Whose PIN; one's own without it")] = None,
    pin: Annotated[str | None, typer.Option("--pin", help="The new PIN")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Set a PIN on this station."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        user = _find(station, login).user if login is not None else actor.user or ""
        station.services.set_pin(user, secret(pin, "New PIN"), actor)
        console.answer({"user": user}, "ok")


@verb
def user_password(
    proof: Annotated[str | None, typer.Option("--old", help="The password so far, or the PIN")] = None,
    password: Annotated[str | None, typer.Option("--password", help="The new password")] = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Set one's own password."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        secrets = secret(proof, "Password so far, or PIN"), secret(password, "New password")
        station.services.people.account.change_password(*secrets, actor)
        console.answer({"user": actor.user}, "ok")


@verb
def user_reset(
    login: LoginArgument, data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """A one-time code for somebody who forgot PIN or password; their sessions end."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        _code(console, station.services.people.invite.reset(_find(station, login).user, actor))


@verb
def user_disable(
    login: LoginArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why")] = "",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Shut a person out; their sessions end."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        _say(console, station.services.people.change.disable(_find(station, login).user, reason, actor))


@verb
def user_enable(
    login: LoginArgument, data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None
) -> None:
    """Let a person in again."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        user, change = _find(station, login).user, station.services.people.change
        _say(console, with_hub(station, lambda: change.enable(user, actor)))


@verb
def user_rename(
    login: LoginArgument,
    name: Annotated[str, typer.Option("--name", help="The new name")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Change a name."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        _say(console, station.services.people.change.rename(_find(station, login).user, name, actor))


@verb
def user_me(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """One's own account: roles, limits, sessions, what one was told."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        mine = station.services.people.account.show(actor)
        console.answer(
            {
                **person_json(mine.person),
                "limits": {limit.value: most for limit, most in mine.limits.items()},
                "may_ask_for": list(mine.may_ask_for),
                "sessions": [row.session for row in mine.sessions],
                "notices": [
                    {"notice": row.notice, "kind": row.kind, "role": row.role, "who": row.who,
                     "at": to_text(row.at), "seen": row.seen, "reason": row.reason}
                    for row in mine.notices
                ],
            },
            f"{mine.person.login}  {mine.person.name}  {', '.join(mine.person.roles)}",
            *(f"  {row.kind}  {row.role}  {row.who}" for row in mine.notices if not row.seen),
        )  # fmt: skip


def _request_json(row: RoleRequestRow) -> dict[str, Any]:
    return {
        "request": row.request,
        "login": row.login,
        "role": row.role,
        "at": to_text(row.at),
        "granted": row.granted,
        "reason": row.reason,
    }


@verb
def user_ask(
    role: Annotated[str, typer.Argument(help="The role asked for")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Ask for a role; an admin grants or declines."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        row = station.services.people.requests.ask(role, actor)
        console.answer(_request_json(row), row.request)


@verb
def user_requests(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Roles that people asked for."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        rows = station.services.people.requests.listed(actor)
        words = {None: "?", True: "granted", False: "declined"}
        console.answer(
            {"requests": [_request_json(row) for row in rows]},
            *(f"{row.request}  {row.login}  {row.role}  {words[row.granted]}" for row in rows),
        )


@verb
def user_answer(
    request: Annotated[str, typer.Argument(help="Id of the request")],
    grant: Annotated[bool, typer.Option("--grant/--decline", help="Grant or decline")],
    reason: Annotated[str, typer.Option("--reason", help="Why; the person reads it")] = "",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Grant or decline what somebody asked for."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        answer = station.services.people.requests.answer
        row = with_hub(station, lambda: answer(request, actor, granted=grant, reason=reason))
        console.answer(_request_json(row), f"{row.login}  {row.role}")


def _role_json(role: RoleSet) -> dict[str, Any]:
    return {
        "role": role.role,
        "title": role.title,
        "permissions": sorted(permission.value for permission in role.permissions),
        "limits": {limit.value: most for limit, most in role.limits.items()},
    }


@verb
def user_rights(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """The table of roles, and who has which permission."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        edit = station.services.people.roles
        rights, roles = edit.rights(actor), edit.listed(actor)
        console.answer(
            {
                "roles": [_role_json(role) for role in roles],
                "rights": [
                    {"permission": row.permission.value, "roles": list(row.roles), "people": list(row.people)}
                    for row in rights
                ],
            },
            *(f"{row.permission.value}: {', '.join(row.roles)}" for row in rights),
        )


@verb
def user_define_role(
    role: Annotated[str, typer.Argument(help="Name of the role, new or known")],
    permission: Annotated[list[str], typer.Option("--permission", help="May be repeated")],
    limit: Annotated[list[str], typer.Option("--limit", help="refund:5000, or refund:none")] = [],  # noqa: B006
    title: Annotated[str, typer.Option("--title", help="What people read")] = "",
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Say what a role allows. Limits: refund and difference in minor units, discount in percent, comp and
    override in tickets."""
    try:
        permissions = frozenset(Permission(name) for name in permission)
        limits = dict(_limit(text) for text in limit)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        edit = station.services.people.roles
        made = with_hub(station, lambda: edit(role, permissions, limits, actor, title=title))
        console.answer(_role_json(made), made.role)


def _limit(text: str) -> tuple[Limit, int | None]:
    name, _, most = text.partition(":")
    return Limit(name), None if most == "none" else int(most)


@verb
def user_remove_role(
    role: Annotated[str, typer.Argument(help="Name of a role that was added")],
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Take a role that was added away from everybody."""
    with acting(data, lang, as_json=as_json) as (station, console, actor):
        gone = station.services.people.roles.remove(role, actor)
        console.answer({"role": gone.role, "removed": True}, gone.role)
