"""The rest of the menu Help: first steps, guide, a report on problems, licences and what this program is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QProcess, QSize, Qt
from PyQt6.QtGui import QDesktopServices, QGuiApplication
from PyQt6.QtWidgets import QDialog, QFrame, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from stylecam import __version__
from stylecam.core import paths

if TYPE_CHECKING:
    from importlib import metadata

_ABOUT = (
    "## stylecam {version}\n\nLive video in the styles of artists, after “A Learned Representation for Artistic Style” "
    "(Dumoulin, Shlens and Kudlur, 2017): one network, in which every style is a few numbers that can be mixed.\n\n"
    "Free software under the GNU General Public License, version 3 or later: you may use, study, share and change it. "
    "It comes without any warranty. Nothing that your camera sees leaves this computer."
)


def guide_text() -> str:
    """Return the guide, Markdown: the page on the window in a checkout, else what the installed package says of itself."""
    path = paths.shipped("docs", "window.md")
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return _of_package(lambda package: str(package.metadata.get_payload())) or "The guide is in the README of stylecam's source."  # type: ignore[attr-defined]


class Report(QObject):
    """Runs `stylecam doctor` and puts what it says on the clipboard.

    Args:
        say: shows a sentence.
    """

    command: tuple[str, ...] = (sys.executable, "-m", "stylecam", "doctor")

    def __init__(self, say: Callable[[str], object], parent: QObject) -> None:
        super().__init__(parent)
        self._say = say
        self._process: QProcess | None = None

    def begin(self) -> None:
        """Start it, unless it runs already; every engine is tried, which takes some seconds."""
        if self._process is not None:
            return
        self._say("Looking at this computer for a report; that takes some seconds …")
        process = self._process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.finished.connect(self._take)
        process.errorOccurred.connect(self._failed)
        process.start(self.command[0], list(self.command[1:]))

    def close(self) -> None:
        """End it with the window."""
        if self._process is not None:
            process, self._process = self._process, None
            process.finished.disconnect()
            process.errorOccurred.disconnect()
            process.kill()
            process.waitForFinished(2000)

    def _take(self) -> None:
        process, self._process = self._process, None
        clipboard = QGuiApplication.clipboard()
        if process is None or clipboard is None:
            return
        text = bytes(process.readAllStandardOutput().data()).decode("utf-8", "replace").strip()
        clipboard.setText(text)
        self._say("The report is on the clipboard: paste it where you report the problem, and say what you did and what you saw.")

    def _failed(self) -> None:
        if self._process is not None and self._process.state() == QProcess.ProcessState.NotRunning:
            self._process = None
            self._say("The report cannot be made here; run `stylecam doctor` in a terminal instead.")


class TextSheet(QDialog):
    """A text to read, Markdown, with a button that closes it. Links are for the web browser, and only those that are whole addresses."""

    def __init__(self, title: str, text: str, size: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.anchorClicked.connect(lambda url: QDesktopServices.openUrl(url) if url.scheme() in ("http", "https") else None)
        self.text.setAccessibleName(title)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setMarkdown(text)
        column.addWidget(self.text, 1)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        screen = self.screen()
        space = screen.availableSize() if screen is not None else size
        self.resize(min(size.width(), space.width() - 20), min(size.height(), space.height() - 60))


def about_text() -> str:
    """Return what this program is."""
    return _ABOUT.format(version=__version__)


def licences_text() -> str:
    """Return the licences of all that ships, Markdown."""
    try:
        return paths.shipped("NOTICE.md").read_text(encoding="utf-8")
    except OSError:
        notice = _of_package(lambda package: package.read_text("licenses/NOTICE.md") or package.read_text("NOTICE.md") or "")
        return notice or "stylecam is free software under the GPL, version 3 or later; NOTICE.md of its source lists what it uses."


def _of_package(read: Callable[[metadata.Distribution], str]) -> str:
    from importlib import metadata  # here: the start need not wait for it

    try:
        return read(metadata.distribution("stylecam"))
    except metadata.PackageNotFoundError:
        return ""
