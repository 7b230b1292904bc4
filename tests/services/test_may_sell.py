"""When a station may not sell: its certificate has ended, or nobody would believe its clock."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.bootstrap import Station, create_station
from app.catalogue_files import read_catalogue
from app.organization_keys import certify_alone, make_keys
from app.paths import resource
from app.services.sell import Item, SaleRequest, Sold, Tendered
from app.settings import Settings
from domain.actor import NOBODY, SYSTEM, Actor, Role
from domain.clock_check import OFF_MS, WRONG_MS, ClockState, judge_clock
from domain.errors import Refusal
from domain.order import Tender
from tests.builders import NOW, FakeClock, seeded_random_bytes, utc

CASHIER = Actor("00000000-0000-4000-8000-000000000001", "carla", frozenset({Role.CASHIER, Role.SUPERVISOR}))
SIX_YEARS = timedelta(days=6 * 365)


class Till:
    """A station with a catalogue and an open shift."""

    def __init__(self, root: Path) -> None:
        self.clock = FakeClock(utc("2026-11-21 16:20"))
        self.root = root
        settings = Settings(root / "data", {"GATEHOUSE_KEY_DIR": str(root / "keys")})
        self.station: Station = create_station(
            root / "data", settings, "Till", "K1", clock=self.clock, random_bytes=seeded_random_bytes(3)
        )
        self.station.import_catalogue(read_catalogue(resource("demo", "catalogue.yaml")), SYSTEM)
        self.station.services.open_shift(0, CASHIER)
        row = next(row for row in self.station.services.board(CASHIER) if row.performance is not None)
        assert row.performance is not None
        offers = self.station.services.offers(row.event.number, row.performance.number, CASHIER)
        self.item = Item(offers[0].product.number, row.performance.number, 1)

    def certify(self) -> None:
        keys = make_keys(self.root / "root.pem", "a passphrase", self.clock.now(), seeded_random_bytes(5))
        certify_alone(self.station.store, keys, self.clock.now(), seeded_random_bytes(6))

    def sell(self) -> Sold:
        return self.station.services.sell(
            SaleRequest([self.item], [Tendered(Tender.CASH, 1_000_000)]), CASHIER
        )

    def refused(self) -> Refusal:
        before = self.station.store.outbox.tip().seq
        with pytest.raises(Refusal) as caught:
            self.sell()
        assert self.station.store.outbox.tip().seq == before
        return caught.value

    def store_offset(self, offset_ms: int) -> None:
        """As if the hub had just told the time."""
        self.station.store.note_hub_time(offset_ms)

    def hindrance(self) -> str | None:
        found = self.station.services.sell.hindrance()
        return found.code if found else None

    def kinds(self) -> list[str]:
        return [row.kind for row in self.station.services.facts.journal(5)]


@pytest.fixture
def till(tmp_path: Path):
    made = Till(tmp_path)
    yield made
    made.station.close()


class TestCertificate:
    """It limits selling, and nothing else."""

    def test_a_station_without_a_root_has_nothing_that_could_end(self, till: Till) -> None:
        assert till.sell().order.state == "paid"

    def test_it_sells_to_the_end_of_its_certificate_and_no_further(self, till: Till) -> None:
        till.certify()
        assert till.sell().codes
        till.clock.advance(SIX_YEARS.total_seconds())
        refusal = till.refused()
        assert refusal.code == "CERTIFICATE_ENDED"
        assert str(refusal.params["not_after"]).startswith("2031-")
        assert till.hindrance() == "CERTIFICATE_ENDED", "said before a guest is asked for money"

    def test_nothing_is_reserved_beyond_it_either(self, till: Till) -> None:
        till.certify()
        till.clock.advance(SIX_YEARS.total_seconds())
        with pytest.raises(Refusal, match="CERTIFICATE_ENDED"):
            till.station.services.afterwards.reserve.reserve(
                [till.item], till.clock.now() + timedelta(hours=1), CASHIER
            )

    def test_the_health_page_warns_thirty_days_before(self, till: Till) -> None:
        till.certify()
        till.clock.advance(timedelta(days=5 * 365 - 28).total_seconds())
        checks = till.station.services.check_readiness.checked().checks
        check = next(one for one in checks if one.name == "certificate")
        assert (check.state, check.advice.code if check.advice else None) == ("amber", "CERTIFICATE_ENDS")
        assert till.hindrance() is None


class TestClock:
    """More than ten minutes off: somebody looks at the date, once per shift."""

    @pytest.mark.parametrize(
        ("offset_ms", "state"),
        [(None, ClockState.RIGHT), (0, ClockState.RIGHT), (OFF_MS, ClockState.RIGHT),
         (OFF_MS + 1, ClockState.OFF), (-OFF_MS - 1, ClockState.OFF), (WRONG_MS, ClockState.OFF),
         (WRONG_MS + 1, ClockState.WRONG), (-WRONG_MS - 1, ClockState.WRONG)],
    )  # fmt: skip
    def test_how_far_is_far(self, offset_ms: int | None, state: ClockState) -> None:
        assert judge_clock(NOW, offset_ms) is state

    def test_a_year_before_this_program_is_wrong_without_any_hub(self) -> None:
        assert judge_clock(utc("2025-12-31 23:59"), None) is ClockState.WRONG

    def test_a_clock_far_off_waits_for_somebody_to_confirm_the_date(self, till: Till) -> None:
        till.store_offset(-40 * 60_000)
        refusal = till.refused()
        assert (refusal.code, refusal.params["minutes"]) == ("CLOCK_UNCONFIRMED", 40)
        assert refusal.params["date"] == "2026-11-21 18:20", "as the venue's clock shows it"
        till.station.services.confirm_date(CASHIER)
        assert till.kinds()[0] == "clock_stepped"
        assert till.hindrance() is None
        assert till.sell().codes

    def test_once_is_enough_for_a_shift_and_the_next_one_is_asked_again(self, till: Till) -> None:
        till.store_offset(40 * 60_000)
        till.station.services.confirm_date(CASHIER)
        till.station.services.confirm_date(CASHIER)
        assert till.kinds().count("clock_stepped") == 1
        expected = till.station.services.shift_now(CASHIER).expected.minor
        till.station.services.close_shift(expected, CASHIER)
        till.station.services.open_shift(0, CASHIER)
        assert till.hindrance() == "CLOCK_UNCONFIRMED"

    def test_a_minute_or_two_stop_nobody(self, till: Till) -> None:
        till.store_offset(3 * 60_000)
        assert till.hindrance() is None
        till.station.services.confirm_date(CASHIER)
        assert "clock_stepped" not in till.kinds(), "there is nothing to confirm"

    def test_only_who_sells_confirms_and_only_in_a_shift(self, till: Till) -> None:
        till.store_offset(40 * 60_000)
        with pytest.raises(Refusal, match="NOT_SIGNED_IN"):
            till.station.services.confirm_date(NOBODY)
        expected = till.station.services.shift_now(CASHIER).expected.minor
        till.station.services.close_shift(expected, CASHIER)
        with pytest.raises(Refusal, match="NO_SHIFT"):
            till.station.services.confirm_date(CASHIER)
