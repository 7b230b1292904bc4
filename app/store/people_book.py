"""What only this station knows about people: approvals, keys of scripts' sessions, when passwords were given,
when the hub was last met."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from app.store.core import StoreCore
from app.store.facts import bump_version
from app.store.schema import JOURNAL, LOCAL_SETTING, META, PIN
from app.store.schema_people import APPROVAL, NOTICE_SEEN, PASSWORD_PROOF, SESSION_KEY
from domain.clock import Clock, Hlc, from_ms, to_ms
from domain.sessions import Moment

CONTACT = "hub_contact"
CONTACT_EVERY_MS = 60_000
"""How exact the last contact is kept: not every look at the hub is worth a write."""


def moment_at(connection: Connection, clock: Clock) -> Moment:
    """Now on all clocks, as of a snapshot of the file."""
    seen = connection.execute(select(META.c.value).where(META.c.name == "hlc")).scalar()
    own = connection.execute(select(JOURNAL.c.hlc).order_by(JOURNAL.c.position.desc()).limit(1)).scalar()
    stamps = [Hlc.parse(text).ms for text in (seen, own) if text]
    return Moment(to_ms(clock.now()), clock.monotonic_ms(), clock.boot_id(), max(stamps, default=0))


class StorePeopleWriting:
    """See app.services.ports_people.PeopleWriting."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def put_approval(self, digest: str, bound: str, by: str) -> None:
        """Keep an approval; those that are too old for anything go."""
        for row in self._connection.execute(select(APPROVAL)).all():
            if _moment(row).passed_ms(self._now()) > 3_600_000:
                self._connection.execute(delete(APPROVAL).where(APPROVAL.c.token_hash == row.token_hash))
        self._put(APPROVAL, {"token_hash": digest, "what": bound, "by": by, **self._clocks()})

    def take_approval(self, digest: str, bound: str, most_ms: int) -> str | None:
        """Use an approval up; whatever comes of it, it is gone with this transaction."""
        row = self._connection.execute(select(APPROVAL).where(APPROVAL.c.token_hash == digest)).first()
        if row is None or row.what != bound or _moment(row).passed_ms(self._now()) > most_ms:
            return None
        self._connection.execute(delete(APPROVAL).where(APPROVAL.c.token_hash == digest))
        return str(row.by)

    def put_session_key(self, digest: str, session: str, user: str, expires_at: datetime) -> None:
        """Keep or renew the key of a script's session."""
        row = {"token_hash": digest, "session": session, "user": user, "expires_ms": to_ms(expires_at)}
        self._put(SESSION_KEY, {**row, **self._clocks()})

    def drop_session_keys(self, session: str) -> None:
        """Forget the keys of a session."""
        self._connection.execute(delete(SESSION_KEY).where(SESSION_KEY.c.session == session))

    def prove_password(self, user: str) -> None:
        """The person has given the password just now."""
        self._put(PASSWORD_PROOF, {"user": user, **self._clocks()})

    def forget_pin(self, user: str) -> None:
        """The person's PIN here is no longer good; the count of failures stays."""
        self._connection.execute(update(PIN).where(PIN.c.user == user).values(verifier=None))
        bump_version(self._connection)

    def see_notices(self, user: str, notices: Sequence[str]) -> None:
        """The person has seen these."""
        if notices:
            rows = [{"user": user, "notice": notice} for notice in notices]
            self._connection.execute(insert(NOTICE_SEEN).on_conflict_do_nothing(), rows)

    def _put(self, table: Table, row: dict[str, Any]) -> None:
        statement = insert(table)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(table.primary_key),
                set_={name: statement.excluded[name] for name in row},
            ),
            row,
        )

    def _now(self) -> Moment:
        return moment_at(self._connection, self._clock)

    def _clocks(self) -> dict[str, int | str]:
        return _clocks(self._now())


class StorePeopleBook:
    """See app.services.ports_people.PeopleBook."""

    def __init__(self, core: StoreCore, clock: Clock) -> None:
        self._core = core
        self._clock = clock
        self._noted_ms: int | None = None

    def moment(self) -> Moment:
        """Now, on all clocks."""
        with self._core.reading() as connection:
            return moment_at(connection, self._clock)

    def contact(self) -> Moment | None:
        """The last contact with the hub that was kept."""
        with self._core.reading() as connection:
            text = connection.execute(
                select(LOCAL_SETTING.c.value).where(LOCAL_SETTING.c.name == CONTACT)
            ).scalar()
        return None if text is None else Moment(**json.loads(text))

    def note_contact(self) -> None:
        """The hub has just answered; written down once a minute at most."""
        now_ms = self._clock.monotonic_ms()
        if self._noted_ms is not None and 0 <= now_ms - self._noted_ms < CONTACT_EVERY_MS:
            return
        with self._core.writing() as work:
            text = json.dumps(_clocks(moment_at(work.connection, self._clock)))
            statement = insert(LOCAL_SETTING)
            work.connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"], set_={"value": statement.excluded.value}
                ),
                {"name": CONTACT, "value": text},
            )
            work.commit()
        self._noted_ms = now_ms

    def proved(self, user: str) -> Moment | None:
        """When a person last gave the password here."""
        with self._core.reading() as connection:
            row = connection.execute(select(PASSWORD_PROOF).where(PASSWORD_PROOF.c.user == user)).first()
        return None if row is None else _moment(row)

    def session_key(self, digest: str) -> tuple[str, str, datetime, Moment] | None:
        """The script's session with this key."""
        with self._core.reading() as connection:
            row = connection.execute(select(SESSION_KEY).where(SESSION_KEY.c.token_hash == digest)).first()
        return None if row is None else (row.session, row.user, from_ms(row.expires_ms), _moment(row))


def _moment(row: Any) -> Moment:
    return Moment(row.wall_ms, row.mono_ms, row.boot, row.stamp_ms)


def _clocks(moment: Moment) -> dict[str, int | str]:
    return {
        "wall_ms": moment.wall_ms,
        "mono_ms": moment.mono_ms,
        "boot": moment.boot,
        "stamp_ms": moment.stamp_ms,
    }
