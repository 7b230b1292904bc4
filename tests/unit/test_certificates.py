"""Which key speaks for which station: chains, forgeries, time, revocation."""

import dataclasses
import os
from datetime import UTC, datetime, timedelta

import pytest

from domain.certificates import (
    EVERYTHING,
    STATION_USAGE,
    Certificate,
    SignedCertificate,
    TrustStore,
    Usage,
    issue,
    parse,
    parse_chain,
)
from domain.entry import HUB
from domain.errors import Refusal
from domain.ticket_code import SigningKey, key_id
from tests.journal import Journal

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ROOT = SigningKey.from_seed(b"r" * 32)
ENROLMENT = SigningKey.from_seed(b"e" * 32)
STATION = SigningKey.from_seed(b"s" * 32)
STRANGER = SigningKey.from_seed(b"x" * 32)


def certificate(**changes: object) -> Certificate:
    fields = {
        "id": "c-1",
        "organization": "org-1",
        "station": "aaaa0001",
        "name": "Till 1",
        "prefix": "A",
        "key": STATION.public,
        "usage": STATION_USAGE,
        "scope": EVERYTHING,
        "not_before": NOW,
        "not_after": NOW + timedelta(days=365),
        "issuer": ROOT.public,
    }
    return Certificate(**(fields | changes))


def enrolment(**changes: object) -> SignedCertificate:
    fields = {
        "id": "e-1",
        "key": ENROLMENT.public,
        "usage": frozenset({Usage.ENROL}),
        "not_after": NOW + timedelta(days=3),
    }
    return issue(certificate(**(fields | changes)), ROOT)


def enrolled(**changes: object) -> SignedCertificate:
    return issue(certificate(**({"issuer": ENROLMENT.public, "not_before": NOW} | changes)), ENROLMENT)


def code_of(action: object, *arguments: object) -> tuple[str, object]:
    with pytest.raises(Refusal) as refused:
        action(*arguments)
    return refused.value.code, refused.value.params.get("field")


def test_a_station_alone_is_certified_by_its_own_root() -> None:
    store = TrustStore(ROOT.public, [(issue(certificate(), ROOT),)])
    assert store.key_for_station("aaaa0001").key == STATION.public


def test_a_chain_of_two_is_followed_from_the_root() -> None:
    store = TrustStore(ROOT.public)
    assert store.add((enrolment(), enrolled())).key == STATION.public
    assert store.stations() == ["aaaa0001"]


def test_a_certificate_survives_being_written_and_read() -> None:
    signed = issue(certificate(name="Zoë Ж", scope=("event:1", "org"), not_after=None), ROOT)
    assert parse(signed.to_json()) == signed
    assert parse_chain([signed.to_json()]) == (signed,)


@pytest.mark.parametrize(
    ("chain", "field"),
    [
        ((), "root"),
        ((issue(certificate(issuer=STRANGER.public), STRANGER),), "root"),
        ((dataclasses.replace(issue(certificate(), ROOT), sig=bytes(64)),), "root"),
        ((enrolment(),), "usage"),
        ((issue(certificate(), ROOT), issue(certificate(issuer=STATION.public), STATION)), "usage"),
        ((enrolment(), issue(certificate(issuer=STRANGER.public), STRANGER)), "issuer"),
        ((enrolment(), enrolled(station="aaaa0002")), "station"),
        ((enrolment(), enrolled(organization="org-2")), "organization"),
        ((enrolment(), enrolled(prefix="B")), "prefix"),
        ((enrolment(scope=("org",)), enrolled()), "scope"),
        ((enrolment(scope=("org",)), enrolled(scope=("cash", "org"))), "scope"),
        ((enrolment(), enrolled(not_before=NOW + timedelta(days=4))), "not_before"),
        ((enrolment(), enrolled(usage=frozenset({Usage.ENROL}))), "usage"),
        ((enrolment(), enrolled(), enrolled()), "root"),
    ],
)
def test_a_chain_that_does_not_fit_is_forged(chain: tuple[SignedCertificate, ...], field: str) -> None:
    assert code_of(TrustStore(ROOT.public).add, chain) == ("CERTIFICATE_FORGED", field)


def test_every_changed_letter_of_a_certificate_is_found() -> None:
    signed = issue(certificate(), ROOT)
    store = TrustStore(ROOT.public)
    for place in range(0, len(signed.text), 3):
        letter = "0" if signed.text[place] != "0" else "1"
        text = signed.text[:place] + letter + signed.text[place + 1 :]
        with pytest.raises(Refusal):
            store.add((parse({"text": text, "sig": signed.sig.hex()}),))
    assert store.stations() == []


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (None, "text"),
        ({"text": 1}, "text"),
        ({"text": "{}", "sig": "zz"}, "sig"),
        ({"text": "{", "sig": ""}, "text"),
        ({"text": "{}", "sig": ""}, "format"),
        ({"text": '{"format":1}', "sig": ""}, "id"),
        ({"text": "[" * 4000, "sig": ""}, "text"),
        ({"text": " " + issue(certificate(), ROOT).text, "sig": ""}, "text"),
        ({"text": issue(certificate(), ROOT).text.replace("aaaa0001", HUB), "sig": ""}, "station"),
        ({"text": issue(certificate(), ROOT).text.replace('"sell"', '"rule"'), "sig": ""}, "usage"),
    ],
)
def test_what_is_no_certificate_is_refused_with_the_field(value: object, field: str) -> None:
    assert code_of(parse, value) == ("CERTIFICATE_INVALID", field)


def test_an_enrolment_key_signs_one_station_key_only() -> None:
    store = TrustStore(ROOT.public, [(enrolment(), enrolled())])
    second = enrolled(id="c-2", key=STRANGER.public)
    assert code_of(store.add, (enrolment(), second))[0] == "ENROLMENT_USED"
    assert store.add((enrolment(), enrolled())).key == STATION.public


def test_the_end_of_a_certificate_stops_selling_and_not_old_tickets() -> None:
    store = TrustStore(ROOT.public, [(issue(certificate(), ROOT),)])
    later = NOW + timedelta(days=400)
    known = store.key_for_station("aaaa0001")
    assert known.may_sell_at(NOW)
    assert not known.may_sell_at(later)
    assert not known.may_sell_at(NOW - timedelta(days=1))
    assert [each.station for each in store.key_by_id(key_id(STATION.public))] == ["aaaa0001"]
    assert store.key_by_id(b"none") == ()


def test_a_second_certificate_of_a_station_leaves_the_first_ones_entries_good() -> None:
    new_key = SigningKey.from_seed(b"n" * 32)
    store = TrustStore(ROOT.public, [(issue(certificate(), ROOT),)])
    store.add((issue(certificate(id="c-2", key=new_key.public, not_before=NOW + timedelta(days=1)), ROOT),))
    assert store.key_for_station("aaaa0001").key == new_key.public
    assert store.verify_entry(Journal("aaaa0001", STATION).add()) is None
    assert store.verify_entry(Journal("aaaa0001", new_key).add()) is None


def test_entries_are_believed_by_signature_station_and_revocation() -> None:
    store = TrustStore(ROOT.public, [(issue(certificate(), ROOT),)])
    journal = Journal("aaaa0001", STATION)
    first, second = journal.add(), journal.add()
    assert store.verify_entry(first) is None
    assert store.verify_entry(Journal("aaaa0002", STATION).add()) == "UNKNOWN_STATION"
    assert store.verify_entry(Journal("aaaa0001", STRANGER).add()) == "BAD_SIGNATURE"
    assert store.verify_entry(dataclasses.replace(first, hash=os.urandom(32))) == "BAD_SIGNATURE"
    store.revoke("aaaa0001", 1)
    store.revoke("aaaa0001", 5)
    assert store.revoked_after("aaaa0001") == 1
    assert store.verify_entry(first) is None
    assert store.verify_entry(second) == "REVOKED_STATION"


def test_the_hubs_own_entries_are_unsigned_and_nobody_else_may_claim_to_be_the_hub() -> None:
    store = TrustStore(ROOT.public)
    own = dataclasses.replace(Journal(HUB, STATION).add(), sig=b"")
    assert store.verify_entry(own) is None
    assert store.verify_entry(Journal(HUB, STATION).add()) == "BAD_SIGNATURE"


def test_a_key_without_the_journal_usage_signs_no_entries() -> None:
    store = TrustStore(ROOT.public, [(issue(certificate(usage=frozenset({Usage.SELL})), ROOT),)])
    assert store.verify_entry(Journal("aaaa0001", STATION).add()) == "UNKNOWN_STATION"


def test_signing_with_another_key_than_the_named_issuer_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="issuer"):
        issue(certificate(), STRANGER)
