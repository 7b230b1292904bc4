"""Tickets on paper: what they say, that the code is the code, and that nothing lies over anything."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.printing.fonts import Typesetter
from app.printing.layout import QrBox, TextBox
from app.printing.model import VenuePrint
from app.printing.ticket_layout import Paper, TicketLayout
from app.printing.ticket_pdf import render_tickets
from domain.errors import Fault
from domain.money import Money
from tests.printing.prints import (
    code_of,
    codes_in,
    inked,
    month_pass,
    overlaps,
    page_pictures,
    page_texts,
    russian_ticket,
    ticket,
    typesetter,
)


@pytest.fixture(scope="module")
def setter() -> Typesetter:
    return typesetter()


@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("dpi", [100, 150])
def test_the_qr_of_every_page_gives_the_very_code(paper: Paper, dpi: int) -> None:
    tickets = [
        ticket(code=code_of(1)),
        russian_ticket(code=code_of(2)),
        month_pass(code=code_of(3)),
        ticket(code=code_of(4), practice=True),
    ]
    pictures = page_pictures(render_tickets(tickets, paper), dpi)
    assert [codes_in(picture) for picture in pictures] == [[one.code] for one in tickets]


@pytest.mark.parametrize("paper", list(Paper))
def test_a_ticket_says_what_when_where_and_for_how_much(paper: Paper) -> None:
    (text,) = page_texts(render_tickets([ticket(place=2, of=4, performance="Matinee")], paper))
    for words in (
        "Riverside Theatre", "12 Harbour Street", "20457 Hamburg", "The Cherry Orchard", "Matinee", "21 Nov",
        "2026", "19:30", "Doors 19:00", "Row 7, seat 12", "Stalls", "Adult", "€24.00", "incl. 7% tax €1.57",
        "K7QD-3MX9", "Order K1-000042", "Ticket 2 of 4",
    ):  # fmt: skip
        assert words in text
    assert "PRACTICE" not in text


@pytest.mark.parametrize("paper", list(Paper))
def test_a_russian_ticket_is_russian_throughout(paper: Paper) -> None:
    (text,) = page_texts(render_tickets([russian_ticket(concession="студенческий билет")], paper))
    for words in ("Вишнёвый сад", "21:30", "Вход с 21:00", "Место", "Партер", "Билет", "Цена", "2 400,00 ₽"):
        assert words in text
    assert "вкл. налог 20 % 400,00 ₽" in text
    assert "Предъявите: студенческий билет" in text
    assert not any(word in text for word in ("Seat", "Price", "Order", "Doors"))


def test_times_are_in_the_zone_of_the_venue_in_winter_and_in_summer() -> None:
    summer = datetime(2026, 7, 4, 18, 30, tzinfo=UTC)
    winter_text, summer_text = page_texts(
        render_tickets([ticket(doors_at=None), ticket(starts_at=summer, doors_at=None)], Paper.A4)
    )
    assert "Saturday, 21 November 2026 19:30" in winter_text
    assert "Saturday, 4 July 2026 20:30" in summer_text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "21 November 2026 – 20 December 2026"),
        ({"valid_until_at": None}, "From 21 November 2026"),
        ({"valid_from_at": None}, "Until 20 December 2026"),
        ({"valid_until_at": datetime(2026, 11, 21, 23, tzinfo=UTC)}, "Saturday, 21 November 2026"),
        ({"valid_from_at": None, "valid_until_at": None}, "Any day"),
        (
            {"valid_until_at": datetime(2026, 11, 21, 11, 15, tzinfo=UTC)},
            "21 November 2026 – 21 November 2026, 12:15",
        ),
        (
            {"valid_from_at": None, "from_first_use": True},
            "From first use First use 20 December 2026 at the latest",
        ),
    ],
)
def test_a_pass_says_how_long_it_is_valid_and_counts_the_last_day_in(
    changes: dict[str, object], words: str
) -> None:
    (text,) = page_texts(render_tickets([month_pass(**changes)], Paper.A4))
    assert f"Valid {words}" in text


def test_a_practice_ticket_says_so_twice_and_a_real_one_never() -> None:
    practice, real = page_texts(render_tickets([ticket(practice=True), ticket()], Paper.A6))
    assert "PRACTICE – NOT VALID FOR ENTRY" in practice
    assert practice.replace(" ", "").count("PRACTICE") == 2
    assert "PRACTICE" not in real


def test_a_second_print_says_that_it_voids_the_first() -> None:
    for paper in Paper:
        first, second = page_texts(render_tickets([ticket(), ticket(print_number=2)], paper))
        assert "Earlier prints are void" not in first
        assert "Print 2. Earlier prints are void." in second


def test_markup_in_a_name_is_printed_as_it_was_typed() -> None:
    name = "<b>Tom & Jerry</b> &lt;3"
    (text,) = page_texts(render_tickets([ticket(event=name)], Paper.A4))
    assert name in text


def test_control_and_direction_characters_never_reach_the_paper() -> None:
    name = "Ev\u202eil\u2066 na\x1bme\x00 \x07with\u200b bells\ufeff"
    (text,) = page_texts(render_tickets([ticket(event=name)], Paper.A4))
    assert "Evil na me with bells" in text


def test_emoji_are_left_out_and_unknown_letters_are_marked() -> None:
    party, chinese = page_texts(
        render_tickets([ticket(event="Party 🎭🏳️‍🌈 night 1️⃣"), ticket(event="戏剧 Opera")], Paper.A4)
    )
    assert "Party night 1" in party
    assert "\ufffd\ufffd Opera" in chinese


def test_a_name_of_emoji_only_gives_its_place_to_the_product() -> None:
    (text,) = page_texts(render_tickets([ticket(event="🎭🎭", product="Adult", seat="")], Paper.A6))
    assert text.count("Adult") == 2


def test_the_same_tickets_always_give_the_same_bytes() -> None:
    assert render_tickets([ticket()], Paper.A4) == render_tickets([ticket()], Paper.A4)


def test_the_pdf_embeds_its_fonts_and_needs_no_other() -> None:
    data = render_tickets([ticket()], Paper.A4)
    assert data.count(b"/FontFile2") == data.count(b"/Type /FontDescriptor") > 0


def test_nothing_to_print_and_codes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="no ticket"):
        render_tickets([], Paper.A4)
    with pytest.raises(ValueError):
        render_tickets([ticket(code="A" * 155)], Paper.A4)
    with pytest.raises(ValueError):
        render_tickets([ticket(code="lower case")], Paper.A4)


def test_a_missing_font_file_is_a_fault_with_its_name(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reportlab.pdfbase.pdfmetrics.getRegisteredFontNames", list)
    with pytest.raises(Fault) as fault:
        Typesetter(tmp_path)  # type: ignore[arg-type]
    assert fault.value.code == "FONT_MISSING"
    assert fault.value.params == {"file": "IBMPlexSans-Regular.ttf"}


names = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="WЩ", min_size=1, max_size=150),
    st.lists(st.text(alphabet="абвгдеёжзийклмнопрстуABCDEW", min_size=1, max_size=24), max_size=30).map(
        " ".join
    ),
    st.text(alphabet="ab \n-–/", max_size=200),
)
short = st.one_of(st.just(""), names)
moments = st.none() | st.integers(946684800, 3786912000).map(lambda s: datetime.fromtimestamp(s, UTC))


@given(
    paper=st.sampled_from(list(Paper)),
    language=st.sampled_from(["en", "ru"]),
    fields=st.fixed_dictionaries(
        {
            "event": names, "performance": short, "product": names, "seat": short, "zone": short,
            "holder": short, "concession": short, "footer": short, "order": names, "reference": short,
            "starts_at": moments, "doors_at": moments, "valid_from_at": moments, "valid_until_at": moments,
            "from_first_use": st.booleans(), "practice": st.booleans(), "is_pass": st.booleans(),
            "print_number": st.integers(1, 99), "of": st.integers(1, 9999), "admits": st.integers(1, 99),
            "price": st.integers(-(10**11), 10**11).map(lambda minor: Money(minor, "RUB")),
        }
    ),
    venue=st.tuples(names, names),
)  # fmt: skip
@settings(max_examples=150)
def test_whatever_the_names_nothing_overlaps_and_all_stays_inside_the_margins(
    setter: Typesetter, paper: Paper, language: str, fields: dict[str, object], venue: tuple[str, str]
) -> None:
    seller = VenuePrint(venue[0], venue[1], "Europe/Berlin")
    layout = TicketLayout(setter, paper)
    sheet = layout(ticket(language=language, **fields, venue=seller))
    assert overlaps(sheet.boxes) == []
    for box in sheet.boxes:
        left, top, right, bottom = inked(box)
        assert left >= layout.margin - 0.01, box
        assert top >= layout.margin - 0.01, box
        assert right <= sheet.width - layout.margin + 0.01, box
        assert bottom <= sheet.height - layout.margin + 0.01, box
        if isinstance(box, TextBox):
            widest = max(setter.width(line, box.face, box.size) for line in box.lines)
            assert widest <= box.width + 0.01, box
    assert sum(isinstance(box, QrBox) for box in sheet.boxes) == 1


def test_a_long_event_name_is_shrunk_and_wrapped_before_anything_is_cut(setter: Typesetter) -> None:
    name = (
        "Dr. Strangelove, or: How I Learned to Stop Worrying and Love the Bomb – "
        "the complete and unabridged stage adaptation in three acts"
    )
    for paper in Paper:
        (text,) = page_texts(render_tickets([ticket(event=name)], paper, setter=setter))
        assert name in text
