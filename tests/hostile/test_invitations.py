"""Invitations in the wrong hands, and words that people type about others."""

from pathlib import Path

import pytest

from app.printing.qr import qr_png, sheet_png
from domain.actor import SYSTEM, Role
from domain.enrolment_codes import split
from tests.cli.conftest import Cli, cli  # noqa: F401 - a fixture
from tests.hostile.nasty import NASTY
from tests.hostile.test_words_from_outside import tried
from tests.postgres import Hub
from tests.services.house import CASHIER, House

INVISIBLE = ("\u202e", "\u2066", "\u200f", "\x1b", "\x00", "\r", "\n", "\x7f")


def test_codes_that_were_filmed_join_nothing_once_the_file_was_used(
    cli: Cli,  # noqa: F811
    hub: Hub,
    tmp_path: Path,
) -> None:
    _, text = hub.invite("Till 1", "K1")
    sheet = tmp_path / "till.png"
    sheet.write_bytes(sheet_png(split(text)))
    shown = cli("enrol", str(sheet), "--show", data=tmp_path / "one")
    assert (shown.json["joined"], shown.json["sees"]["customers"]) == (False, True)
    assert not (tmp_path / "one" / "station.db").exists(), "looking joins nothing"
    joined = cli("enrol", str(sheet), data=tmp_path / "one")
    assert (joined.code, joined.json["name"]) == (0, "Till 1")
    thief = cli("enrol", str(sheet), data=tmp_path / "two")
    assert (thief.code, thief.error) == (1, "ENROLMENT_USED")
    assert not (tmp_path / "two" / "station.db").exists()


def test_half_a_set_a_bent_code_and_a_stranger_s_code_are_refused_in_words(
    cli: Cli,  # noqa: F811
    hub: Hub,
    tmp_path: Path,
) -> None:
    codes = split(hub.invite("Till 1", "K1")[1])
    pictures = []
    for number, code in enumerate(codes):
        pictures.append(tmp_path / f"{number}.png")
        pictures[-1].write_bytes(qr_png(code))
    half = cli("enrol", *map(str, pictures[:-1]))
    assert (half.code, half.error) == (1, "ENROLMENT_CODES_MISSING")
    assert half.json["error"]["params"] == {"have": len(codes) - 1, "of": len(codes)}
    bent = tmp_path / "bent.png"
    bent.write_bytes(qr_png(codes[-1][:-2] + ("AA" if codes[-1][-2:] != "AA" else "BB")))
    assert cli("enrol", *map(str, pictures[:-1]), str(bent)).error == "ENROLMENT_CODES_DAMAGED"
    other = tmp_path / "other.png"
    other.write_bytes(qr_png("A" * 152))
    assert cli("enrol", str(other)).error == "ENROLMENT_CODES_MISSING"
    other.write_bytes(b"no picture")
    assert cli("enrol", str(other)).code == 3
    backwards = cli("enrol", *map(str, reversed(pictures)), "--show")
    assert backwards.json["name"] == "Till 1"


@pytest.mark.parametrize("kind", NASTY)
def test_a_guest_s_name_and_a_reason_are_kept_clean_or_refused(house: House, kind: str) -> None:
    order = house.sell("full").order.order
    kept, refusal = tried(lambda: house.services.name_guest(order, NASTY[kind], CASHIER))
    assert refusal is not None or not any(sign in kept for sign in INVISIBLE)
    assert refusal is None or refusal.code in {"NAME_TOO_LONG", "NAME_EMPTY"}
    user = house.services.add_user("otto", "Otto", [Role.GATE], "1357", SYSTEM)
    admin = house.services.sign_in.by_login("anna", "2580")
    _, refusal = tried(lambda: house.services.people.change.disable(user, NASTY[kind], admin))
    assert refusal is None or refusal.code in {"REASON_TOO_LONG", "NAME_EMPTY"}
    with house.station.store.read() as read:
        named = [one for one, found, _ in read.personal_documents(user) if found == "person_note"]
        notes = [read.document(one) for one in named]
    assert (refusal is None) == bool(notes)
    assert not any(sign in note["text"] for note in notes for sign in INVISIBLE)
    assert house.station.verify().problems == []
