"""The menu of sizes and frame rates to ask of a camera."""

from __future__ import annotations

from functools import partial

from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QMenu, QWidget

from stylecam.app.live.session import Session
from stylecam.capture.base import COMMON_FORMATS, CameraFormat


class CameraMenu(QMenu):
    """One entry for every common format, and for the one that is asked for; choosing one opens the camera again."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__("Camera &size", parent)
        self.setToolTipsVisible(True)
        self._session = session
        self._group = QActionGroup(self)
        self.aboutToShow.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """List the formats again; the one that is asked for is checked."""
        self.clear()
        for old in self._group.actions():  # they are the group's, so that `clear` leaves them alive
            self._group.removeAction(old)
            old.deleteLater()
        asked = self._session.camera
        for each in sorted({*COMMON_FORMATS, asked}, key=lambda form: (form.width * form.height, form.fps)):
            action = self._group.addAction(label(each))
            if action is not None:
                action.setCheckable(True)
                action.setChecked(each == asked)
                action.setToolTip("What is asked of cameras; the camera decides, and the status bar tells what came of it")
                action.triggered.connect(partial(self._session.set_camera_format, each))
                self.addAction(action)


def label(form: CameraFormat) -> str:
    """Return a format as people read it."""
    return f"{form.width}×{form.height}, {form.fps:g} fps"
