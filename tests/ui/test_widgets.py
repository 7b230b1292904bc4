"""The building blocks: size, keyboard, plain text, fitting, and the states they show."""

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QLabel, QLineEdit, QTableView, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.style import paint, tokens
from ui.widgets.bug_dialog import BugDialog
from ui.widgets.buttons import Button, IconButton
from ui.widgets.cards import ListRow, ScrollColumn
from ui.widgets.choices import SegmentedControl, Toggle
from ui.widgets.fields import SearchField, Stepper, TextField
from ui.widgets.flow import Columns, FlowGrid
from ui.widgets.labels import MoneyLabel, Pill, PlainLabel
from ui.widgets.pads import NumberPad, PinPad
from ui.widgets.side_panel import SidePanel
from ui.widgets.states import BusyBar, EmptyState, InlineMessage, ToastHost
from ui.widgets.tables import ROW_HEIGHT, dress_table
from ui.widgets.tiles import ProductTile, TileFacts, two_lines
from ui.widgets.verdict import VerdictFacts, VerdictPanel

MARKUP = "<b>bold</b> & <img src=x>"


def test_labels_show_markup_as_text(qtbot: QtBot) -> None:
    label = PlainLabel(MARKUP)
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.text() == MARKUP


def test_a_label_that_is_too_narrow_ends_in_dots_and_tells_the_rest_as_a_tip(qtbot: QtBot) -> None:
    label = PlainLabel(MARKUP, elide=True)
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert label.text().endswith("…")
    assert label.whole_text() == MARKUP
    assert "<b>" not in label.toolTip()
    label.resize(600, 20)
    assert label.text() == MARKUP
    assert label.toolTip() == ""


def test_no_part_of_the_program_uses_a_bare_label() -> None:
    from ui.assets import asset

    for path in (asset().parent / "ui").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "QLabel(" not in text.replace("class PlainLabel(QLabel):", ""), path.name


def test_amounts_stand_at_the_right(qtbot: QtBot) -> None:
    label = MoneyLabel("€1.00")
    qtbot.addWidget(label)
    assert label.alignment() & Qt.AlignmentFlag.AlignRight


@pytest.mark.parametrize("make", [
    lambda: Button("Go"), lambda: IconButton("x", "Close"), lambda: Toggle("On"), lambda: Stepper(1),
    lambda: SegmentedControl([("a", "A"), ("b", "B")]), lambda: ListRow("Row"), lambda: SearchField("Find"),
    lambda: ProductTile(TileFacts("Adult", "€1.00")),
])  # fmt: skip
def test_everything_that_is_pressed_is_large_enough_for_a_finger(qtbot: QtBot, make) -> None:
    widget = make()
    qtbot.addWidget(widget)
    widget.ensurePolished()
    assert widget.sizeHint().height() >= tokens.TOUCH - 2
    assert widget.sizeHint().width() >= tokens.TOUCH


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_buttons_are_pressed_by_the_keyboard(qtbot: QtBot, key: Qt.Key) -> None:
    button = Button("Go", "primary")
    qtbot.addWidget(button)
    button.show()
    with qtbot.waitSignal(button.clicked):
        qtbot.keyClick(button, key)


def test_enter_with_control_does_not_press_a_button(qtbot: QtBot) -> None:
    button, presses = Button("Go"), []
    qtbot.addWidget(button)
    button.clicked.connect(lambda: presses.append(1))
    qtbot.keyClick(button, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert presses == []


def test_keyboard_focus_can_be_seen(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    column = QVBoxLayout(holder)
    one, other = Button("One"), Button("Two")
    column.addWidget(one)
    column.addWidget(other)
    holder.show()
    holder.activateWindow()
    other.setFocus()
    before = one.grab().toImage()
    one.setFocus()
    qtbot.waitUntil(one.hasFocus)
    assert one.grab().toImage() != before


def test_a_refusal_stands_under_its_field_until_something_is_typed(qtbot: QtBot) -> None:
    field = TextField("Float", hint="Cash in the drawer")
    qtbot.addWidget(field)
    field.refuse("Not an amount")
    assert field.refusal() == "Not an amount"
    qtbot.keyClicks(field.edit, "5")
    assert field.refusal() == ""
    assert field.text() == "5"


def test_a_secret_field_hides_what_is_typed(qtbot: QtBot) -> None:
    field = TextField("PIN", secret=True)
    qtbot.addWidget(field)
    assert field.edit.echoMode() == QLineEdit.EchoMode.Password


def test_search_waits_for_a_pause_but_not_after_enter(qtbot: QtBot) -> None:
    field = SearchField("Find")
    qtbot.addWidget(field)
    heard: list[str] = []
    field.searched.connect(heard.append)
    qtbot.keyClicks(field, "ann")
    assert heard == []
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert heard == ["ann"]
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert heard == ["ann", ""]
    assert field.text() == ""


def test_a_stepper_asks_and_does_not_decide(qtbot: QtBot) -> None:
    stepper = Stepper(1, least=0, most=2)
    qtbot.addWidget(stepper)
    asked: list[int] = []
    stepper.stepped.connect(asked.append)
    stepper._plus.click()
    assert asked == [2]
    assert stepper.value() == 1
    stepper.set_value(2)
    assert not stepper._plus.isEnabled()


def test_segments_are_chosen_by_mouse_and_arrows(qtbot: QtBot) -> None:
    control = SegmentedControl([("cash", "Cash"), ("card", "Card")])
    qtbot.addWidget(control)
    control.resize(control.sizeHint())
    heard: list[str] = []
    control.changed.connect(heard.append)
    qtbot.keyClick(control, Qt.Key.Key_Right)
    qtbot.keyClick(control, Qt.Key.Key_Right)
    qtbot.mouseClick(control, Qt.MouseButton.LeftButton, pos=control.rect().topLeft() + paint_point(20, 20))
    assert heard == ["card", "cash"]
    control.set_options([("card", "Karte")])
    assert control.current() == "card"


def paint_point(x: int, y: int):
    from PySide6.QtCore import QPoint

    return QPoint(x, y)


def test_a_pin_is_typed_and_sent_and_never_kept(qtbot: QtBot) -> None:
    pad = PinPad(least=4, most=6)
    qtbot.addWidget(pad)
    sent: list[str] = []
    pad.entered.connect(sent.append)
    qtbot.keyClicks(pad, "12x")
    qtbot.keyClick(pad, Qt.Key.Key_Return)
    assert sent == []
    qtbot.keyClick(pad, Qt.Key.Key_Backspace)
    qtbot.keyClicks(pad, "2345678")
    assert pad.length() == 6
    qtbot.keyClick(pad, Qt.Key.Key_Enter)
    assert sent == ["123456"[:1] + "23456"]
    assert pad.length() == 0


def test_a_pin_of_known_length_sends_itself(qtbot: QtBot) -> None:
    pad = PinPad(auto_length=4)
    qtbot.addWidget(pad)
    with qtbot.waitSignal(pad.entered) as signal:
        qtbot.keyClicks(pad, "4711")
    assert signal.args == ["4711"]


def test_the_number_pad_tells_each_key(qtbot: QtBot) -> None:
    pad = NumberPad(extra="00")
    qtbot.addWidget(pad)
    heard: list[str] = []
    pad.digit.connect(heard.append)
    pad.back.connect(lambda: heard.append("back"))
    pad.enter.connect(lambda: heard.append("enter"))
    for key in pad.findChildren(type(pad._enter)):
        key.click()
    assert sorted(heard) == sorted([*"0123456789", "00", "back", "enter"])


def test_a_message_shows_its_action_only_when_there_is_one(qtbot: QtBot) -> None:
    message = InlineMessage(closable=True)
    qtbot.addWidget(message)
    assert message.title() == ""
    message.show_message("fault", "No paper", "Load some.", "Print again")
    with qtbot.waitSignal(message.acted):
        message._button.click()
    message.show_message("info", "Fine")
    assert message._button.isHidden()
    with qtbot.waitSignal(message.closed):
        message._close.click()
    assert message.title() == ""


def test_an_empty_state_offers_the_next_step(qtbot: QtBot) -> None:
    state = EmptyState("ticket", "Nothing here", "Make one", "Make")
    qtbot.addWidget(state)
    with qtbot.waitSignal(state.acted):
        state.button.click()
    state.set("ticket", "Nothing")
    assert state.button.isHidden()


def test_at_most_three_toasts_are_on_screen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    window.show()
    host = ToastHost(window)
    for number in range(5):
        toast = host.say("info", f"Line {number}", "Undo")
    assert host.shown() == 3
    with qtbot.waitSignal(toast.acted):
        toast._button.click()
    assert host.shown() == 2


def test_toasts_stay_inside_a_window_that_shrinks(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 400)
    window.show()
    toast = ToastHost(window).say("refusal", "A long line that would not fit into a narrow window at all" * 2)
    window.resize(400, 300)
    assert window.rect().contains(toast.geometry())


def test_busy_bars_show_a_share_or_a_movement(qtbot: QtBot) -> None:
    bar = BusyBar()
    qtbot.addWidget(bar)
    bar.start()
    assert not bar.isHidden()
    bar.set_share(5, 10)
    assert bar._share == 0.5
    bar.stop()
    assert bar.isHidden()


def test_a_side_panel_gives_the_focus_back_when_it_closes(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    button = Button("Pay", parent=host)
    host.resize(900, 600)
    host.show()
    host.activateWindow()
    button.setFocus()
    qtbot.waitUntil(button.hasFocus)
    panel = SidePanel(host, "Payment")
    field = QLineEdit()
    panel.column.addWidget(field)
    panel.open_panel(field)
    qtbot.waitUntil(field.hasFocus)
    assert panel.is_open()
    with qtbot.waitSignal(panel.closed):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(button.hasFocus)
    assert panel.isHidden()


def test_a_side_panel_that_must_be_answered_ignores_esc(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(900, 600)
    host.show()
    panel = SidePanel(host, "Payment")
    panel.set_closable(False)
    panel.open_panel()
    panel.close_panel()
    assert panel.is_open()


def test_a_tile_says_its_state_in_words(qtbot: QtBot) -> None:
    tile = ProductTile(TileFacts("Adult", "€24.00", "Sold out", "F1", state="sold_out"))
    qtbot.addWidget(tile)
    assert tile.accessibleName() == "Adult, €24.00, Sold out"
    with qtbot.waitSignal(tile.clicked):
        tile.click()


def test_long_names_take_two_lines_and_then_dots(qtbot: QtBot) -> None:
    tile = ProductTile(TileFacts("x", "y"))
    qtbot.addWidget(tile)
    metrics = tile.fontMetrics()
    wide = metrics.horizontalAdvance("Child under")
    assert two_lines(metrics, "Child", wide) == ["Child"]
    lines = two_lines(metrics, "Child under twelve with somebody", wide + 2)
    assert lines[0] == "Child under"
    assert lines[1].endswith("…")
    assert two_lines(metrics, "Unbreakableandverylong", wide)[0].endswith("…")


def test_cells_of_a_grid_fill_the_row_at_any_width(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    grid = FlowGrid(holder, cell_width=200, gap=1)
    cells = [Button(str(number)) for number in range(5)]
    for cell in cells:
        grid.addWidget(cell)
    holder.resize(650, 400)
    holder.show()
    assert grid.columns(650) == 3
    assert cells[0].width() == cells[4].width() == (650 - 16) // 3
    assert cells[3].y() > cells[0].y()
    assert grid.heightForWidth(650) == 2 * tokens.TOUCH + 8
    grid.clear()
    assert grid.count() == 0
    assert grid.itemAt(0) is None


def test_columns_stack_in_a_narrow_window(qtbot: QtBot) -> None:
    columns = Columns([(QWidget(), 1), (QWidget(), 1)], stack_below=600)
    qtbot.addWidget(columns)
    columns.resize(700, 400)
    columns.show()
    assert not columns.stacked()
    columns.resize(500, 400)
    assert columns.stacked()


def test_a_scrolling_column_can_be_emptied(qtbot: QtBot) -> None:
    column = ScrollColumn()
    qtbot.addWidget(column)
    column.column.addWidget(PlainLabel("a"))
    column.clear()
    assert column.column.count() == 0


def test_tables_have_tall_rows_and_choose_whole_ones(qtbot: QtBot) -> None:
    from PySide6.QtGui import QStandardItemModel

    table = QTableView()
    qtbot.addWidget(table)
    table.setModel(QStandardItemModel(2, 3))
    dress_table(table, stretch_column=1)
    assert table.verticalHeader().defaultSectionSize() == ROW_HEIGHT
    assert not table.showGrid()


LONG = "Возврат оформлен, проход по этому билету больше невозможен, обратитесь в кассу"


@pytest.mark.parametrize("size", [(280, 200), (1024, 500), (500, 1100), (1900, 1000)])
@pytest.mark.parametrize("word", ["Да", "Already used", LONG, LONG * 3])
def test_a_verdict_is_whole_at_any_size(qtbot: QtBot, size: tuple[int, int], word: str) -> None:
    panel = VerdictPanel()
    qtbot.addWidget(panel)
    panel.resize(*size)
    facts = VerdictFacts("refuse", word, "At gate A, 19:02", "Call a supervisor", ("Adult", "Row 4"), "Live")
    panel.show_verdict(facts)
    image = panel.grab().toImage()
    edge = image.pixelColor(size[0] // 2, 3)
    for x in range(20, size[0] - 20, 7):
        assert image.pixelColor(x, size[1] - 4) == edge
        assert image.pixelColor(x, 4) == edge
    for y in range(20, size[1] - 20, 7):
        assert image.pixelColor(size[0] - 4, y) == edge


def test_the_word_is_the_largest_thing_on_the_verdict(qtbot: QtBot) -> None:
    panel = VerdictPanel()
    qtbot.addWidget(panel)
    room = QRectF(0, 0, 400, 100)
    large = paint.fitting_font(panel.font(), "Come in", room, 200, 13, 700, wrap=False)
    small = paint.fitting_font(panel.font(), "Come in " * 12, room, 200, 13, 700, wrap=True)
    assert large.pixelSize() > small.pixelSize() >= 13


def test_the_shapes_of_the_meanings_differ_without_colour(qtbot: QtBot) -> None:
    images = []
    for meaning in ("admit", "refuse", "attention", "info"):
        panel = VerdictPanel()
        qtbot.addWidget(panel)
        panel.resize(400, 300)
        panel.show_verdict(VerdictFacts(meaning, ""))
        ground = panel.grab().toImage().pixelColor(200, 4)
        image = panel.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        images.append(
            [[image.pixelColor(x, y) == ground for x in range(0, 400, 10)] for y in range(0, 300, 10)]
        )
    assert len({str(image) for image in images}) == 4


def test_a_pill_is_as_wide_as_its_word(qtbot: QtBot) -> None:
    pill = Pill("Live", "admit", icon="cloud-check")
    qtbot.addWidget(pill)
    short = pill.sizeHint().width()
    pill.set("Offline since 12:04", "attention")
    assert pill.sizeHint().width() > short
    assert pill.text() == "Offline since 12:04"


def test_the_bug_dialog_copies_what_it_shows(qtbot: QtBot) -> None:
    dialog = BugDialog("Traceback …")
    qtbot.addWidget(dialog)
    assert not dialog.isModal()
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text() == "Traceback …"


def test_rich_text_is_off_in_every_label_of_a_widget(qtbot: QtBot) -> None:
    for widget in (InlineMessage(), EmptyState("x", "t"), TextField("l"), BugDialog("b")):
        qtbot.addWidget(widget)
        for label in widget.findChildren(QLabel):
            assert label.textFormat() == Qt.TextFormat.PlainText
