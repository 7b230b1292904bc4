"""Design tokens: the numbers and colours that style sheet, painted widgets and plots share.

Lengths are logical pixels on a grid of eight; colours are `#rrggbb`. Nothing here knows Qt.
"""

from collections.abc import Iterator
from dataclasses import dataclass

STEP = 8
"""The grid: distances are multiples (or, inside a control, halves) of this."""

TOUCH = 44
"""The least height and width of anything a finger has to hit."""

SMALL, BODY, TITLE, DISPLAY = 13, 15, 20, 32
"""The four text sizes, in pixels."""

RADIUS, RADIUS_LARGE = 8, 12
"""Corners of controls, and of cards and panels."""

SHADOW_BLUR, SHADOW_DY, SHADOW_ALPHA = 32, 8, 46
"""The one shadow, for what floats above the page: blur, downward shift, opacity of 255."""

REGULAR, MEDIUM, BOLD = 400, 500, 600
"""Weights in use; where a family has no such weight, Qt takes the nearest."""

RAIL_WIDE, RAIL_NARROW, STRIP_HEIGHT = 208, 72, 64
FOLD_BELOW = 1200
"""Windows narrower than this show the rail as icons only."""

STACK_BELOW = 960
"""Windows narrower than this put columns below each other."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One of the four meanings: a strong fill, a quiet one, and the text that may stand on each."""

    fill: str
    on_fill: str
    soft: str
    on_soft: str
    line: str


@dataclass(frozen=True, slots=True)
class Colors:
    """All colours of one theme."""

    name: str
    canvas: str
    surface: str
    sunken: str
    hover: str
    pressed: str
    line: str
    line_strong: str
    text: str
    text_soft: str
    text_muted: str
    disabled: str
    accent: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    accent_soft: str
    on_accent_soft: str
    focus: str
    admit: Meaning
    refuse: Meaning
    attention: Meaning
    info: Meaning

    def meaning(self, name: str) -> Meaning:
        """`admit`, `refuse`, `attention`, `info` or `accent` or `neutral`; any other name raises KeyError."""
        return {
            "admit": self.admit,
            "refuse": self.refuse,
            "attention": self.attention,
            "info": self.info,
            "accent": Meaning(
                self.accent, self.on_accent, self.accent_soft, self.on_accent_soft, self.accent_soft
            ),
            "neutral": Meaning(self.text_soft, self.surface, self.sunken, self.text_soft, self.line),
        }[name]


LIGHT = Colors(
    name="light",
    canvas="#f5f6f8",
    surface="#ffffff",
    sunken="#eef0f3",
    hover="#f0f1f4",
    pressed="#e4e6eb",
    line="#e3e6ea",
    line_strong="#8b93a1",
    text="#14171f",
    text_soft="#454d5b",
    text_muted="#5d6573",
    disabled="#9aa1ad",
    accent="#4f46d6",
    accent_hover="#443bc4",
    accent_pressed="#3931a8",
    on_accent="#ffffff",
    accent_soft="#eeedfd",
    on_accent_soft="#3f36b8",
    focus="#6a61f0",
    admit=Meaning("#0b7a45", "#ffffff", "#e4f5ec", "#0a6137", "#a9dcc2"),
    refuse=Meaning("#c0221d", "#ffffff", "#fdeceb", "#a11a16", "#f2bdba"),
    attention=Meaning("#ffb224", "#2a1a00", "#fff3d9", "#774a00", "#f0cf8c"),
    info=Meaning("#1260c2", "#ffffff", "#e6f0fd", "#0d4c9c", "#b3d1f5"),
)

DARK = Colors(
    name="dark",
    canvas="#0e1014",
    surface="#171a21",
    sunken="#20242d",
    hover="#232833",
    pressed="#2c323e",
    line="#2a2f3a",
    line_strong="#6d7686",
    text="#f2f4f7",
    text_soft="#bcc3cf",
    text_muted="#99a2b1",
    disabled="#616a79",
    accent="#5f56e4",
    accent_hover="#6a61ec",
    accent_pressed="#5249d0",
    on_accent="#ffffff",
    accent_soft="#26244a",
    on_accent_soft="#c3bfff",
    focus="#9a94ff",
    admit=Meaning("#0f7d49", "#ffffff", "#10291d", "#74dba5", "#1f5339"),
    refuse=Meaning("#c52a24", "#ffffff", "#341517", "#ff9f99", "#6b2a2b"),
    attention=Meaning("#ffb224", "#2a1a00", "#30230c", "#ffcb6b", "#634a17"),
    info=Meaning("#1a66c9", "#ffffff", "#11233b", "#8fc0ff", "#234672"),
)

EVENT_COLORS = (
    "#6a61ec",
    "#0e9aa7",
    "#d9568a",
    "#b07a1e",
    "#3f83d6",
    "#8a5cc7",
    "#5b8c3e",
    "#c8603a",
)
"""Colours that tell events apart (bars and dots, never the only sign and never behind text)."""


def event_color(number: int) -> str:
    """The colour of an event by its number; the same on every station."""
    return EVENT_COLORS[number % len(EVENT_COLORS)]


def space(steps: float) -> int:
    """`steps` of the grid in pixels."""
    return int(STEP * steps)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def text_pairs(colors: Colors) -> Iterator[tuple[str, str, str]]:
    """Every (name, text colour, background) in use; all must reach a contrast of 4.5."""
    for ground in ("canvas", "surface", "sunken", "hover", "pressed"):
        for text in ("text", "text_soft"):
            yield f"{text} on {ground}", getattr(colors, text), getattr(colors, ground)
    for ground in ("canvas", "surface", "sunken", "hover"):
        yield f"text_muted on {ground}", colors.text_muted, getattr(colors, ground)
    for ground in ("accent", "accent_hover", "accent_pressed"):
        yield f"on_accent on {ground}", colors.on_accent, getattr(colors, ground)
    yield "on_accent_soft on accent_soft", colors.on_accent_soft, colors.accent_soft
    for name in ("admit", "refuse", "attention", "info"):
        meaning = colors.meaning(name)
        yield f"{name} on fill", meaning.on_fill, meaning.fill
        yield f"{name} on soft", meaning.on_soft, meaning.soft
        yield f"{name} text on surface", meaning.on_soft, colors.surface
        yield f"{name} text on canvas", meaning.on_soft, colors.canvas
