"""A style shown while the pointer rests on its card, and the user's own frame on every card: both before anything is chosen."""

from __future__ import annotations

from functools import partial

import numpy as np
from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QImage, QPixmap

from stylecam.app.live.session import Session
from stylecam.engines.base import Image
from stylecam.gui.live.rack import StyleRack

#: So long must the pointer rest on a thumbnail.
REST_MS = 600


class Audition(QObject):
    """Shows a style alone while the pointer rests on its thumbnail; the controls, and so undo, know nothing of it.

    Whatever is turned or pressed meanwhile ends it. It does not begin while a recording or a device gets what is shown.
    """

    def __init__(self, session: Session, rack: StyleRack) -> None:
        super().__init__(rack)
        self._session, self._rack = session, rack
        self._style = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._begin)
        rack.pointed.connect(self._point)

    def end(self) -> None:
        """Show the mix again."""
        self._timer.stop()
        self._session.audition("")

    @property
    def words(self) -> str:
        """What is shown and how it is kept, while it is shown."""
        card = self._rack.rows.get(self._session.auditioned)
        return f"Trying “{card.title}” · click its card to keep it" if card is not None else ""

    def _begin(self) -> None:
        self._session.audition(self._style)

    def _point(self, style: str, on: bool) -> None:
        self.end()
        if on:
            self._style = style
            self._timer.start()


class OwnFrames(QObject):
    """The newest frame in each style instead of the style images, rendered between the live frames."""

    _came = pyqtSignal(str, object, int)  # emitted in the render thread

    def __init__(self, session: Session, rack: StyleRack) -> None:
        super().__init__(rack)
        self._session, self._rack = session, rack
        self._round = 0
        self._came.connect(self._show)

    def show(self, *, on: bool) -> bool:
        """Begin with the frame of the moment, or show the style images again; False if there is no frame yet."""
        self._round += 1  # what is still under way belongs to an earlier one
        self._rack.show_own({})
        if not on:
            return True
        styles = self._rack.visible_styles()
        rest = [style for style in self._rack.rows if style not in styles]
        return self._session.sample([*styles, *rest], partial(self._take, self._round))

    def _take(self, number: int, style: str, image: Image) -> None:
        self._came.emit(style, image, number)

    def _show(self, style: str, image: Image, number: int) -> None:
        if number == self._round:
            pixels = np.ascontiguousarray(image)
            height, width = pixels.shape[:2]
            shown = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)  # type: ignore[call-overload]
            self._rack.show_own({style: QPixmap.fromImage(shown)})
