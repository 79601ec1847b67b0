"""The menu of recordings: sound, format, countdown, timer, the last seconds, and where files go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QUrl
from PyQt6.QtGui import QActionGroup, QDesktopServices
from PyQt6.QtWidgets import QFileDialog, QInputDialog, QMenu, QWidget

from stylecam.capture.microphone import list_inputs
from stylecam.control.state import Controls
from stylecam.core import paths
from stylecam.core.atomic_io import make_folder
from stylecam.core.params import Param
from stylecam.core.recording_params import (
    COUNTDOWN_S,
    FORMAT,
    LIMIT_S,
    LOOP_FORMAT,
    NAME_PATTERN,
    RECORD_FOLDER,
    SNAPSHOT_FOLDER,
    SOUND_DEVICE,
    SOUND_OFFSET_MS,
    TIMELAPSE,
)
from stylecam.errors import InputError

_COUNTDOWNS = {0: "None", 3: "3 seconds", 5: "5 seconds", 10: "10 seconds"}
_LIMITS = {0.0: "No end", 10.0: "10 seconds", 30.0: "30 seconds", 60.0: "1 minute", 300.0: "5 minutes", 3600.0: "1 hour"}
_OFFSETS = {-100.0: "100 ms earlier", 0.0: "None", 50.0: "50 ms later", 100.0: "100 ms later", 200.0: "200 ms later"}
_LAPSES = {0: "Off", 5: "5 times as fast", 20: "20 times as fast", 60: "A minute in a second", 600: "Ten minutes in a second"}
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
        self.offsets = self._choices(menu, "Sound o&ffset", SOUND_OFFSET_MS, lambda: _OFFSETS)
        self.formats = self._choices(menu, "F&ormat", FORMAT, _formats)
        self.countdowns = self._choices(menu, "&Countdown", COUNTDOWN_S, lambda: _COUNTDOWNS)
        self.limits = self._choices(menu, "&Stop after", LIMIT_S, lambda: _LIMITS)
        self.lapses = self._choices(menu, "Time-la&pse", TIMELAPSE, lambda: _LAPSES)
        self.loops = self._choices(menu, "&Loop as", LOOP_FORMAT, lambda: _LOOPS)
        menu.addSeparator()
        for words, act in (
            ("Recordings &go to…", partial(self._choose_folder, RECORD_FOLDER, paths.user_videos)),
            ("Snapshots go &to…", partial(self._choose_folder, SNAPSHOT_FOLDER, paths.user_pictures)),
            ("&Names of files…", self._choose_names),
        ):
            if (action := menu.addAction(words)) is not None:
                action.triggered.connect(act)

    def open_folder(self) -> None:
        """Show the recordings in the system's file manager.

        Raises:
            OutputError: the folder is not there and cannot be made.
        """
        folder = self._folder(RECORD_FOLDER, paths.user_videos)
        make_folder(folder)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _folder(self, param: Param[str], usual: Callable[[], Path]) -> Path:
        return Path(self._controls[param]).expanduser() if self._controls[param] else usual()

    def _choose_folder(self, param: Param[str], usual: Callable[[], Path], _checked: bool = False) -> None:
        if chosen := QFileDialog.getExistingDirectory(self._parent, param.label, str(self._folder(param, usual))):
            self._controls.set(param, chosen)

    def _choose_names(self) -> None:
        words = "{date}, {time} and {styles} are filled in; an empty line brings the usual names back:"
        text, done = QInputDialog.getText(self._parent, "Names of files", words, text=self._controls[NAME_PATTERN])
        if done:
            self._controls.set(NAME_PATTERN, text.strip() or NAME_PATTERN.default)

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
