"""The icons that ship (Lucide, see NOTICE.md), drawn in the colours of the theme, sharp at every scale."""

from __future__ import annotations

from functools import lru_cache

from PyQt6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PyQt6.QtSvg import QSvgRenderer

from stylecam.core.paths import shipped
from stylecam.gui.widgets.theme import theme


@lru_cache(maxsize=512)
def _drawing(name: str, colour: str, fill: str) -> bytes:
    text = shipped("assets", "icons", f"{name}.svg").read_text("utf-8").replace("currentColor", colour)
    return text.replace('fill="none"', f'fill="{fill}"', 1).encode()


class _ThemedIcon(QIconEngine):
    """Draws an SVG in a colour of the palette of the moment; `on` is the colour while its button is checked, `filled` fills it then."""

    def __init__(self, name: str, normal: str, on: str, filled: bool) -> None:
        super().__init__()
        self._name, self._normal, self._on, self._filled = name, normal, on, filled

    def clone(self) -> QIconEngine:
        """Return another of these."""
        return _ThemedIcon(self._name, self._normal, self._on, self._filled)

    def paint(self, drawing: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw it."""
        is_on = state == QIcon.State.On
        role = "disabled" if mode == QIcon.Mode.Disabled else self._on if is_on else self._normal
        colour = getattr(theme.palette, role)
        fill = colour if self._filled and (is_on or self._on == self._normal) else "none"
        side = min(rect.width(), rect.height())  # what is wider leaves space between the icon and words beside it
        # Not kept: what Qt made must not outlive the application.
        QSvgRenderer(QByteArray(_drawing(self._name, colour, fill))).render(
            drawing, QRectF(rect.x(), rect.y() + (rect.height() - side) / 2, side, side)
        )

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return it as pixels."""
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        drawing = QPainter(made)
        self.paint(drawing, QRect(QPoint(0, 0), size), mode, state)
        drawing.end()
        return made


def icon(name: str, colour: str = "text", *, on: str = "", filled: bool = False) -> QIcon:
    """Return an icon of `assets/icons`.

    Args:
        name: the file's, without its ending.
        colour: a field of `Palette`.
        on: another, while the button is checked.
        filled: its outline is filled, while it is checked if `on` is another colour.
    """
    return QIcon(_ThemedIcon(name, colour, on or colour, filled))


def app_icon() -> QIcon:
    """Return the program's own."""
    return QIcon(str(shipped("assets", "icons", "stylecam.svg")))
