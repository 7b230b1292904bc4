"""What the hub answers, as values, and the strict reading of it.

Unknown fields are ignored (a newer hub may say more); a missing or ill-typed one is Fault HUB_REPLY with the
field's name, since a guess about what the hub meant could lose an entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.errors import Fault, Param
from sync.ports import Page, Tip


@dataclass(frozen=True, slots=True)
class Denied:
    """The hub says no: a code such as FORK, GAP, REVOKED, INCARNATION, and what goes with it."""

    code: str
    params: Mapping[str, Param] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Versioned:
    """The station's full set of leases or rights, with the version that orders such sets."""

    version: int
    items: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Standing:
    """What every good answer carries: hub time in ms, limits for the next push, leases and rights."""

    hub_ms: int
    retry_after_ms: int
    max_batch: int
    max_bytes: int
    leases: Versioned
    rights: Versioned


@dataclass(frozen=True, slots=True)
class HelloReply:
    """`tip` is where this station's journal ends at the hub."""

    incarnation: str
    schema: str
    mode: str
    organization: str
    tip: Tip
    standing: Standing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one pushed entry that is not plainly stored: alias · held · conflict · quarantined."""

    seq: int
    entry_id: str | None
    outcome: str
    code: str | None


@dataclass(frozen=True, slots=True)
class PushReply:
    """`acked` is the hub's tip of this station after the push; `right_answer` what it said to the request for
    rights and values that went along."""

    acked: Tip
    outcomes: Sequence[Outcome]
    standing: Standing
    right_answer: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PullReply:
    """Pages in the order to apply; `heads` tells how far every feed in scope goes, `waiting` how many more
    entries than the cursors there were before these pages."""

    incarnation: str
    hub_ms: int
    heads: Mapping[str, int]
    waiting: int
    pages: Sequence[Page]

    @property
    def received(self) -> int:
        """Entries in the pages, damaged ones included."""
        return sum(len(page.entries) + len(page.damaged) for page in self.pages)


class Answer:
    """A JSON object from the hub, read field by field; `path` names it in faults."""

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, dict):
            raise Fault("HUB_REPLY", field=path or "reply")
        self._value: dict[str, Any] = value
        self._path = path

    def _wrong(self, name: str) -> Fault:
        return Fault("HUB_REPLY", field=f"{self._path}{name}")

    def text(self, name: str) -> str:
        """A text."""
        value = self._value.get(name)
        if not isinstance(value, str):
            raise self._wrong(name)
        return value

    def text_or_none(self, name: str) -> str | None:
        """A text, or None when it is null or not there."""
        return None if self._value.get(name) is None else self.text(name)

    def number(self, name: str) -> int:
        """A whole number that is not negative."""
        value = self._value.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._wrong(name)
        return value

    def hash(self, name: str) -> bytes:
        """32 bytes in hexadecimal."""
        try:
            value = bytes.fromhex(self.text(name))
        except ValueError:
            raise self._wrong(name) from None
        if len(value) != 32:
            raise self._wrong(name)
        return value

    def inner(self, name: str) -> "Answer":
        """An object inside."""
        return Answer(self._value.get(name), f"{self._path}{name}.")

    def items(self, name: str) -> Sequence["Answer"]:
        """A list of objects."""
        value = self._value.get(name)
        if not isinstance(value, list):
            raise self._wrong(name)
        return [Answer(item, f"{self._path}{name}[{number}].") for number, item in enumerate(value)]

    def numbers(self, name: str) -> Mapping[str, int]:
        """An object whose values are whole numbers."""
        inner = self.inner(name)
        return {key: inner.number(key) for key in inner.plain()}

    def plain(self) -> Mapping[str, Any]:
        """The object as it came."""
        return self._value

    def denied(self) -> Denied | None:
        """The `code` and the plain fields beside it, None for a good answer."""
        if "code" not in self._value:
            return None
        params = {
            name: value
            for name, value in self._value.items()
            if name != "code" and (value is None or isinstance(value, (str, int, bool)))
        }
        return Denied(self.text("code"), params)


def read_tip(answer: Answer) -> Tip:
    """`{epoch, seq, hash}`."""
    return Tip(answer.number("epoch"), answer.number("seq"), answer.hash("hash"))


def _versioned(answer: Answer) -> Versioned:
    return Versioned(answer.number("version"), [item.plain() for item in answer.items("items")])


def _standing(answer: Answer) -> Standing:
    return Standing(
        hub_ms=answer.number("hub_ms"),
        retry_after_ms=answer.number("retry_after_ms"),
        max_batch=answer.number("max_batch"),
        max_bytes=answer.number("max_bytes"),
        leases=_versioned(answer.inner("leases")),
        rights=_versioned(answer.inner("rights")),
    )


def read_hello(value: object) -> HelloReply | Denied:
    """The answer of api_1.hello."""
    answer = Answer(value)
    if (denied := answer.denied()) is not None:
        return denied
    return HelloReply(
        incarnation=answer.text("incarnation"),
        schema=answer.text("schema"),
        mode=answer.text("mode"),
        organization=answer.text("organization"),
        tip=read_tip(answer.inner("tip")),
        standing=_standing(answer),
    )


def read_push(value: object) -> PushReply | Denied:
    """The answer of api_1.push."""
    answer = Answer(value)
    if (denied := answer.denied()) is not None:
        return denied
    return PushReply(
        acked=read_tip(answer.inner("acked")),
        outcomes=[
            Outcome(
                item.number("seq"),
                item.text_or_none("entry_id"),
                item.text("outcome"),
                item.text_or_none("code"),
            )
            for item in answer.items("outcomes")
        ],
        standing=_standing(answer),
        right_answer=_right_answer(answer),
    )


def _right_answer(answer: Answer) -> Mapping[str, Any] | None:
    """What was said to a request for rights; a hub before revision 0008 says nothing."""
    if answer.plain().get("right_answer") is None:
        return None
    said = answer.inner("right_answer")
    said.text("id"), said.items("rights"), said.items("values")
    return said.plain()
