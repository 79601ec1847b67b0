"""Opens the window and runs it until it is closed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtWidgets import QApplication

from stylecam.app.painter import Painter
from stylecam.core.mix import StyleMix
from stylecam.engines.base import Engine
from stylecam.errors import EngineError, OutputError
from stylecam.gui.qt_app import prepare_environment
from stylecam.gui.theme import STYLE_SHEET
from stylecam.gui.window import MainWindow
from stylecam.packs.pack import StylePack

FIRST_PICTURE_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class WindowJob:
    """What the window starts with. `screenshot` makes it paint once, save itself as a PNG, and close."""

    photo: NDArray[np.uint8]
    pack: StylePack
    mix: StyleMix
    open_engine: Callable[[], Engine]
    read_photo: Callable[[Path], NDArray[np.uint8]]
    write_photo: Callable[[NDArray[np.uint8], Path], None]
    screenshot: Path | None = None


def run_window(job: WindowJob) -> int:
    """Show the window and return the exit code when it is closed.

    Raises:
        UsageError: there is no display.
        EngineError: no picture came in time for a screenshot, or the engine failed.
        OutputError: the screenshot cannot be written.
    """
    prepare_environment()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("stylecam")
    app.setStyleSheet(STYLE_SHEET)
    window = MainWindow(job.pack, Painter(job.photo, job.pack, job.open_engine), job.read_photo, job.write_photo)
    window.rack.set_mix(job.mix)
    window.show()
    try:
        if job.screenshot is None:
            return app.exec()
        _take_screenshot(app, window, job.screenshot)
        return 0
    finally:
        window.close()


def _take_screenshot(app: QApplication, window: MainWindow, path: Path) -> None:
    give_up = time.monotonic() + FIRST_PICTURE_TIMEOUT_S
    while window.shown is None:
        if time.monotonic() > give_up:
            raise EngineError("No picture was painted within a minute; `stylecam doctor` tells which engines work here.")
        app.processEvents()
        time.sleep(0.005)
    if window.shown.problem:
        raise EngineError(window.shown.problem)
    app.processEvents()
    if not window.grab().save(str(path), "PNG"):
        raise OutputError(f"The screenshot '{path}' cannot be written; check the folder.")
