"""People whose only place is a gate: where their passwords go, so that they can sign in there."""

from pathlib import Path

from domain.actor import Role
from tests.hub.stations import RealStation, joined
from tests.postgres import Hub
from tests.services.house import ADMIN


def test_gate_staff_sign_in_for_the_first_time_at_a_gate(hub: Hub, tmp_path: Path) -> None:
    """A station that is only a gate gets the verifiers, and a password that is set there counts."""
    till = joined(hub, tmp_path, "Till 1", "A")
    _, text = hub.invite("Gate", "G", scope=["org", "event:1"])
    gate = RealStation(tmp_path / "G", text)
    invite = till.station.services.people.invite
    assert till.sync() is None, "who gives rights has heard the hub"
    code = invite("gus", "Gus", [Role.GATE], ADMIN).code
    till.station.services.people.accept("gus", code, "a long secret of gus", "2580")
    other = invite("gil", "Gil", [Role.GATE], ADMIN).code
    for station in (till, gate, till, gate):
        assert station.sync() is None
    assert gate.station.services.sign_in.with_password("gus", "a long secret of gus").roles == {Role.GATE}
    gate.station.services.people.accept("gil", other, "a long secret of gil", "1357")
    assert gate.store.documents.waiting() > 0
    for station in (gate, till):
        assert station.sync() is None
    assert till.station.services.sign_in.with_password("gil", "a long secret of gil").login == "gil"
    assert gate.station.services.sync.view().documents == 0
    for station in (till, gate):
        assert station.station.verify().clean
        station.close()
