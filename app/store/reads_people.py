"""Reading people, documents, print jobs and the journal."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.services.views import JournalRow, Person, PrintJob
from app.store.documents import is_erased
from app.store.journal import acked_seq, waiting
from app.store.reads_base import ReadsBase
from app.store.schema import DOCUMENT, JOURNAL, PERSON, PRINT_JOB
from domain.clock import from_ms
from domain.entry import ORG
from domain.states import PrintJobState

PERSONAL = ("person", "password_verifier", "person_note")
"""Kinds of documents whose content says whom they are about: `user`."""


class PeopleReads(ReadsBase):
    """See app.services.ports.Reads."""

    def people(self) -> Sequence[Person]:
        """Everybody, by name."""
        return list(self._slow.people(self._connection).values())

    def person(self, user: str) -> Person | None:
        """A person by user id."""
        return self._slow.people(self._connection).get(user)

    def person_by_login(self, login: str) -> Person | None:
        """A person by login."""
        return self._slow.logins(self._connection).get(login)

    def document(self, document: str) -> Mapping[str, Any] | None:
        """The content of a document; None when it is not here or was erased."""
        content = self._connection.execute(
            select(DOCUMENT.c.content).where(DOCUMENT.c.document == document, DOCUMENT.c.tombstone == 0)
        ).scalar()
        found: Mapping[str, Any] | None = None if content is None else json.loads(content)
        return found

    def document_bytes(self, document: str) -> bytes | None:
        """The same for content that is no JSON: pictures, attachments."""
        content: bytes | None = self._connection.execute(
            select(DOCUMENT.c.content).where(DOCUMENT.c.document == document, DOCUMENT.c.tombstone == 0)
        ).scalar()
        return content

    def document_erased(self, document: str) -> bool:
        """Whether an entry known here erases it."""
        return is_erased(self._connection, document)

    def personal_documents(self, user: str) -> Sequence[tuple[str, str, str]]:
        """(id, kind, feed) of the documents about a person that were not erased; the one with the name also
        when it is not here."""
        rows = self._connection.execute(
            select(DOCUMENT).where(DOCUMENT.c.kind.in_(PERSONAL), DOCUMENT.c.tombstone == 0)
        )
        found = {
            row.document: (row.kind, row.feed) for row in rows if json.loads(row.content).get("user") == user
        }
        named = self._connection.execute(select(PERSON.c.document).where(PERSON.c.user == user)).scalar()
        if named is not None:
            found.setdefault(named, ("person", ORG))
        return [
            (document, *place)
            for document, place in sorted(found.items())
            if not self.document_erased(document)
        ]

    def documents(self, kind: str) -> Sequence[Mapping[str, Any]]:
        """Contents of all documents of a kind that are here and were not erased."""
        contents = self._connection.execute(
            select(DOCUMENT.c.content)
            .where(DOCUMENT.c.kind == kind, DOCUMENT.c.tombstone == 0)
            .order_by(DOCUMENT.c.document)
        ).scalars()
        return [json.loads(content) for content in contents]

    def print_jobs(self, *, open_only: bool = True) -> Sequence[PrintJob]:
        """Print jobs, oldest first; `open_only` leaves out those that are done."""
        statement = select(PRINT_JOB).order_by(PRINT_JOB.c.job)
        if open_only:
            pending = [state.value for state in PrintJobState if state is not PrintJobState.DONE]
            statement = statement.where(PRINT_JOB.c.state.in_(pending))
        return [
            PrintJob(
                job=row.job,
                order=row.order_id,
                what=row.what,
                state=row.state,
                attempts=row.attempts,
                last_code=row.last_code,
                made_at=from_ms(row.made_ms),
            )
            for row in self._connection.execute(statement)
        ]

    def journal_rows(self, limit: int = 100, kind: str | None = None) -> Sequence[JournalRow]:
        """The latest own entries, newest first."""
        statement = select(JOURNAL).order_by(JOURNAL.c.position.desc()).limit(limit)
        if kind is not None:
            statement = statement.where(JOURNAL.c.kind == kind)
        own = self._slow.station(self._connection)
        acked = acked_seq(self._connection, own.epoch)
        return [
            JournalRow(
                seq=row.seq,
                entry_id=row.entry_id,
                kind=row.kind,
                at=from_ms(row.at_ms),
                user=row.user,
                short_hash=row.content_hash.hex()[:8],
                synced=not own.has_hub or row.epoch < own.epoch or row.seq <= acked,
            )
            for row in self._connection.execute(statement)
        ]

    def waiting_entries(self) -> int:
        """Own entries that the hub has not confirmed; 0 for a station without a hub."""
        own = self._slow.station(self._connection)
        return waiting(self._connection, own.epoch) if own.has_hub else 0
