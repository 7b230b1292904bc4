"""`verify` finds what was changed behind the program's back, and says nothing when nothing was."""

import pytest

from app.store import engine
from tests.store.station import Sale, Station, scanned


def tamper(station: Station, *statements: str) -> list[str]:
    """Change the file with its own key, past the triggers; answers the codes that `verify` finds then."""
    station.store.close()
    secrets = station.keystore.read(station.store.installation)
    assert secrets is not None
    raw = engine.connect(station.folder / "station.db", secrets.store_key, writing=True)
    raw.execute("DROP TRIGGER journal_no_update")
    raw.execute("DROP TRIGGER journal_no_delete")
    for statement in statements:
        raw.execute(statement)
    raw.close()
    return [problem.code for problem in station.reopen().verify().problems]


@pytest.fixture
def evening(theatre: Station) -> Station:
    sale = Sale(theatre.random)
    theatre.append(sale.draft())
    theatre.append(scanned("admitted", sale.serials[0]))
    return theatre


def test_an_untouched_store_is_clean(evening: Station) -> None:
    report = evening.store.verify()
    assert report.clean
    assert (report.entries, report.foreign, report.held, report.rejected) == (10, 0, 0, 0)
    assert report.tables > 20
    assert tamper(evening) == []


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE journal SET content = replace(content, 'cash', 'card') WHERE seq = 9", "CHAIN_BROKEN"),
        ("DELETE FROM journal WHERE seq = 5", "CHAIN_BROKEN"),
        ("UPDATE journal SET kind = 'refused' WHERE seq = 10", "CHAIN_BROKEN"),
        ("UPDATE journal SET sig = zeroblob(64) WHERE seq = 3", "SIGNATURE_BAD"),
        ("UPDATE position SET gross_minor = gross_minor + 1", "PROJECTION_DIFFERS"),
        ("DELETE FROM gate_fact", "PROJECTION_DIFFERS"),
        ("UPDATE tally SET sold = 0", "PROJECTION_DIFFERS"),
        ("DELETE FROM journal WHERE seq = 10", "PROJECTION_DIFFERS"),
    ],
)
def test_every_change_behind_our_back_is_found(evening: Station, statement: str, code: str) -> None:
    assert set(tamper(evening, statement)) == {code}


def test_verifying_leaves_no_file_behind(evening: Station) -> None:
    before = sorted(evening.folder.iterdir())
    evening.store.verify()
    assert sorted(evening.folder.iterdir()) == before
