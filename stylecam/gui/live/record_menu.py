"""The menu of recordings: sound, format, countdown, timer, the last seconds, and where files go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QActionGroup, QDesktopServices
from PyQt6.QtWidgets import QFileDialog, QMenu, QWidget

from stylecam.capture.microphone import list_inputs
from stylecam.control.state import Controls
from stylecam.core import paths
from stylecam.core.params import Param
from stylecam.core.recording_params import COUNTDOWN_S, FORMAT, LIMIT_S, LOOP_FORMAT, RECORD_FOLDER, SOUND_DEVICE
from stylecam.errors import InputError

_COUNTDOWNS = {0: "None", 3: "3 seconds", 5: "5 seconds", 10: "10 seconds"}
_LIMITS = {0.0: "No end", 10.0: "10 seconds", 30.0: "30 seconds", 60.0: "1 minute", 300.0: "5 minutes", 3600.0: "1 hour"}
_LOOPS = {"gif": "GIF: plays everywhere", "webp": "WebP: smaller, all colours"}


class RecordMenu:
    """Fills a menu that has its actions already with the choices behind them.

    Args:
        menu: of the window.
        controls: hold the options.
    """

    def __init__(self, menu: QMenu, controls: Controls, parent: QWidget) -> None:
        self._controls, self._parent = controls, parent
        menu.addSeparator()
        self.inputs = self._choices(menu, "Sound &from", SOUND_DEVICE, _inputs)
        self.formats = self._choices(menu, "F&ormat", FORMAT, _formats)
        self.countdowns = self._choices(menu, "&Countdown", COUNTDOWN_S, lambda: _COUNTDOWNS)
        self.limits = self._choices(menu, "&Stop after", LIMIT_S, lambda: _LIMITS)
        self.loops = self._choices(menu, "&Loop as", LOOP_FORMAT, lambda: _LOOPS)
        menu.addSeparator()
        folder = menu.addAction("Recordings &go to…")
        if folder is not None:
            folder.triggered.connect(self._choose_folder)

    @property
    def folder(self) -> Path:
        """Where recordings go."""
        chosen = self._controls[RECORD_FOLDER]
        return Path(chosen).expanduser() if chosen else paths.user_videos()

    def open_folder(self) -> None:
        """Show the recordings in the system's file manager."""
        self.folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder)))

    def _choose_folder(self) -> None:
        if chosen := QFileDialog.getExistingDirectory(self._parent, "Recordings go to", str(self.folder)):
            self._controls.set(RECORD_FOLDER, chosen)

    def _choices(self, menu: QMenu, title: str, param: Param[Any], values: Callable[[], Mapping[Any, str]]) -> QMenu:
        """Add a menu of values, of which one holds; it is made when it is looked at."""
        choices = QMenu(title, menu)
        menu.addMenu(choices)

        def fill() -> None:
            choices.clear()
            group, now = QActionGroup(choices), self._controls[param]
            try:
                found = values()
            except InputError as error:
                if (refusal := choices.addAction(str(error).replace("&", "&&"))) is not None:
                    refusal.setEnabled(False)
                return
            for value, words in (found if now in found else {**found, now: str(now)}).items():
                action = choices.addAction(words.replace("&", "&&"))
                if action is not None:
                    action.setCheckable(True)
                    action.setChecked(value == now)
                    action.triggered.connect(partial(self._controls.set, param, value))
                    group.addAction(action)

        choices.aboutToShow.connect(fill)
        return choices


def _inputs() -> dict[str, str]:
    return {"": "The system's choice", **{name: name for name in list_inputs()}}


def _formats() -> dict[str, str]:
    from stylecam.outputs.clip_formats import available_formats

    return available_formats()
