"""How fast tickets become PDF: 1,000 in a batch, and one order of 4 with warm fonts.

    python tests/bench/bench_pdf.py

prints one JSON line per figure: name, value, unit, floor, ratio, goal, ok. There is no floor to measure
against: the goals are plain figures (tickets a second, milliseconds).
"""

import base64
import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.paths import resource
from app.printing.fonts import Typesetter
from app.printing.model import TicketPrint, VenuePrint
from app.printing.ticket_layout import Paper
from app.printing.ticket_pdf import render_tickets
from domain.money import Money

BATCH = 1000
ORDER = 4
ROUNDS = 15


def tickets(count: int, start: int = 0) -> list[TicketPrint]:
    """Tickets as a busy evening has them: all codes and seats different, a few events and products."""
    venue = VenuePrint("Riverside Theatre", "12 Harbour Street\n20457 Hamburg", "Europe/Berlin")
    at = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    return [
        TicketPrint(
            venue=venue,
            language="en",
            event=("The Cherry Orchard", "A Midsummer Night’s Dream in the Garden", "Вишнёвый сад")[
                number % 3
            ],
            product=("Adult", "Student", "Child under 12")[number % 3],
            price=Money(2400 - 400 * (number % 3), "EUR"),
            code=base64.b32encode(hashlib.shake_256(str(start + number).encode()).digest(95)).decode(),
            reference=f"K{number:03d}-3MX{number % 10}",
            order=f"K1-{number // 4:06d}",
            starts_at=at + timedelta(days=number % 5),
            doors_at=at + timedelta(days=number % 5, minutes=-30),
            seat=f"Row {number // 30 + 1}, seat {number % 30 + 1}",
            zone="Stalls",
            tax_rate=700,
            tax=Money(157, "EUR"),
            place=number % 4 + 1,
            of=4,
        )
        for number in range(count)
    ]


def report(name: str, value: float, unit: str, goal: str, *, ok: bool) -> None:
    figure = {"name": name, "value": round(value, 1), "unit": unit, "floor": None, "ratio": None}
    sys.stdout.write(json.dumps({**figure, "goal": goal, "ok": ok}) + "\n")


def main() -> None:
    setter = Typesetter(resource("fonts"))
    batch = tickets(BATCH)
    for paper in Paper:
        began = perf_counter()
        render_tickets(batch, paper, setter=setter)
        rate = BATCH / (perf_counter() - began)
        report(f"pdf_batch_{paper}", rate, "tickets/s", ">= 150", ok=rate >= 150)
    times = []
    for turn in range(ROUNDS):
        order = tickets(ORDER, start=BATCH + turn * ORDER)
        began = perf_counter()
        render_tickets(order, Paper.A4, setter=setter)
        times.append((perf_counter() - began) * 1000)
    median = sorted(times)[ROUNDS // 2]
    report("pdf_order_of_4", median, "ms", "<= 150", ok=median <= 150)


if __name__ == "__main__":
    main()
