"""What the use cases need from the outside. Implemented by app.store, app.printing and devices."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from app.services.ports_people import PeopleQuestions, PeopleWriting, PrivacyQuestions
from app.services.views import (
    ConflictRow,
    ConflictView,
    GateCounters,
    JournalRow,
    OrderRow,
    OrderView,
    Organization,
    PerformanceRow,
    Person,
    Places,
    PrintJob,
    RightState,
    ScanRow,
    ShiftView,
    SoldPart,
    StationInfo,
    TicketView,
    ValueGrant,
    ValueView,
)
from app.services.views_payments import DoubtLine, PaymentStanding
from app.services.views_sync import HeldRow
from domain.actor import Actor
from domain.admission import Heard, TicketFacts, Use
from domain.catalogue import Event, Gate, Performance, Product, Quota
from domain.claims import ClaimAnswer, ClaimAsked
from domain.documents import Reason
from domain.entry import Draft, Entry
from domain.leases import Held, Instant
from domain.promo import Promo
from domain.rights import Act


class Reads(PeopleQuestions, PrivacyQuestions, Protocol):
    """Questions to the local store, all answered from one consistent state."""

    def organization(self) -> Organization: ...
    def station(self) -> StationInfo: ...

    def events(self) -> Sequence[Event]:
        """All events by name; drafts and cancelled ones too."""
        ...

    def event(self, number: int) -> Event | None: ...
    def event_by_code(self, code: str) -> Event | None: ...

    def performances(
        self, event: int | None = None, ends_after: datetime | None = None
    ) -> Sequence[Performance]:
        """By start; those of one event, or of all."""
        ...

    def performance(self, number: int) -> Performance | None: ...
    def performance_by_code(self, code: str) -> Performance | None: ...

    def products(self, event: int) -> Sequence[Product]:
        """The products of an event in their order on the tiles (F1 is the first)."""
        ...

    def product(self, number: int) -> Product | None: ...

    def quotas(self, numbers: Sequence[int]) -> Mapping[int, Quota]:
        """These quotas and all their parents."""
        ...

    def event_quotas(self, event: int) -> Sequence[Quota]:
        """All quotas of an event, also those that no product draws from."""
        ...

    def promos(self, event: int | None = None) -> Sequence[Promo]:
        """The promo codes of an event, or of all, by name."""
        ...

    def gates(self) -> Sequence[Gate]: ...

    def used_slots(self, pools: Sequence[int]) -> Mapping[int, int]:
        """Places taken per pool (a performance's or a quota's number), over all stations known here."""
        ...

    def next_slot(self, pool: int, lease: str) -> int:
        """The lowest slot number of a lease that was never used."""
        ...

    def leases(self, pools: Sequence[int]) -> Sequence[Held]:
        """What the hub has leased to this station in these pools, ended leases included."""
        ...

    def places(self, product: Product, performance: Performance | None, at: Instant) -> Places:
        """What is left of a product; leases count as far as they hold `at` this moment."""
        ...

    def board(self, ends_after: datetime) -> Sequence[PerformanceRow]:
        """Performances that have not ended, and events without performances (passes), published only."""
        ...

    def facts(self, serial: str) -> TicketFacts | None:
        """Everything known of a ticket, for domain.admission.decide."""
        ...

    def uses(self, serial: str) -> Sequence[Use]:
        """Admissions and exits of a ticket that are not undone, by time; also of one never sold here."""
        ...

    def heard(self, serial: str, product: int | None = None) -> Heard:
        """What was said of a ticket whose sale is not known here: prints, whether it was given back, and how
        its event stands, by its sale or by the `product` that its code names."""
        ...

    def seen_digest(self, serial: str) -> str:
        """Hexadecimal SHA-256 over the sorted ids of the admission entries known here for this ticket."""
        ...

    def seen_entries(self, serial: str) -> Sequence[str]:
        """Ids of all entries known here that speak of a ticket: what a claim tells the hub."""
        ...

    def ticket(self, serial: str) -> TicketView | None: ...

    def tickets_by_reference(self, reference: str) -> Sequence[TicketView]:
        """Tickets with this short reference (canonical form); rarely more than one."""
        ...

    def order(self, order: str) -> OrderView | None: ...

    def find_orders(self, text: str, limit: int = 50) -> Sequence[OrderRow]:
        """By order reference, ticket reference, receipt number or serial; empty text: the latest."""
        ...

    def sold_parts(self, order: str) -> Sequence[SoldPart]:
        """The tickets of an order with the parts that were stored at its sale."""
        ...

    def value(self, value: str) -> ValueView | None:
        """What is known here of a value, by the hash of its code."""
        ...

    def overdue_reservations(self, now: datetime) -> Sequence[str]:
        """Order ids of reservations that nobody paid in time, the oldest first; none that is being paid."""
        ...

    def payment(self, payment: str) -> PaymentStanding | None:
        """One payment that takes several steps."""
        ...

    def open_payments(self) -> Sequence[PaymentStanding]:
        """Payments of which nobody knows yet whether the money has moved, of all stations, oldest first."""
        ...

    def open_payment_of(self, order: str) -> PaymentStanding | None:
        """The one of an order."""
        ...

    def unanswered_payments(self, station: str, now: datetime) -> Sequence[PaymentStanding]:
        """Those begun at a station whose terminal has been silent for too long."""
        ...

    def unknown_payments(self, shift: str) -> Sequence[DoubtLine]:
        """Payments of an open shift whose end nobody knows."""
        ...

    def last_sale(self, station: str) -> str | None:
        """Order id of the latest sale of this station."""
        ...

    def scans(self, gate: str | None, limit: int = 30) -> Sequence[ScanRow]: ...
    def scan(self, entry_id: str) -> ScanRow | None: ...

    def last_admission(self, serial: str) -> ScanRow | None:
        """The latest admission of a ticket that is not undone."""
        ...

    def gate_counters(
        self, events: Sequence[int], performance: int | None, gate: str | None, now: datetime
    ) -> GateCounters:
        """`events` empty = all. `gate` None = total over all gates."""
        ...

    def open_conflicts(self) -> int: ...

    def conflicts(self, *, open_only: bool = True) -> Sequence[ConflictRow]:
        """The most urgent first, then the oldest."""
        ...

    def conflict(self, conflict: str) -> ConflictView | None: ...

    def held_entries(self, limit: int = 200) -> Sequence[HeldRow]:
        """Entries that are kept and not read, the latest first."""
        ...

    def open_shift(self, station: str) -> ShiftView | None:
        """The open shift of a station with its totals so far."""
        ...

    def running_shift(self, station: str) -> str | None:
        """The id of `open_shift`, without its totals: what an act needs, however long the shift has been."""
        ...

    def shift(self, shift: str) -> ShiftView | None: ...
    def last_shift(self, station: str) -> ShiftView | None: ...

    def clock_confirmed(self, shift: str) -> bool:
        """Whether somebody has said in this shift that the date shown is right."""
        ...

    def next_shift_number(self, station: str) -> int: ...
    def next_receipt_number(self, prefix: str, epoch: int, practice: bool) -> int: ...

    def people(self) -> Sequence[Person]: ...
    def person(self, user: str) -> Person | None: ...
    def person_by_login(self, login: str) -> Person | None: ...

    def document(self, document: str) -> Mapping[str, object] | None:
        """The JSON content of a document; None when it is not here (yet) or was erased."""
        ...

    def document_bytes(self, document: str) -> bytes | None:
        """The same for pictures and attachments."""
        ...

    def document_erased(self, document: str) -> bool: ...

    def personal_documents(self, user: str) -> Sequence[tuple[str, str, str]]:
        """(id, kind, feed) of the documents about a person that were not erased."""
        ...

    def documents(self, kind: str) -> Sequence[Mapping[str, object]]:
        """Contents of all erasable documents of a kind (`person`, `customer`) that are here."""
        ...

    def print_jobs(self, *, open_only: bool = True) -> Sequence[PrintJob]: ...
    def journal_rows(self, limit: int = 100, kind: str | None = None) -> Sequence[JournalRow]: ...
    def waiting_entries(self) -> int:
        """Own entries that the hub has not confirmed (0 for a station without a hub)."""
        ...


class RightsWork(Protocol):
    """Order rights and values inside a write transaction; nothing here waits for the hub."""

    def state(self, order: str, act: Act) -> RightState:
        """Whether the right is here (its number), else what the hub said last."""
        ...

    def ask(self, order: str, act: Act) -> Sequence[Draft]:
        """Note a request for the next exchange; answers entries to be appended with it."""
        ...

    def used(self, order: str, number: int) -> Sequence[Draft]:
        """Entries to be appended after the use of a right: a granted one goes back at once."""
        ...

    def value_grant(self, value: str, amount_minor: int) -> ValueGrant | None:
        """An amount of a value that the hub has set aside for this station."""
        ...

    def value_said(self, value: str) -> RightState:
        """What the hub said last about a value."""
        ...

    def ask_value(self, value: str, amount_minor: int, currency: str) -> None:
        """Note a request for an amount of a value."""
        ...


class Work(Protocol):
    """One write transaction. Leaving it without `commit()` undoes everything."""

    @property
    def read(self) -> Reads:
        """The state inside this transaction."""
        ...

    @property
    def rights(self) -> RightsWork:
        """Who alone may change an order."""
        ...

    def append(self, draft: Draft, actor: Actor, *, shift: str | None = None) -> Entry:
        """Seal the draft as the next entry of the journal and project it. Raises MalformedEntryError."""
        ...

    def append_many(
        self, drafts: Sequence[Draft], actor: Actor, *, shift: str | None = None
    ) -> Sequence[Entry]:
        """The same for several entries, in order."""
        ...

    @property
    def people(self) -> PeopleWriting:
        """What only this station knows about people."""
        ...

    def add_print_job(self, order: str, what: str) -> int:
        """Queue `tickets` or `receipt` or `tickets+receipt` of an order; not a fact, station-local."""
        ...

    def set_print_job(self, job: int, state: str, code: str | None = None) -> None: ...

    def put_document(self, document: str, kind: str, feed: str, content: Mapping[str, object] | bytes) -> str:
        """Store erasable data beside the journal; answers the hexadecimal hash for the entry of this same
        transaction that names it. Refuses DOCUMENT_TOO_LARGE, DOCUMENT_ERASED."""
        ...

    def erase_document(self, document: str, kind: str, feed: str, reason: Reason, actor: Actor) -> None:
        """Append the entry that erases a document here and everywhere, for ever; it need not be here."""
        ...

    def set_pin(self, user: str, verifier: str) -> None:
        """Store a person's PIN verifier (Argon2id, made by the caller) on this station."""
        ...

    def commit(self) -> None:
        """Make it durable. Raises Fault: DISK_FULL, STORE_READ_ONLY, STORE_BUSY, STORE_DAMAGED."""
        ...


class Store(Protocol):
    """The local store: many readers, one writer at a time."""

    def begin(self) -> AbstractContextManager[Work]:
        """Start a write transaction (waits for the one that is open; nothing slow may happen inside)."""
        ...

    def read(self) -> AbstractContextManager[Reads]:
        """A read-only snapshot."""
        ...


class PinBook(Protocol):
    """Verifiers and attempt counters, on disk so that a restart forgives nothing."""

    def verifier(self, user: str) -> str | None: ...
    def failures(self, user: str) -> tuple[int, datetime | None]:
        """Failed attempts since the last success, and until when the person is locked out."""
        ...

    def held_until(self, user: str) -> tuple[str, int] | None:
        """The same lock on the clock that nobody can set: boot id, and its milliseconds at the end."""
        ...

    def failed(
        self, user: str, locked_until: datetime | None, held_until: tuple[str, int] | None = None
    ) -> int:
        """Count a failure durably before anything else is tried; answers how many there are now."""
        ...

    def lock(self, user: str, locked_until: datetime, held_until: tuple[str, int]) -> None:
        """Move a lock to another end without counting anything."""
        ...

    def succeeded(self, user: str) -> None: ...


class CodeSigner(Protocol):
    """Makes ticket codes with this station's key; the same facts always give the same text."""

    @property
    def key_id(self) -> bytes: ...

    def code_for(self, ticket: TicketView) -> str | None:
        """The text for the QR; None when the ticket's current print was signed by another station."""
        ...


class KeyRing(Protocol):
    """Keys of all selling stations, as far as this station has heard of them."""

    def public_key(self, key_id: bytes) -> bytes | None: ...
    def is_revoked(self, key_id: bytes) -> bool: ...


class TicketRenderer(Protocol):
    """Turns orders into PDF bytes, in the language asked for."""

    def tickets(self, order: OrderView, codes: Mapping[str, str], paper: str, lang: str) -> bytes: ...
    def receipt(self, order: OrderView, copy: int, lang: str) -> bytes: ...
    def shift_report(self, shift: ShiftView, lang: str) -> bytes: ...


class FileSink(Protocol):
    """Where PDFs are put. Raises Fault PRINT_FOLDER_NOT_WRITABLE or DISK_FULL; never half a file."""

    def save(self, name: str, content: bytes, folder: str | None = None) -> str: ...


class PaperPrinter(Protocol):
    """The printer of the system. Raises DeviceFault."""

    def print_pdf(self, path: str, title: str) -> None: ...


class Turnstile(Protocol):
    """Opens the way. Raises DeviceFault."""

    def pulse(self, direction: str) -> None: ...


class GateClaims(Protocol):
    """The hub's word before a gate opens. Blocks no longer than the budget of domain.claims, whatever the hub
    does; never called with a transaction open."""

    def claim(self, asked: ClaimAsked, again: Callable[[], Sequence[str] | None]) -> ClaimAnswer:
        """Ask. Whatever the hub shows that was not seen here is taken into the store, and `again` is asked:
        the ids seen now, or None when the ticket no longer opens. Raises Fault of the store only."""
        ...


FreeBytes = Callable[[], int | None]
"""How much is free on the disk with the store; None when the system does not say."""

Nudge = Callable[[], None]
"""Tells the sync driver that there is something new; returns at once."""
