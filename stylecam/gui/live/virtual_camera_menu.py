"""The options of the virtual camera, in the menu Tools and behind its button."""

from __future__ import annotations

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from stylecam.app.live.interfaces import Status
from stylecam.app.live.session import Session
from stylecam.core.window_params import CAMERA_FIT, CAMERA_FPS, CAMERA_MIRROR, CAMERA_SIZE
from stylecam.gui.live.option_menu import add_switch, choice_menu
from stylecam.gui.widgets.plain_text import plain_tip

_RATES = (15, 24, 25, 30, 50, 60)
FITS = {"fit": "Whole frame, with bars", "fill": "No bars, edges cut off"}
ID = "virtual_camera"


class VirtualCameraMenu(QMenu):
    """Size and rate cannot change while other programs have the camera open; the rest can.

    Args:
        session: has the options.
        action: its switch, whose tooltip says what others get while it is on.
        button: gets this menu on a right click.
        parent: the window.
    """

    def __init__(self, session: Session, action: QAction, button: QToolButton, parent: QWidget) -> None:
        super().__init__("Options of the virtual &camera", parent)
        self._action, self._tip = action, action.toolTip()
        controls = session.controls
        self._fixed = [
            self.addMenu(choice_menu(self, controls, CAMERA_SIZE, {size: size.replace("x", " × ") for size in CAMERA_SIZE.choices})),
            self.addMenu(choice_menu(self, controls, CAMERA_FPS, {fps: f"{fps} frames per second" for fps in _RATES})),
        ]
        self.addMenu(choice_menu(self, controls, CAMERA_FIT, FITS))
        add_switch(self, controls, CAMERA_MIRROR)
        self.aboutToShow.connect(lambda: self._show_fixed(is_on=bool(session.commands.value(ID))))
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(lambda at: self.popup(button.mapToGlobal(QPoint(at))))

    def show_status(self, status: Status) -> None:
        """Say in the tooltip which camera others choose, and what they get."""
        sink = status.sinks.get(ID)
        detail = sink.detail if sink is not None else ""
        self._action.setToolTip(plain_tip(f"Choose the camera {detail}. Right-click for options.") if detail else self._tip)

    def _show_fixed(self, *, is_on: bool) -> None:
        for action in self._fixed:
            if action is not None:
                action.setEnabled(not is_on)
                action.setText(action.text().partition(" (")[0] + (" (switch it off first)" if is_on else ""))
