"""An enrolment file as codes: whole from any order, never from parts of two, never from a bent one."""

import json
import random
from datetime import timedelta

import pytest

from domain import enrolment
from domain.certificates import EVERYTHING
from domain.enrolment import HubAddress
from domain.enrolment_codes import MOST_PARTS, PART_LETTERS, Collection, Taken, split
from domain.errors import Refusal
from domain.scope_seen import seen_by
from domain.ticket_code import SigningKey
from sync.hub_admin import Invited, enrolment_file
from tests.builders import NOW, seeded_random_bytes

ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
ROOT = SigningKey.from_seed(bytes(range(32)))
CA = "-----BEGIN CERTIFICATE-----\n" + "\n".join(["MIIBtjCCAVugAwIBAgIUQ" + "Zz0" * 14] * 12) + "\n-----END\n"


def a_file(name: str = "Till 1", seed: int = 3, ca: str | None = CA) -> str:
    """A whole file as a hub writes it, by default with the authority of its TLS."""
    chance = seeded_random_bytes(seed)
    hub = HubAddress("hub.example", 5432, "gatehouse", "station_0c3f81aa", "verify-full", ca)
    invited = Invited("0c3f81aa", name, "K1", EVERYTHING, 1)
    organization = "01890000-0000-7000-8000-000000000001"
    file = enrolment_file(organization, hub, invited, ROOT, NOW, NOW + timedelta(days=3), chance)
    return enrolment.write(file, ROOT)


def same(one: str, other: str) -> bool:
    return bool(json.loads(one) == json.loads(other))


@pytest.mark.parametrize("ca", [None, CA])
def test_the_codes_give_the_file_again_in_any_order(ca: str | None) -> None:
    text = a_file(ca=ca)
    codes = split(text)
    assert 1 < len(codes) <= 6
    for turn in range(5):
        random.Random(turn).shuffle(codes)
        found = Collection()
        for number, code in enumerate(codes, 1):
            assert found.take(code) is Taken.NEW
            assert found.take(f" {code}\r\n") is Taken.KNOWN
            assert len(found.missing) == len(codes) - number
        assert found.complete
        assert same(found.text(), text)
        assert enrolment.read(found.text(), NOW).name == "Till 1"


def test_every_code_stays_in_qrs_small_alphabet_and_short() -> None:
    for code in split(a_file()):
        assert set(code) <= ALPHANUMERIC
        assert len(code) <= PART_LETTERS + 30


def test_codes_of_two_files_are_never_put_together() -> None:
    first, second = split(a_file("Till 1", 3)), split(a_file("Till 2", 4))
    found = Collection()
    found.take(first[0])
    assert found.take(second[1]) is Taken.OTHER_SET
    assert found.missing[0] == 1
    for code in second:
        found.take(code)
    assert enrolment.read(found.text(), NOW).name == "Till 2"


@pytest.mark.parametrize(
    "text",
    [
        "", "GHE1:", "https://example.com/GHE1:1/2", "A" * 152, "GHE1:0/2:AAAAAAAAAAAA:MFRA",
        "GHE1:3/2:AAAAAAAAAAAA:MFRA", "GHE1:1/2:AAAA:MFRA", "ghe1:1/2:aaaaaaaaaaaa:mfra",
        f"GHE1:1/99:AAAAAAAAAAAA:{'A' * 10}", f"GHE1:1/{MOST_PARTS}:AAAAAAAAAAAA:{'A' * (PART_LETTERS + 1)}",
        "GHE1:1/2:AAAAAAAAAAAA:МЯ", "\x00" * 40,
    ],
)  # fmt: skip
def test_what_is_no_code_of_ours_changes_nothing(text: str) -> None:
    found = Collection()
    kept = split(a_file())[0]
    found.take(kept)
    before = dict(found.parts)
    assert found.take(text) is Taken.FOREIGN
    assert found.parts == before


def test_half_of_the_codes_are_refused_in_words_with_numbers() -> None:
    found = Collection()
    codes = split(a_file())
    for code in codes[:-1]:
        found.take(code)
    with pytest.raises(Refusal) as refused:
        found.text()
    assert refused.value.code == "ENROLMENT_CODES_MISSING"
    assert refused.value.params == {"have": len(codes) - 1, "of": len(codes)}
    with pytest.raises(Refusal):
        Collection().text()


@pytest.mark.parametrize("seed", range(12))
def test_one_bent_letter_anywhere_is_noticed_and_all_is_read_anew(seed: int) -> None:
    chance = random.Random(seed)
    codes = split(a_file())
    at = chance.randrange(len(codes))
    head, _, body = codes[at].rpartition(":")
    place = chance.randrange(len(body) - 1)
    other = chance.choice([letter for letter in "ABCDEFGH234567" if letter != body[place]])
    codes[at] = f"{head}:{body[:place]}{other}{body[place + 1 :]}"
    found = Collection()
    for code in codes:
        found.take(code)
    with pytest.raises(Refusal) as refused:
        found.text()
    assert refused.value.code == "ENROLMENT_CODES_DAMAGED"
    assert (found.of, found.parts) == (0, {})


def test_a_file_that_was_edited_makes_codes_that_are_refused_as_forged() -> None:
    edited = json.loads(a_file()) | {"organization": "01890000-0000-7000-8000-0000000000ff"}
    found = Collection()
    for code in split(json.dumps(edited)):
        found.take(code)
    with pytest.raises(Refusal) as refused:
        enrolment.read(found.text(), NOW)
    assert refused.value.code == "ENROLMENT_FORGED"
    with pytest.raises(Refusal) as refused:
        enrolment.read(a_file(), NOW + timedelta(days=4))
    assert refused.value.code == "ENROLMENT_EXPIRED"


def test_what_is_no_file_makes_no_codes() -> None:
    for text in ("", "no json", "[" * 100_000):
        with pytest.raises(Refusal) as refused:
            split(text)
        assert refused.value.code == "ENROLMENT_INVALID"


def test_what_a_station_will_see_follows_its_scope() -> None:
    everything = seen_by(EVERYTHING)
    assert (everything.events, everything.cash, everything.customers) == (None, True, True)
    gate = seen_by(("event:7", "event:12", "org"))
    assert gate.events == (7, 12)
    assert (gate.cash, gate.support, gate.customers, gate.people) == (False, False, False, True)
    office = seen_by(("cash", "desk", "event:7", "org"))
    assert (office.cash, office.support, office.customers) == (True, True, True)
