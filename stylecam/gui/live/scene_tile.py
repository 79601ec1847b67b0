"""One scene in the strip: its number, its thumbnail and its name."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import QByteArray, QMimeData, QPoint, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QDrag, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PyQt6.QtWidgets import QAbstractButton, QApplication, QSizePolicy

from stylecam.control.scenes import KEYS, Scene
from stylecam.gui.widgets.plain_text import plain_tip
from stylecam.gui.widgets.theme import TEXT_SIZES, theme
from stylecam.packs.pack import StyleInfo

#: What is carried while a scene is dragged to another place.
MIME = "application/x-stylecam-scene"
_SIZE, _SMALL = QSize(124, 86), QSize(96, 28)
_CAPTION_PX, _LETTERS_PX = 18, 12
_ROUND_PX = 6
_TIP_STYLES = 6


class SceneTile(QAbstractButton):
    """Goes to its scene with a click; `asked` carries where the pointer asked for its menu, and it can be dragged to another place."""

    asked = pyqtSignal(int, QPoint)

    def __init__(self, number: int, scene: Scene, styles: Mapping[str, StyleInfo]) -> None:
        super().__init__()
        self.number, self.scene = number, scene
        self.is_current = False
        #: How much of the fade to it is gone, 1 without one.
        self.progress = 1.0
        self._is_small = False
        self._thumbnail = QPixmap()
        # A scene that somebody sent has no frame of this camera: then the style that weighs most.
        heaviest = max(scene.mix, key=lambda each: each[1], default=("", 0.0))[0]
        image = scene.thumbnail or (styles[heaviest].thumbnail if heaviest in styles else b"")
        if image:
            self._thumbnail.loadFromData(QByteArray(image))
        self._pressed_at = QPoint()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.asked.emit(self.number, self.mapToGlobal(at)))
        self.setAccessibleName(f"Scene {number}: {scene.name}")
        self.setToolTip(plain_tip(_tip(number, scene, styles)))
        self.set_small(small=False)

    def set_small(self, *, small: bool) -> None:
        """Leave the thumbnail out where there is little space."""
        self._is_small = small
        self.setFixedSize(self.sizeHint())
        self.update()

    def show_state(self, *, current: bool, progress: float) -> None:
        """Mark it as the one that is shown, or that comes."""
        if (current, progress) != (self.is_current, self.progress):
            self.is_current, self.progress = current, progress
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Return one of two sizes."""
        scale = TEXT_SIZES[theme.text_size]
        size = _SMALL if self._is_small else _SIZE
        return QSize(round(size.width() * scale), size.height() + round((scale - 1) * _CAPTION_PX))

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Note where a drag may begin."""
        if event is not None:
            self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Let it be dragged to another place."""
        if event is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if (event.position().toPoint() - self._pressed_at).manhattanLength() < QApplication.startDragDistance():
            return
        self.setDown(False)
        data = QMimeData()
        data.setData(MIME, str(self.number).encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self.grab())
        drag.exec(Qt.DropAction.MoveAction)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw all of it."""
        palette, drawing = theme.palette, QPainter(self)
        drawing.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        edge = 2.0 if self.is_current or self.hasFocus() else 1.0
        place = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        inner = place.adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2)
        path = QPainterPath()
        path.addRoundedRect(inner, _ROUND_PX, _ROUND_PX)
        drawing.fillPath(path, QColor(palette.active if self.is_current else palette.hover if self.underMouse() else palette.card))
        drawing.setClipPath(path)
        caption = QRectF(inner)
        if not self._is_small:
            height = _CAPTION_PX * TEXT_SIZES[theme.text_size]
            caption.setTop(inner.bottom() - height)
            self._draw_thumbnail(drawing, QRectF(inner.left(), inner.top(), inner.width(), inner.height() - height))
        self._draw_words(drawing, caption)
        if self.progress < 1:
            drawing.fillRect(QRectF(inner.left(), inner.bottom() - 3, inner.width() * self.progress, 3), QColor(palette.accent))
        drawing.setClipping(False)
        colour = palette.focus if self.hasFocus() else palette.accent if self.is_current else palette.line
        drawing.setPen(QPen(QColor(colour), edge))
        drawing.drawRoundedRect(inner, _ROUND_PX, _ROUND_PX)
        drawing.end()

    def _draw_thumbnail(self, drawing: QPainter, place: QRectF) -> None:
        palette = theme.palette
        if self._thumbnail.isNull():
            drawing.fillRect(place, QColor(palette.raised))
        else:
            height = place.width() * self._thumbnail.height() / self._thumbnail.width()  # as wide as the place, the middle of it
            target = QRectF(place.left(), place.center().y() - height / 2, place.width(), height)
            drawing.save()
            drawing.setClipRect(place, Qt.ClipOperation.IntersectClip)
            drawing.drawPixmap(target, self._thumbnail, QRectF(self._thumbnail.rect()))
            drawing.restore()

    def _draw_words(self, drawing: QPainter, place: QRectF) -> None:
        palette, scale = theme.palette, TEXT_SIZES[theme.text_size]
        font = self.font()
        font.setPixelSize(round(_LETTERS_PX * scale))
        font.setBold(True)
        drawing.setFont(font)
        number = str(self.number)
        side = 14.0 * scale
        wide = max(side, drawing.fontMetrics().horizontalAdvance(number) + 8.0)
        badge = QRectF(place.left() + 3, place.center().y() - side / 2, wide, side)
        drawing.setPen(Qt.PenStyle.NoPen)
        drawing.setBrush(QColor(palette.accent if self.is_current else palette.faint))
        drawing.drawRoundedRect(badge, 4, 4)
        drawing.setBrush(Qt.BrushStyle.NoBrush)
        drawing.setPen(QColor(palette.on_accent if self.is_current else palette.card))
        drawing.drawText(badge, Qt.AlignmentFlag.AlignCenter, number)
        font.setBold(False)
        drawing.setFont(font)
        rest = place.adjusted(badge.width() + 8, 0, -4, 0)
        name = drawing.fontMetrics().elidedText(self.scene.name, Qt.TextElideMode.ElideRight, int(rest.width()))
        drawing.setPen(QColor(palette.text))
        drawing.drawText(rest, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)


def _tip(number: int, scene: Scene, styles: Mapping[str, StyleInfo]) -> str:
    """Return what the scene holds, a line each."""
    total = sum(scene.mix.weights.values()) or 1.0
    heaviest = sorted(scene.mix, key=lambda each: -each[1])
    titles = [styles[style].title if style in styles else f"{style} (not in this pack)" for style, _ in heaviest]
    lines = [f"{title} {weight / total:.0%}".replace("%", " %") for title, (_, weight) in zip(titles, heaviest, strict=True)]
    key = f" (key {number})" if number <= KEYS else ""
    more = [f"and {len(lines) - _TIP_STYLES} more"] if len(lines) > _TIP_STYLES else []
    what = "The styles alone" if scene.scope == "mix" else "Styles, strength, effects, size and quality"
    return "\n".join([f"{scene.name}{key}", *lines[:_TIP_STYLES], *more, f"{what}. Right-click for more."])
