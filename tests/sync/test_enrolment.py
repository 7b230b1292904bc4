"""Joining a hub: once, in time, with a file that nobody has touched."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from domain import enrolment as enrolment_file
from domain.certificates import TrustStore, parse_chain
from domain.entry import HUB
from domain.errors import Fault, Refusal
from domain.ticket_code import SigningKey
from sync import enrolment, hub_admin
from sync.hub_client import HubClient
from sync.messages import PullReply
from tests.postgres import ROOT, Hub


def now() -> datetime:
    return datetime.now(UTC)


def joined(text: str) -> enrolment.Enrolled:
    file = enrolment_file.read(text, now())
    return enrolment.join(file, enrolment.prepare(file, now(), os.urandom))


def refusal(action, *arguments) -> Refusal:
    with pytest.raises(Refusal) as refused:
        action(*arguments)
    return refused.value


def test_a_station_joins_and_everybody_learns_its_certificate_from_the_org_feed(hub: Hub) -> None:
    one, two = hub.join("Till 1", "A"), hub.join("Till 2", "B")
    client = HubClient.connect(two.dsn, two.password, "test")
    reply = client.pull(two.incarnation, {}, 100)
    client.close()
    assert isinstance(reply, PullReply)
    entries = reply.pages[0].entries
    assert [(entry.station, entry.kind, entry.sig) for entry in entries] == [
        (HUB, "certificate_issued", b"")
    ] * 2
    assert entries[1].prev_hash == entries[0].hash
    assert str(entries[1].origin.hlc) > str(entries[0].origin.hlc)
    trust = TrustStore(two.root)
    for entry in entries:
        assert trust.verify_entry(entry) is None
        trust.add(parse_chain(entry.body["certificates"]))
    assert trust.stations() == sorted([one.station, two.station])
    assert trust.key_for_station(one.station).key == SigningKey.from_seed(one.seed).public


def test_the_secret_of_the_file_is_dead_after_joining(hub: Hub) -> None:
    file, text = hub.invite()
    enrolled = joined(text)
    with pytest.raises(Fault) as refused:
        HubClient.connect(enrolled.dsn, file.secret, "test")
    assert refused.value.code == "HUB_PASSWORD"
    HubClient.connect(enrolled.dsn, enrolled.password, "test").close()


def test_a_file_joins_one_station_only(hub: Hub) -> None:
    _, text = hub.invite()
    first = joined(text)
    second = refusal(joined, text)
    assert (second.code, second.params["station"]) == ("ENROLMENT_USED", first.station)


def test_joining_again_after_a_lost_answer_gives_the_same(hub: Hub) -> None:
    _, text = hub.invite()
    file = enrolment_file.read(text, now())
    joining = enrolment.prepare(file, now(), os.urandom)
    assert enrolment.join(file, joining) == enrolment.join(file, joining)


def test_another_key_for_a_used_invitation_is_refused_by_the_hub_too(hub: Hub) -> None:
    _, text = hub.invite()
    file = enrolment_file.read(text, now())
    first = enrolment.join(file, enrolment.prepare(file, now(), os.urandom))
    client = HubClient.connect(first.dsn, first.password, "test")
    answer = client.enrol([each.to_json() for each in enrolment.prepare(file, now(), os.urandom).chain])
    client.close()
    assert answer.code == "ENROLMENT_USED"


def test_an_expired_file_is_refused_here_and_at_the_hub(hub: Hub) -> None:
    made = now() - timedelta(days=4)
    file, text = hub.invite(now=made)
    assert refusal(enrolment_file.read, text, now()).code == "ENROLMENT_EXPIRED"
    late = enrolment.prepare(file, made, os.urandom)
    assert refusal(enrolment.join, file, late).code == "ENROLMENT_EXPIRED"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("secret",), "another", "ENROLMENT_FORGED"),
        (("hub", "host"), "evil.example", "ENROLMENT_FORGED"),
        (("expires_at",), "2099-01-01T00:00:00.000Z", "ENROLMENT_FORGED"),
        (("root",), SigningKey.from_seed(b"x" * 32).public.hex(), "ENROLMENT_FORGED"),
        (("seed",), "11" * 32, "ENROLMENT_FORGED"),
        (("epoch",), 2, "ENROLMENT_FORGED"),
        (("more",), "field", "ENROLMENT_FORGED"),
        (("sig",), "00" * 64, "ENROLMENT_FORGED"),
        (("sig",), "not hex", "ENROLMENT_INVALID"),
        (("seed",), "11", "ENROLMENT_INVALID"),
        (("hub", "port"), "5432", "ENROLMENT_INVALID"),
        (("hub",), [], "ENROLMENT_INVALID"),
        (("certificate",), {}, "ENROLMENT_INVALID"),
        (("format",), 2, "ENROLMENT_INVALID"),
        (("kind",), "other", "ENROLMENT_INVALID"),
        (("epoch",), 0, "ENROLMENT_INVALID"),
        (("epoch",), 1.5, "ENROLMENT_INVALID"),
    ],
)
def test_a_file_edited_by_hand_is_refused(hub: Hub, path: tuple, value: object, code: str) -> None:
    _, text = hub.invite()
    fields = json.loads(text)
    place = fields
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert refusal(enrolment_file.read, json.dumps(fields), now()).code == code


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", "{}", "[" * 60_000, '{"kind": "gatehouse-enrolment"', "x" * 70_000]
)
def test_what_is_no_enrolment_file_is_refused(text: str) -> None:
    assert refusal(enrolment_file.read, text, now()).code == "ENROLMENT_INVALID"


def test_a_file_made_with_another_root_key_is_not_taken_by_the_hub(hub: Hub) -> None:
    file, _ = hub.invite()
    other = SigningKey.from_seed(os.urandom(32))
    forged_certificate = enrolment_file.certificates.issue(
        enrolment_file.Certificate(
            **{
                name: getattr(file.certificate.certificate, name)
                for name in enrolment_file.Certificate.__dataclass_fields__
                if name != "issuer"
            },
            issuer=other.public,
        ),
        other,
    )
    forged = enrolment_file.EnrolmentFile(
        file.organization,
        other.public,
        file.hub,
        file.secret,
        forged_certificate,
        file.seed,
        1,
        file.expires_at,
    )
    again = enrolment_file.read(enrolment_file.write(forged, other), now())
    refused = refusal(enrolment.join, again, enrolment.prepare(again, now(), os.urandom))
    assert refused.code == "ENROLMENT_FORGED"
    with hub.admin() as admin:
        assert admin.execute("SELECT count(*) FROM hub.station").fetchone() == (0,)


def test_a_name_or_prefix_in_use_is_not_given_twice(hub: Hub) -> None:
    hub.invite("Till 1", "A")
    assert refusal(hub.invite, "Till 1", "B").params["field"] == "name"
    assert refusal(hub.invite, "Till 2", "A").params["field"] == "prefix"


def test_only_the_organizations_root_key_invites(hub: Hub) -> None:
    with pytest.raises(Refusal) as refused:
        hub_admin.invite(
            hub.dsn,
            name="Till",
            prefix="T",
            scope="*",
            root=SigningKey.from_seed(os.urandom(32)),
            now=now(),
            random_bytes=os.urandom,
        )
    assert refused.value.code == "ROOT_KEY_WRONG"
    assert ROOT.public not in refused.value.params.values()


def test_a_file_whose_hub_is_away_can_be_used_later(hub: Hub) -> None:
    _, text = hub.invite()
    hub.server.stop("immediate")
    with pytest.raises(Fault) as away:
        joined(text)
    assert away.value.code == "HUB_UNREACHABLE"
    hub.server.start()
    assert joined(text).epoch == 1


def test_secrets_stay_out_of_reprs(hub: Hub) -> None:
    file, text = hub.invite()
    enrolled = joined(text)
    shown = repr(file) + repr(enrolled)
    for secret in (file.secret, file.seed.hex(), enrolled.password, enrolled.seed.hex(), repr(file.seed)):
        assert secret not in shown
