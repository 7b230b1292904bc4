"""The camera's picture with the found code outlined; without a picture, a calm place that says so."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.services.facade import Frame
from ui.style import paint, tokens
from ui.style.icons import draw_icon
from ui.style.theme import current_colors

WIDE, HIGH = 16, 9


class CameraView(QWidget):
    """Shows frames whole and centred. `set_words` is what stands there while there is no picture."""

    def __init__(self, parent: QWidget | None = None, *, grounded: bool = False) -> None:
        """`grounded`: a quiet ground fills what the picture leaves free."""
        super().__init__(parent)
        self._grounded = grounded
        self._frame: Frame | None = None
        self._image: QImage | None = None
        self._icon, self._words = "camera", ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_frame(self, frame: Frame) -> None:
        """Show this picture from now on."""
        self._frame = frame
        self._image = QImage(
            frame.rgb, frame.width, frame.height, frame.width * 3, QImage.Format.Format_RGB888
        )
        self.update()

    def clear(self) -> None:
        """No picture any more: the camera is gone or closed."""
        self._frame = self._image = None
        self.update()

    def has_picture(self) -> bool:
        """Whether there is a picture."""
        return self._image is not None

    def set_words(self, icon: str, words: str) -> None:
        """What to show without a picture."""
        self._icon, self._words = icon, words
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(320, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, 54)

    def paintEvent(self, event: QPaintEvent) -> None:
        c = current_colors()
        painter = paint.begin(self)
        rect = QRectF(self.rect())
        if self._grounded or self._image is None:
            paint.box(painter, rect, c.sunken, None, tokens.RADIUS)
        if self._image is None or self._frame is None:
            self._paint_words(painter, rect)
            return
        shown = self._picture_rect(rect)
        path = QPainterPath()
        path.addRoundedRect(shown, tokens.RADIUS, tokens.RADIUS)
        painter.setClipPath(path)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(shown, self._image)
        if self._frame.corners:
            self._outline(painter, shown, self._frame)

    def _picture_rect(self, rect: QRectF) -> QRectF:
        frame = self._frame
        wide, high = (frame.width, frame.height) if frame else (WIDE, HIGH)
        scale = min(rect.width() / max(1, wide), rect.height() / max(1, high))
        size = QRectF(0, 0, wide * scale, high * scale)
        size.moveCenter(rect.center())
        return size

    def _outline(self, painter: QPainter, shown: QRectF, frame: Frame) -> None:
        """A bright line on a dark one: seen on any picture."""
        across, down = shown.width() / frame.width, shown.height() / frame.height
        points = [QPointF(shown.left() + x * across, shown.top() + y * down) for x, y in frame.corners or ()]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in (("#101218", 8.0), ("#58e39a", 4.0)):
            painter.setPen(QPen(QColor(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap,
                                Qt.PenJoinStyle.RoundJoin))  # fmt: skip
            painter.drawPolygon(QPolygonF(points))

    def _paint_words(self, painter: QPainter, rect: QRectF) -> None:
        c = current_colors()
        side = min(40.0, rect.height() * 0.36)
        words = QRectF(rect.left() + 12, rect.center().y() + side * 0.2, rect.width() - 24, 24)
        roomy = bool(self._words) and rect.height() >= 90
        top = rect.center().y() - side * (0.9 if roomy else 0.5)
        draw_icon(painter, self._icon, c.text_muted, QRectF(rect.center().x() - side / 2, top, side, side))
        if roomy:
            painter.setFont(paint.sized(self.font(), tokens.SMALL, tokens.MEDIUM))
            paint.text(painter, words, self._words, c.text_muted, paint.CENTER)
