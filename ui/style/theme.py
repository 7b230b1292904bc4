"""Light and dark: applies palette, style sheet and fonts to the application and follows the system."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ui.assets import asset
from ui.style import tokens
from ui.style.qss import style_sheet
from ui.style.tokens import DARK, LIGHT, Colors

Choice = Literal["system", "light", "dark"]


class Theme(QObject):
    """The look of the whole application. `changed` fires after everything has been restyled."""

    changed = Signal()

    def __init__(self, app: QApplication, font_files: Iterable[Path] | None = None) -> None:
        """Load the bundled fonts (by default every .ttf below resources/fonts) and set the base style."""
        super().__init__(app)
        self._app = app
        self._choice: Choice = "system"
        self._shown: str | None = None
        app.setStyle("Fusion")
        app.setFont(ui_font(load_fonts(_bundled() if font_files is None else font_files)))
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def choice(self) -> Choice:
        """What the person chose; `system` follows the desktop."""
        return self._choice

    def set(self, choice: Choice) -> None:
        """Show this theme from now on."""
        self._choice = choice
        self._restyle()

    def _system_changed(self) -> None:
        if self._choice == "system":
            self._restyle()

    def _restyle(self) -> None:
        colors = self._wanted()
        if colors.name == self._shown:
            return
        self._shown = colors.name
        self._app.setPalette(palette(colors))
        self._app.setStyleSheet(style_sheet(colors))
        self.changed.emit()

    def _wanted(self) -> Colors:
        if self._choice == "system":
            dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
            return DARK if dark else LIGHT
        return DARK if self._choice == "dark" else LIGHT


def apply(app: QApplication, choice: Choice = "system") -> Theme:
    """Style the application; keep the answer to switch later."""
    theme = Theme(app)
    theme.set(choice)
    return theme


def current_colors() -> Colors:
    """The colours on screen now, told by the application's palette (for painted widgets)."""
    return DARK if QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def _bundled() -> list[Path]:
    return sorted(asset("fonts").rglob("*.ttf"))


def load_fonts(font_files: Iterable[Path]) -> str | None:
    """Make these fonts known to Qt; the first proportional family among them, else None."""
    family: str | None = None
    for path in font_files:
        number = QFontDatabase.addApplicationFont(str(path))
        names = QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
        if family is None and names and not QFontDatabase.isFixedPitch(names[0]):
            family = names[0]
    return family


def ui_font(family: str | None) -> QFont:
    """The font of the program, with figures of equal width where the family has them."""
    font = QFont(family) if family else QFont()
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setPixelSize(tokens.BODY)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def palette(colors: Colors) -> QPalette:
    """The palette for everything that a style sheet does not reach."""
    made = QPalette()
    roles = QPalette.ColorRole
    for role, color in {
        roles.Window: colors.canvas,
        roles.WindowText: colors.text,
        roles.Base: colors.surface,
        roles.AlternateBase: colors.sunken,
        roles.Text: colors.text,
        roles.PlaceholderText: colors.text_muted,
        roles.Button: colors.surface,
        roles.ButtonText: colors.text,
        roles.BrightText: colors.on_accent,
        roles.Highlight: colors.accent,
        roles.HighlightedText: colors.on_accent,
        roles.Link: colors.on_accent_soft,
        roles.ToolTipBase: colors.text,
        roles.ToolTipText: colors.surface,
        roles.Mid: colors.line,
        roles.Dark: colors.line_strong,
        roles.Light: colors.surface,
        roles.Accent: colors.accent,
    }.items():
        made.setColor(role, QColor(color))
    for role in (roles.Text, roles.ButtonText, roles.WindowText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(colors.disabled))
    return made
