"""Pictures of every widget in every state, light and dark: `python -m tests.tools.gallery OUTDIR`.

Sets QT_QPA_PLATFORM=offscreen unless another is given. Look at the pictures after every change.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.style import tokens
from ui.style.theme import apply
from ui.widgets.buttons import Button, IconButton
from ui.widgets.cards import Card, Divider, ListRow, Panel, TimelineRow
from ui.widgets.choices import SegmentedControl, Select, Toggle
from ui.widgets.fields import SearchField, Stepper, TextField
from ui.widgets.flow import FlowGrid
from ui.widgets.labels import KeyHint, MoneyLabel, Pill, PlainLabel
from ui.widgets.pads import NumberPad, PinPad
from ui.widgets.side_panel import SidePanel
from ui.widgets.states import BusyBar, EmptyState, InlineMessage, ToastHost
from ui.widgets.tiles import ProductTile, TileFacts
from ui.widgets.verdict import VerdictFacts, VerdictPanel


def row(*parts: QWidget) -> QWidget:
    made = QWidget()
    line = QHBoxLayout(made)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(12)
    for part in parts:
        line.addWidget(part)
    line.addStretch(1)
    return made


def controls() -> QWidget:
    page = Panel("canvas", margin=4, gap=2)
    grid = QGridLayout()
    grid.setSpacing(24)
    page.column.addLayout(grid)
    buttons = Card("Buttons")
    off = Button("Unavailable", "primary")
    off.setEnabled(False)
    buttons.column.addWidget(
        row(Button("Take payment", "primary", icon="credit-card", key="Enter"), Button("Hold", icon="clock"))
    )
    buttons.column.addWidget(
        row(Button("Cancel", "quiet", key="Esc"), Button("Void", "danger", icon="trash-2"), off)
    )
    buttons.column.addWidget(row(Button("Pay €48.00", "primary", large=True, key="Enter")))
    buttons.column.addWidget(
        row(
            IconButton("printer", "Print"),
            IconButton("mail", "Mail", outlined=True),
            Stepper(2),
            KeyHint("F12"),
        )
    )
    grid.addWidget(buttons, 0, 0)
    fields = Card("Fields")
    bad = TextField("Reference", text="4242 4242 4242 4242")
    bad.refuse("This looks like a card number. Write the terminal's reference instead.")
    fields.column.addWidget(SearchField("Name, reference, receipt"))
    fields.column.addWidget(TextField("Float", placeholder="0.00", hint="Cash in the drawer at the start."))
    fields.column.addWidget(bad)
    select = Select()
    select.addItems(["Main stage", "Studio"])
    fields.column.addWidget(select)
    grid.addWidget(fields, 0, 1)
    choices = Card("Choices")
    choices.column.addWidget(SegmentedControl([("cash", "Cash"), ("card", "Card"), ("voucher", "Voucher")]))
    choices.column.addWidget(row(Toggle("Print receipt", on=True), Toggle("Mail")))
    choices.column.addWidget(
        row(Pill("Live", "admit", icon="cloud-check"), Pill("Offline since 12:04", "attention"),
            Pill("3 waiting"), Pill("1 conflict", "refuse"), Pill("Info", "info"))
    )  # fmt: skip
    for size in ("small", "body", "title", "display"):
        choices.column.addWidget(PlainLabel(f"Text {size} 0123456789 Ночь в театре", size=size))
    choices.column.addWidget(MoneyLabel("€1,248.00", size="display", weight=tokens.BOLD))
    grid.addWidget(choices, 1, 0)
    rows = Card("Rows")
    rows.column.setSpacing(4)
    rows.column.addWidget(ListRow("Anna Petrova", "2 × Adult · today 19:00", "€48.00",
                                  icon="ticket", meaning="accent", chevron=True))  # fmt: skip
    rows.column.addWidget(Divider())
    rows.column.addWidget(ListRow("Used at gate A", "19:02 by Boris", icon="octagon-x", meaning="refuse"))
    rows.column.addWidget(TimelineRow("18:40", "Sold", "K1 · Kim Cashier", meaning="accent"))
    rows.column.addWidget(TimelineRow("19:02", "Admitted", "Gate A, lane 1", meaning="admit", last=True))
    grid.addWidget(rows, 1, 1)
    return page


def messages() -> QWidget:
    page = Panel("canvas", margin=4, gap=2)
    for kind, title, text, action in (
        ("info", "The hub is being upgraded", "Sales go on; they are sent when it is back.", ""),
        ("success", "Shift closed", "Z 14 was printed.", "Print again"),
        ("refusal", "Sold out", "0 places left here, 3 in all.", "Ask other tills"),
        (
            "fault",
            "The printer is out of paper",
            "The sale is recorded. Load paper, then print again.",
            "Print again",
        ),
    ):
        message = InlineMessage(closable=kind == "info")
        message.show_message(kind, title, text, action)
        page.column.addWidget(message)
    bar, known = BusyBar(), BusyBar()
    bar.start()
    bar._phase = 0.7
    known.set_share(3, 5)
    page.column.addWidget(bar)
    page.column.addWidget(known)
    body = QHBoxLayout()
    page.column.addLayout(body, 1)
    card = Card()
    card.column.addWidget(EmptyState("shopping-cart", "Nothing in the cart yet",
                                     "Press a product, or F1 to F12.", "Open a shift"))  # fmt: skip
    body.addWidget(card, 1)
    pads = Card()
    pin = PinPad()
    pin._add("1")
    pin._add("2")
    pads.column.addWidget(pin)
    body.addWidget(pads, 1)
    numbers = Card()
    numbers.column.addWidget(NumberPad(extra="00"))
    body.addWidget(numbers, 1)
    return page


def tiles() -> QWidget:
    page = Panel("canvas", margin=3)
    holder = QWidget()
    grid = FlowGrid(holder, cell_width=200)
    for facts in (
        TileFacts("Adult", "€24.00", "112 left", "F1", tokens.event_color(0), in_cart=2),
        TileFacts(
            "Child under twelve with an accompanying adult",
            "€12.00",
            "8 left",
            "F2",
            tokens.event_color(1),
            "few",
        ),
        TileFacts("Student", "€16.00", "Sold out", "F3", tokens.event_color(2), "sold_out"),
        TileFacts(
            "Early bird", "€18.00", "Sales over since 18:00", "F4", tokens.event_color(3), "not_on_sale"
        ),
        TileFacts(
            "Месячный проездной «Набережная»", "1 250,00 ₽", "осталось 40", "F5", tokens.event_color(4)
        ),
        TileFacts("Day pass", "€9.50", "", "F6", tokens.event_color(5), detail="valid from first use"),
    ):
        grid.addWidget(ProductTile(facts))
    page.column.addWidget(holder)
    page.column.addStretch(1)
    return page


VERDICTS = (
    VerdictFacts("admit", "Come in", "Adult · Night at the theatre", "Check the student card",
                 ("Anna Petrova", "Row 4, seat 12"), "Live"),
    VerdictFacts("refuse", "Already used", "At gate A, 19:02, by Boris",
                 "Ask for another ticket, or call a supervisor.",
                 ("Adult · Night at the theatre", "Order K7Q2-81"), "Offline since 12:04"),
    VerdictFacts("attention", "Wait", "Another gate opened for this ticket", "Try again in 8 seconds.",
                 ("Day pass",)),
    VerdictFacts("info", "Goodbye", "Re-entry is free until 23:00"),
    VerdictFacts("refuse", "Возврат оформлен, вход по этому билету закрыт",
                 "Деньги за билет возвращены 12 ноября",
                 "Предложите купить новый билет в кассе или позовите старшего смены.", ("Взрослый",)),
    VerdictFacts("neutral", "Ready", "Show a code to the camera or the scanner"),
)  # fmt: skip


def verdicts() -> QWidget:
    page = Panel("canvas", margin=3)
    grid = QGridLayout()
    grid.setSpacing(16)
    for place, facts in enumerate(VERDICTS):
        panel = VerdictPanel()
        panel.show_verdict(facts)
        grid.addWidget(panel, place // 2, place % 2)
    page.column.addLayout(grid)
    return page


def overlay() -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(tiles())
    panel = SidePanel(page, "Payment")
    panel.column.addWidget(PlainLabel("To pay", tone="muted"))
    panel.column.addWidget(PlainLabel("€48.00", size="display", weight=tokens.BOLD))
    panel.column.addStretch(1)
    panel.foot.addWidget(Button("Take €48.00", "primary", large=True, key="Enter"), 1)
    page.resize(1100, 700)
    panel.open_panel()
    toasts = ToastHost(page)
    toasts.say("success", "Ticket admission undone", "")
    toasts.say("info", "Removed 2 × Adult", "Undo")
    return page


PAGES = {"controls": (controls, 1100, 900), "messages": (messages, 1100, 820), "tiles": (tiles, 900, 480),
         "verdicts": (verdicts, 1366, 900), "overlay": (overlay, 1100, 700)}  # fmt: skip


def main(out: Path) -> None:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    out.mkdir(parents=True, exist_ok=True)
    theme = apply(app, "light")
    for choice in ("light", "dark"):
        theme.set(choice)
        for name, (make, wide, high) in PAGES.items():
            page = make()
            page.resize(wide, high)
            page.show()
            app.processEvents()
            page.grab().save(str(out / f"{name}-{choice}.png"))
            page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
