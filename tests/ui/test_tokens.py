"""The design tokens: contrast, grid, and that the theme reaches the application."""

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from ui.assets import asset
from ui.style import tokens
from ui.style.icons import pixmap
from ui.style.qss import style_sheet
from ui.style.theme import Theme, current_colors
from ui.style.tokens import DARK, LIGHT, Colors, contrast, event_color, text_pairs

UI = Path(tokens.__file__).resolve().parents[1]


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_its_ground(colors: Colors) -> None:
    weak = {name: round(contrast(text, ground), 2) for name, text, ground in text_pairs(colors)
            if contrast(text, ground) < 4.5}  # fmt: skip
    assert weak == {}


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_focus_and_field_borders_stand_out_from_what_is_around_them(colors: Colors) -> None:
    for line in (colors.focus, colors.line_strong):
        assert contrast(line, colors.surface) >= 3
        assert contrast(line, colors.canvas) >= 2.8


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")


def test_the_four_meanings_are_told_apart_in_both_themes() -> None:
    for colors in (LIGHT, DARK):
        fills = {colors.meaning(name).fill for name in ("admit", "refuse", "attention", "info")}
        assert len(fills) == 4
    with pytest.raises(KeyError):
        LIGHT.meaning("unheard-of")


def test_lengths_keep_to_the_grid() -> None:
    assert tokens.space(1) == 8
    assert tokens.space(2.5) == 20
    assert {tokens.SMALL, tokens.BODY, tokens.TITLE, tokens.DISPLAY} == {13, 15, 20, 32}
    assert tokens.TOUCH >= 44


def test_an_event_has_the_same_colour_everywhere() -> None:
    assert event_color(3) == event_color(3 + len(tokens.EVENT_COLORS))
    assert event_color(3) != event_color(4)


def test_the_style_sheet_uses_colours_of_its_theme_only() -> None:
    for colors in (LIGHT, DARK):
        known = {getattr(colors, name) for name in colors.__dataclass_fields__ if name != "name"}
        known |= {value for name in ("admit", "refuse", "attention", "info")
                  for value in vars_of(colors.meaning(name))}  # fmt: skip
        assert set(re.findall(r"#[0-9a-f]{6}", style_sheet(colors))) <= known


def vars_of(meaning: tokens.Meaning) -> set[str]:
    return {getattr(meaning, name) for name in meaning.__dataclass_fields__}


def test_switching_the_theme_changes_what_painted_widgets_see(theme: Theme, qapp: QApplication) -> None:
    theme.set("dark")
    assert current_colors() is DARK
    assert DARK.canvas in qapp.styleSheet()
    theme.set("light")
    assert current_colors() is LIGHT


def test_the_font_of_the_program_is_the_bundled_one(qapp: QApplication) -> None:
    assert qapp.font().family() == "IBM Plex Sans"


def test_icons_take_the_colour_they_are_given(qapp: QApplication) -> None:
    image = pixmap("check", "#ff0000", 24, 2.0).toImage()
    assert image.width() == 48
    inked = [
        image.pixelColor(x, y) for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() == 255
    ]
    assert inked
    assert all(color.red() == 255 and color.green() == 0 for color in inked)
    with pytest.raises(FileNotFoundError):
        pixmap("no-such-icon", "#000000")


def test_every_icon_named_in_the_source_exists() -> None:
    names = {path.stem for path in asset("icons").glob("*.svg")}
    used: set[str] = set()
    for path in UI.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        used |= set(
            re.findall(r'(?:icon=|draw_icon\([\w.]+, |IconButton\(\s*|set_icon\()"([a-z0-9-]+)"', text)
        )
    assert len(used) > 10
    assert used - names == set()


def test_screens_write_no_colours_of_their_own() -> None:
    strays = {
        f"{path.relative_to(UI)}: {color}"
        for path in UI.rglob("*.py")
        if path.parent.name != "style"
        for color in re.findall(r'"(#[0-9a-fA-F]{3,8})"', path.read_text(encoding="utf-8"))
    }
    over_pictures = {"gate/camera_view.py: #101218", "gate/camera_view.py: #58e39a"}
    assert strays - over_pictures <= {"widgets/choices.py: #ffffff", "widgets/tiles.py: #6a61ec"}
