"""How fast a sale of 4 tickets is: cart → durable, with the signed codes of all tickets.

    python -m tests.bench.bench_sale [tickets ...]      (default: 10000 1000000 tickets already in the store)

prints one JSON line per figure. The floor is the same number of raw rows in one commit of plain, unencrypted
SQLite, plus one Ed25519 signature for each thing that is signed (the entry and four codes).
"""

import sys
import tempfile
from pathlib import Path

from app.services.sell import Item, SaleRequest, SellOrder, Tendered
from app.services.shifts import OpenShift
from app.signer import StationSigner
from domain.order import Tender
from tests.bench.bench_gate import report
from tests.bench.floor import Floor, percentile, timed
from tests.bench.venue import ACTOR, PERFORMANCES, PRODUCT, Venue

SALES = 400
WARM_UP = 40
TICKETS = 4
ROWS = 1 + 1 + 1 + 1 + 1 + 1 + 3 * TICKETS
"""journal, order, payment, place count, sums, print job; and per ticket its position, sums and place."""
SIGNATURES = 1 + TICKETS


def measure(venue: Venue, floor: Floor) -> tuple[list[float], list[float]]:
    """Times of sales over all performances, and of the floor between them, in milliseconds."""
    signer = StationSigner(venue.store.signing_key, practice=False)
    OpenShift(venue.store, venue.random.randbytes, lambda: None)(10_000, ACTOR)
    sell = SellOrder(venue.store, signer, venue.clock, venue.random.randbytes, lambda: None)
    sales, floors = [], []
    for number in range(SALES + WARM_UP):
        request = SaleRequest(
            [Item(PRODUCT.number, 200 + number % PERFORMANCES, TICKETS)],
            [Tendered(Tender.CASH, TICKETS * PRODUCT.price_minor)],
        )
        sale = timed(lambda request=request: sell(request, ACTOR))
        raw = timed(lambda: floor.sale(ROWS, SIGNATURES))
        if number >= WARM_UP:
            sales.append(sale)
            floors.append(raw)
    return sales, floors


def main() -> None:
    """All sizes."""
    for size in [int(text) for text in sys.argv[1:]] or [10_000, 1_000_000]:
        with tempfile.TemporaryDirectory() as folder:
            venue, floor = Venue(Path(folder), size), Floor(Path(folder))
            sales, floors = measure(venue, floor)
            venue.store.close()
            floor.close()
        base, median = percentile(floors, 0.5), percentile(sales, 0.5)
        report(f"sale_of_4_p50_{size}", median, "ms", base, "<= 10 x floor", ok=median <= 10 * base)
        slow = percentile(sales, 0.99)
        report(f"sale_of_4_p99_{size}", slow, "ms", percentile(floors, 0.99), "reported", ok=True)


if __name__ == "__main__":
    main()
