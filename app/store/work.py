"""One write transaction as the use cases see it."""

from collections.abc import Mapping, Sequence

from sqlalchemy import update
from sqlalchemy.dialects.sqlite import insert

from app.store import documents
from app.store.core import StoreCore, Writing
from app.store.facts import bump_version
from app.store.journal import Journal
from app.store.people_book import StorePeopleWriting
from app.store.projection import touches_slow_data
from app.store.reads import StoreReads
from app.store.right_port import WorkRights
from app.store.schema import PIN, PRINT_JOB
from domain.actor import Actor
from domain.clock import Clock, to_ms
from domain.documents import Reason
from domain.entry import Draft, Entry
from domain.ids import RandomBytes
from domain.states import PrintJobState


class StationWork:
    """See app.services.ports.Work."""

    def __init__(
        self, core: StoreCore, writing: Writing, journal: Journal, clock: Clock, random_bytes: RandomBytes
    ) -> None:
        self._writing = writing
        self._connection = writing.connection
        self._journal = journal
        self._clock = clock
        self._random = random_bytes
        self._reads = StoreReads(writing.connection, core.cache)
        self._rights = WorkRights(writing.connection, self._reads, clock, random_bytes)
        self.people = StorePeopleWriting(writing.connection, clock)
        self._put: dict[str, bytes] = {}

    @property
    def read(self) -> StoreReads:
        """The state inside this transaction."""
        return self._reads

    @property
    def rights(self) -> WorkRights:
        """Who alone may change an order, inside this transaction."""
        return self._rights

    def append(self, draft: Draft, actor: Actor, *, shift: str | None = None) -> Entry:
        """Seal, store and project one draft. Raises MalformedEntryError."""
        return self.append_many([draft], actor, shift=shift)[0]

    def append_many(
        self, drafts: Sequence[Draft], actor: Actor, *, shift: str | None = None
    ) -> Sequence[Entry]:
        """The same for several, in order; all of them are checked before the first is written."""
        try:
            entries = self._journal.append(self._connection, drafts, actor, shift)
        except BaseException:
            self._writing.fail()
            raise
        if any(touches_slow_data(draft.kind) for draft in drafts):
            self._reads.forget_slow_data()
        return entries

    def add_print_job(self, order: str, what: str) -> int:
        """Queue something of an order for printing; answers the number of the job."""
        result = self._connection.execute(
            insert(PRINT_JOB),
            {
                "order_id": order,
                "what": what,
                "state": PrintJobState.WAITING.value,
                "attempts": 0,
                "made_ms": to_ms(self._clock.now()),
            },
        )
        return int(result.lastrowid)

    def set_print_job(self, job: int, state: str, code: str | None = None) -> None:
        """Note how a print job went; a job that is done or failed was one attempt. Raises ValueError for a
        state that is none."""
        known = PrintJobState(state)
        ended = known in {PrintJobState.DONE, PrintJobState.FAILED}
        self._connection.execute(
            update(PRINT_JOB)
            .where(PRINT_JOB.c.job == job)
            .values(state=known.value, last_code=code, attempts=PRINT_JOB.c.attempts + int(ended))
        )

    def put_document(self, document: str, kind: str, feed: str, content: Mapping[str, object] | bytes) -> str:
        """Store erasable data; answers SHA-256(nonce ‖ content) in hexadecimal, for an entry of this same
        transaction. Raises Refusal DOCUMENT_TOO_LARGE, DOCUMENT_ERASED."""
        now_ms = self._journal.hub_ms()
        digest = documents.put(self._connection, document, kind, feed, content, now_ms, self._random)
        self._put[document] = digest
        self._slow_data_changed()
        return digest.hex()

    def erase_document(self, document: str, kind: str, feed: str, reason: Reason, actor: Actor) -> None:
        """Append the entry that erases a document everywhere; it need not be here."""
        body = {"document": document, "kind": kind, "feed": feed, "reason": reason.value}
        self.append(Draft("document_erased", (feed,), body), actor)
        self._put.pop(document, None)
        self._slow_data_changed()

    def set_pin(self, user: str, verifier: str) -> None:
        """Store a person's PIN verifier; failures counted so far are forgiven."""
        fresh = insert(PIN)
        self._connection.execute(
            fresh.on_conflict_do_update(
                index_elements=["user"],
                set_={"verifier": fresh.excluded.verifier, "failures": 0, "locked_until_ms": None},
            ),
            {"user": user, "verifier": verifier, "failures": 0, "locked_until_ms": None},
        )
        self._slow_data_changed()

    def commit(self) -> None:
        """Make it durable. Raises Fault; ValueError for a document that no entry names: nobody else would
        ever show it."""
        for document, digest in self._put.items():
            if not documents.is_named(self._connection, document, digest):
                raise ValueError(f"document {document} is named by no entry")
        self._writing.commit()

    def _slow_data_changed(self) -> None:
        bump_version(self._connection)
        self._reads.forget_slow_data()
