"""Asks the user for a file, an address or a pack; each dialog begins in the folder where it ended the last time."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtWidgets import QFileDialog, QInputDialog, QWidget

from stylecam.gui.widgets.folders import folders_of
from stylecam.media.formats import CLIPS, IMAGES, dialog_filter

_FILES = dialog_filter("Images and clips", IMAGES, CLIPS)
#: An address is long.
_ADDRESS_PX = 560
_PACKS = "Style packs (*.stylepack manifest.json)"


class Asker:
    """Every method returns an empty string if the user thought better of it."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def file(self) -> str:
        """Ask for a photo or a clip."""
        return self._ask("Open photo or clip", _FILES)

    def pack(self) -> str:
        """Ask for a pack; who chooses its manifest means the folder that it lies in."""
        path = Path(self._ask("Open pack", _PACKS))
        return str(path.parent if path.name == "manifest.json" else path) if path.name else ""

    def address(self) -> str:
        """Ask for the address of a stream."""
        dialog = QInputDialog(self._parent)
        dialog.setWindowTitle("Open stream")
        dialog.setLabelText("Address of the stream, such as rtsp://… or http://…")
        dialog.setOkButtonText("Open")
        dialog.resize(_ADDRESS_PX, dialog.sizeHint().height())
        return dialog.textValue().strip() if dialog.exec() else ""

    def _ask(self, title: str, files: str) -> str:
        folders = folders_of(self._parent)
        name, _ = QFileDialog.getOpenFileName(self._parent, title, folders.begin(title), files)
        folders.end(title, name)
        return name
