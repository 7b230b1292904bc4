"""What a station has given up stays given up, whatever comes under the id of the entry that said so."""

from app.store.right_port import given_up
from domain.rights import Act, Kept
from tests.store.station import CASHIER, Sale, Station
from tests.store.test_replica import Pulling, pulling

__all__ = ["pulling"]


def test_a_right_given_up_does_not_come_back_where_another_content_counts(
    theatre: Station, pulling: Pulling
) -> None:
    """The hub may have granted it to somebody else by then."""
    pulling.certify()
    theatre.store.set_station(has_hub=True)
    sale = Sale(theatre.random)
    theatre.append(sale.draft())
    assert held(pulling, sale) == 0
    with pulling.store.begin() as work:
        own = work.append(given_up([Kept(sale.order, 0, 0)]), CASHIER)
        work.commit()
    assert held(pulling, sale) is None
    twins = (pulling.other.add(body={"values": {"n": n}}, entry_id=own.entry_id) for n in range(100))
    pulling.pull(next(each for each in twins if each.content_hash < own.content_hash))
    assert pulling.store.replica.kept_aside() == (0, 1)
    assert held(pulling, sale) is None


def held(pulling: Pulling, sale: Sale) -> int | None:
    with pulling.store.begin() as work:
        return work.rights.number(sale.order, Act.REFUND)
