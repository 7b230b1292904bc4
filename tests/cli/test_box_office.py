"""Selling and admitting through the command line, with its JSON and its exit codes."""

import io
from pathlib import Path

import pytest

from tests.cli.conftest import Cli


def sell(cli: Cli, *more: str, item: str = "full:1", tender: str = "cash:50.00") -> dict:
    answer = cli("sell", "--performance", "play-1", "--item", item, "--tender", tender, *more)
    assert answer.code == 0, answer
    return answer.json


def test_a_sale_answers_with_codes_change_and_a_receipt(house: Cli) -> None:
    sold = sell(house, item="full:2")
    assert sold["total"] == {"minor": 4000, "currency": "EUR"}
    assert sold["change"] == {"minor": 1000, "currency": "EUR"}
    assert sold["receipt"] == "K1-000001"
    assert len(sold["receipt_hash"]) == 8
    assert [len(ticket["code"]) for ticket in sold["tickets"]] == [152, 152]


def test_pdfs_are_written_where_asked_and_their_codes_can_be_read(house: Cli, tmp_path: Path) -> None:
    sold = sell(house, "--pdf", str(tmp_path / "prints"), item="full:2")
    pdf = sold["tickets"][0]["pdf"]
    read = house("decode", pdf).json["files"][0]["codes"]
    assert {one["text"] for one in read if len(one["text"]) == 152} == {
        ticket["code"] for ticket in sold["tickets"]
    }


def test_a_folder_that_cannot_be_written_is_a_fault_and_the_sale_stands(house: Cli, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    answer = house(
        "sell",
        "--performance",
        "play-1",
        "--item",
        "full",
        "--tender",
        "cash:20",
        "--pdf",
        str(blocked / "x"),
    )
    assert (answer.code, answer.error) == (3, "PRINT_FOLDER_NOT_WRITABLE")
    assert len(house("order", "find").json["orders"]) == 1


def test_the_first_scan_is_admitted_and_the_second_says_when_and_where(house: Cli) -> None:
    code = sell(house)["tickets"][0]["code"]
    assert house("check", code).json["verdict"] == "ADMIT"
    first = house("admit", code)
    assert (first.code, first.json["verdict"], first.json["opens"]) == (0, "ADMIT", True)
    second = house("admit", code)
    assert (second.code, second.json["verdict"]) == (1, "ALREADY_USED")
    assert second.json["first"]["gate"] == "A"
    assert second.json["trace"]


def test_undo_makes_the_ticket_good_again(house: Cli) -> None:
    ticket = sell(house)["tickets"][0]
    house("admit", ticket["code"])
    assert house("undo", ticket["reference"]).json["serial"] == ticket["serial"]
    assert house("admit", ticket["code"]).json["verdict"] == "ADMIT"
    assert house("undo", "0123456789abcdef").error == "NOTHING_TO_UNDO"


def test_codes_on_standard_input_get_one_line_each(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [ticket["code"] for ticket in sell(house, item="full:2")["tickets"]]
    forged = codes[0][:30] + ("A" if codes[0][30] != "A" else "B") + codes[0][31:]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join([codes[0], "rubbish", forged, codes[1]]) + "\n"))
    answer = house("admit", "-")
    assert [line["verdict"] for line in answer.lines] == ["ADMIT", "UNREADABLE", "FORGED", "ADMIT"]
    assert answer.code == 1


@pytest.mark.parametrize(
    ("performance", "item", "code"),
    [
        ("draft-1", "full", "EVENT_DRAFT"),
        ("play-1", "later", "SALES_NOT_BEGUN"),
        ("play-1", "over", "SALES_OVER"),
        ("play-1", "full:4", "SOLD_OUT"),
        ("play-1", "nothing", "PRODUCT_UNKNOWN"),
        ("nowhere", "full", "PERFORMANCE_UNKNOWN"),
    ],
)
def test_each_refusal_of_a_sale_has_its_own_code(house: Cli, performance: str, item: str, code: str) -> None:
    answer = house("sell", "--performance", performance, "--item", item, "--tender", "cash:200")
    assert (answer.code, answer.error) == (1, code)
    assert answer.json["error"]["message"]
    assert house("order", "find").json["orders"] == []


def test_too_little_money_is_refused(house: Cli) -> None:
    answer = house("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:5")
    assert (answer.code, answer.error) == (1, "TENDER_SHORT")


def test_a_card_number_as_reference_is_refused_and_not_repeated(house: Cli) -> None:
    answer = house(
        "sell", "--performance", "play-1", "--item", "full", "--tender", "card:20.00:4111111111111111"
    )
    assert (answer.code, answer.error) == (1, "REFERENCE_IS_CARD")
    assert "4111" not in answer.out + answer.err


def test_a_split_tender_gives_change_from_cash_only(house: Cli) -> None:
    answer = house(
        "sell",
        "--performance",
        "play-1",
        "--item",
        "full:2",
        "--tender",
        "card:15.00:T-77",
        "--tender",
        "cash:30",
    )
    assert answer.json["change"]["minor"] == 500
    order = house("order", "show", answer.json["receipt"]).json
    assert [paid["amount"]["minor"] for paid in order["payments"]] == [1500, 2500]


def test_a_shift_closes_with_what_it_took(house: Cli) -> None:
    sell(house, item="full:2", tender="cash:50.00")
    assert house("shift", "x").json["expected"]["minor"] == 14000
    closed = house("shift", "close", "--counted", "139.00").json
    assert closed["number"] == 1
    assert closed["difference"]["minor"] == -100
    assert closed["receipts"] == {"first": "K1-000001", "last": "K1-000001", "count": 1}
    answer = house("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:20")
    assert (answer.code, answer.error) == (1, "NO_SHIFT")


def test_a_pass_is_sold_for_the_event_and_admits_again(house: Cli) -> None:
    answer = house("sell", "--event", "museum", "--item", "day", "--tender", "cash:9")
    code = answer.json["tickets"][0]["code"]
    assert house("admit", code).json["verdict"] == "ADMIT"
    assert house("admit", code).json["verdict"] == "ADMIT"


def test_wrong_use_is_exit_code_2(house: Cli) -> None:
    assert house("sell", "--item", "full", "--tender", "cash:20").code == 2
    assert house("sell", "--performance", "play-1", "--item", "full", "--tender", "gold:20").code == 2
    assert house("nonsense").code == 2


def test_a_wrong_pin_is_refused_and_counted_down(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEHOUSE_PIN", "0000")
    answers = [house("shift", "x") for _ in range(5)]
    assert [answer.error for answer in answers] == ["WRONG_PIN"] * 4 + ["LOCKED_OUT"]
    monkeypatch.setenv("GATEHOUSE_PIN", "2580")
    assert house("shift", "x").error == "LOCKED_OUT"


def test_a_turnstile_that_does_not_open_is_told_beside_the_admission(
    house: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [one["code"] for one in sell(house, item="full:3", tender="cash:60")["tickets"]]
    monkeypatch.setenv("GATEHOUSE_TURNSTILE_PORT", str(tmp_path / "no-such-port"))
    answer = house("admit", codes[0])
    assert (answer.code, answer.json["verdict"], answer.json["opens"]) == (3, "ADMIT", True)
    assert answer.json["fault"]["kind"] == "fault"
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(codes) + "\n"))
    stream = house("admit", "-")
    assert [line["verdict"] for line in stream.lines] == ["ALREADY_USED", "ADMIT", "ADMIT"]
    assert ["fault" in line for line in stream.lines] == [False, True, True]
    assert stream.code == 3
    monkeypatch.setenv("GATEHOUSE_TURNSTILE_PORT", "")
    assert house("admit", codes[2]).json["verdict"] == "ALREADY_USED"


def test_a_line_that_is_refused_does_not_end_the_stream(house: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = sell(house)["tickets"][0]
    monkeypatch.setenv("GATEHOUSE_GATE_PERFORMANCE", "nowhere")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{ticket['code']}\n\n{ticket['reference']}\n"))
    answer = house("admit", "-")
    assert [line["error"]["code"] for line in answer.lines] == ["PERFORMANCE_UNKNOWN"] * 2
    assert answer.code == 1


def test_people_read_the_verdict_and_the_time_can_be_given(house: Cli) -> None:
    code = sell(house)["tickets"][0]["code"]
    assert house("check", code, as_json=False).out.startswith("ADMIT: ")
    assert house("check", code, "--at", "2020-01-01T10:00:00+01:00").json["verdict"] == "TOO_EARLY"
    assert house("check", code, "--at", "soon").code == 2
    assert house("admit", code, "--gate", "B").json["verdict"] == "ADMIT"
    assert house("check", code).json["first"]["gate"] == "B"


def test_a_reference_is_looked_for_and_one_that_nobody_has_is_named(house: Cli) -> None:
    ticket = sell(house)["tickets"][0]
    assert house("admit", ticket["reference"]).json["serial"] == ticket["serial"]
    assert house("undo", "0000-0000").error == "TICKET_UNKNOWN"


def test_a_sale_without_pdfs_leaves_no_print_waiting(house: Cli, tmp_path: Path) -> None:
    from app.bootstrap import open_station
    from app.settings import Settings

    sell(house)
    data = tmp_path / "data"
    station = open_station(data, Settings(data, {"GATEHOUSE_KEY_DIR": str(tmp_path / "keys")}))
    assert station.services.print_queue.waiting() == []
    station.close()


@pytest.mark.parametrize(
    "words",
    [
        ("--item", "full:0", "--tender", "cash:20"),
        ("--item", "full:x", "--tender", "cash:20"),
        ("--item", "full", "--tender", "comp:20"),
    ],
)
def test_an_item_or_a_tender_that_cannot_be_read_is_wrong_use(house: Cli, words: tuple[str, ...]) -> None:
    assert house("sell", "--performance", "play-1", *words).code == 2


def test_amounts_that_are_none_are_refused(house: Cli) -> None:
    for words in (("shift", "close", "--counted", "lots"), ("shift", "close", "--counted", "-5")):
        assert house(*words).error == "AMOUNT_INVALID"
    answer = house("sell", "--performance", "play-1", "--item", "full", "--tender", "cash:2O")
    assert answer.error == "AMOUNT_INVALID"


def test_people_read_sales_orders_and_shifts_as_lines(house: Cli) -> None:
    sold = house(
        "sell", "--performance", "play-1", "--item", "full", "--tender", "cash:50", as_json=False
    ).out.splitlines()
    assert sold[0].startswith("K1-000001  ")
    assert "30" in sold[1]
    assert "K1-000001" in house("order", "find", as_json=False).out
    assert "cash  20.00 EUR" in house("order", "show", "K1-000001", as_json=False).out
    assert "receipts 1 (K1-000001 – K1-000001)" in house("shift", "x", as_json=False).out
    assert "Z 1" in house("shift", "close", "--counted", "120.00", as_json=False).out
    assert house("shift", "x").error == "NO_SHIFT"
    assert house("shift", "open", "--float", "0", as_json=False).out.startswith("open since")
