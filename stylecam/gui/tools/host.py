"""Keeps the dialogs of the menu Tools, each made when it is first asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

if TYPE_CHECKING:
    from stylecam.app.live.session import Session
    from stylecam.gui.tools.layers_dialog import LayersDialog


class ToolsHost(QObject):
    """`said` carries what a dialog has to say even when it is closed, and whether it is a complaint."""

    said = pyqtSignal(str, bool)

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._parent = session, parent
        self.layers: LayersDialog | None = None

    def open_layers(self) -> None:
        """Show what layers hold; the live video goes on."""
        if self.layers is None:
            from stylecam.app.tools.layers_desk import LayersDesk
            from stylecam.gui.tools.layers_dialog import LayersDialog

            self.layers = LayersDialog(LayersDesk(self._session), self._parent)
            self.layers.said.connect(self.said)
        self.layers.open_for_use()

    @property
    def output(self) -> Path | None:
        """The newest image that a dialog made, if it is there."""
        output = self.layers.desk.output if self.layers is not None else None
        return output if output is not None and output.is_file() else None

    def close(self) -> None:
        """End with the window what the dialogs run; its work is kept."""
        if self.layers is not None:
            self.layers.shut_down()
