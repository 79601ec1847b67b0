"""Folders: where each kind of dialog for files ended the last time, and showing a file in the system's file manager."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QWidget


class Folders:
    """Where dialogs for files ended, by what they ask for; the window remembers it in `ended` from one start to the next."""

    def __init__(self) -> None:
        self.ended: dict[str, str] = {}

    def begin(self, what: str) -> str:
        """Return where to begin: where it ended, if that is there still, else at home."""
        folder = self.ended.get(what, "")
        return folder if folder and Path(folder).is_dir() else str(Path.home())

    def end(self, what: str, name: str) -> None:
        """Note what was chosen; nothing if the user thought better of it."""
        if name:
            self.ended[what] = str(Path(name).parent)


def folders_of(widget: QWidget | None) -> Folders:
    """Return those of the window that a widget or its dialog belongs to; new ones where it belongs to none."""
    while widget is not None:
        found = getattr(widget, "folders", None)
        if isinstance(found, Folders):
            return found
        widget = widget.parentWidget()
    return Folders()


def show_in_folder(path: Path) -> None:
    """Open the folder of a file, with the file chosen where the system can do that."""
    if sys.platform == "darwin":
        subprocess.Popen(["/usr/bin/open", "-R", str(path)])  # noqa: S603
    elif sys.platform == "win32":
        subprocess.Popen(["explorer", "/select,", str(path)])  # noqa: S603, S607
    else:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
