"""The settings of this station: label, control, where the value comes from; refusals beside the control."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.frame.screen import Page
from ui.station.book import SettingModel
from ui.station.setting_row import SettingRow
from ui.station.settings_presenter import GROUPS, SettingsPresenter
from ui.style import tokens
from ui.widgets.cards import Card, Divider, ScrollColumn
from ui.widgets.flow import Columns
from ui.widgets.labels import PlainLabel


class SettingsPage(Page):
    """One card per group; a value holds as soon as it is chosen."""

    def __init__(self, presenter: SettingsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._rows: dict[str, SettingRow] = {}
        scroll = ScrollColumn(margin=2, gap=2)
        self._cards = {key: Card(title) for key, title in self._titles().items()}
        left, right = QWidget(), QWidget()
        for pane, keys in ((left, ("look", "print")), (right, ("gate",))):
            column = QVBoxLayout(pane)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(tokens.space(2))
            for key in keys:
                column.addWidget(self._cards[key])
            column.addStretch(1)
        scroll.column.addWidget(Columns([(left, 1), (right, 1)], stack_below=720))
        scroll.column.addWidget(
            PlainLabel(
                self.tr("These settings hold for this station only. Devices have a page of their own."),
                size="small", tone="muted", wrap=True,
            )
        )  # fmt: skip
        self.fill(scroll)
        presenter.attach(self)

    def _titles(self) -> dict[str, str]:
        return {
            "look": self.tr("Look and sound"),
            "print": self.tr("Printing"),
            "gate": self.tr("Gate"),
        }

    def on_enter(self) -> None:
        self._presenter.enter()

    def on_leave(self) -> None:
        self._presenter.leave()

    def show_settings(self, rows: Sequence[SettingModel]) -> None:
        """Fill the rows; they are made when they are first known."""
        by_name = {row.name: row for row in rows}
        for group, names in GROUPS.items():
            for name in names:
                setting = by_name.get(name)
                if setting is None:
                    continue
                if name in self._rows:
                    self._rows[name].show_setting(setting)
                    continue
                made = SettingRow(setting)
                made.kept.connect(self._presenter.keep)
                column = self._cards[group].column
                if column.count() > 1:
                    column.addWidget(Divider())
                column.addWidget(made)
                self._rows[name] = made

    def refuse(self, name: str, said: str) -> None:
        """A value was not taken."""
        if name in self._rows:
            self._rows[name].refuse(said)

    def row(self, name: str) -> SettingRow:
        """The row of a setting; KeyError before it is known."""
        return self._rows[name]
