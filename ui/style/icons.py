"""Icons: SVG files tinted with a token's colour, rendered sharp at the screen's density and cached by Qt."""

from functools import partial

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from ui.assets import asset
from ui.style.tokens import Colors

ICON, ICON_LARGE = 20, 24
"""The two icon sizes inside controls, in pixels."""


def pixmap(name: str, color: str, size: int = ICON, ratio: float = 1.0) -> QPixmap:
    """The icon `name` (a file of resources/icons without .svg) in this colour.

    `ratio` is the device pixel ratio of where it is shown. Raises FileNotFoundError for an unknown name.
    """
    key = f"gatehouse-icon/{name}/{color}/{size}/{ratio:.3f}"
    made = QPixmap()
    if QPixmapCache.find(key, made):
        return made
    text = asset("icons", f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", color)
    renderer = QSvgRenderer(QByteArray(text.encode()))
    side = round(size * ratio)
    made = QPixmap(QSize(side, side))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    made.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, made)
    return made


def draw_icon(painter: QPainter, name: str, color: str, box: QRectF) -> None:
    """Paint the icon into a square box, at the density of the painter's device."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    painter.drawPixmap(box.topLeft(), pixmap(name, color, round(box.width()), ratio))


def icon(name: str, colors: Colors, size: int = ICON) -> QIcon:
    """A QIcon for menus and views: normal and disabled colours, at one and two pixels per point."""
    made = QIcon()
    draw = partial(pixmap, name, size=size)
    for ratio in (1.0, 2.0):
        made.addPixmap(draw(colors.text_soft, ratio=ratio), QIcon.Mode.Normal)
        made.addPixmap(draw(colors.disabled, ratio=ratio), QIcon.Mode.Disabled)
    return made
