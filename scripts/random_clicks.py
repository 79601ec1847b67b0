"""Click, type and scroll at random in the real window for some minutes, and tell what was raised, how long it stood still, and its memory.

xvfb-run -a -s "-screen 0 1440x900x24" python scripts/random_clicks.py --minutes 30 --seed 1

`stylecam bench soak` does the same to the session, by its commands; this finds what only widgets, menus and dialogs can do. What it saves
goes to a folder that is thrown away, and the system's own dialogs answer "cancel". Exit code 1 if anything was raised.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
import tempfile
import threading
import time
import traceback

from PyQt6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QInputDialog, QMenu, QWidget

from stylecam.app.live.services import build_services
from stylecam.app.settings import Settings
from stylecam.core.process import rss_mb
from stylecam.gui.garbage import Garbage
from stylecam.gui.main import WindowJob, build_window
from stylecam.gui.qt_app import prepare_environment
from stylecam.gui.window import MainWindow
from stylecam.packs.library import pack_library
from stylecam.render.budget import ThreadBudget

KEYS = (
    *(Qt.Key(Qt.Key.Key_0 + digit) for digit in range(10)),
    *(Qt.Key(Qt.Key.Key_F1 + number) for number in range(12)),
    *(Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up),
    *(Qt.Key.Key_Down, Qt.Key.Key_A, Qt.Key.Key_Delete),
)
#: With Ctrl; Ctrl+Q would end it.
CONTROL_KEYS = (Qt.Key.Key_D, Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_R, Qt.Key.Key_S, Qt.Key.Key_E, Qt.Key.Key_1, Qt.Key.Key_2)
SIZES = ((1280, 800), (1024, 600), (800, 480), (1440, 900))
STEP_MS = 60
#: Dialogs and menus are left after so many steps at most, so that the window has its turn.
_LEAVE_AFTER = 12


class Faults(logging.Handler):
    """What was raised, logged as an error, or warned of by Qt."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []
        logging.getLogger().addHandler(self)
        sys.excepthook = lambda kind, error, trace: self.add("".join(traceback.format_exception(kind, error, trace)))
        threading.excepthook = lambda args: self.add(f"in {args.thread}: {args.exc_value!r}")
        sys.unraisablehook = lambda args: self.add(f"{args.err_msg}: {args.exc_value!r}")
        qInstallMessageHandler(lambda kind, _, text: self.add(f"Qt: {text}") if kind != QtMsgType.QtDebugMsg else None)

    def emit(self, record: logging.LogRecord) -> None:
        """Take what was logged."""
        self.add(self.format(record))

    def add(self, text: str) -> None:
        """Keep and print it."""
        self.texts.append(text)
        print(text, flush=True)  # noqa: T201 (a script that reports)


class Hand(QObject):
    """Does one thing at random per step, in the menu or dialog that is in front, else in the window, which it does not let close."""

    def __init__(self, window: MainWindow, rng: random.Random, seconds: float) -> None:
        super().__init__()
        self.window, self.rng, self.end = window, rng, time.monotonic() + seconds
        self.steps, self.longest_s, self.memory = 0, 0.0, list[float]()
        self._last, self._inside = time.monotonic(), 0
        window.installEventFilter(self)
        QTimer.singleShot(STEP_MS, self.step)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 (Qt's name)
        """Refuse to close."""
        if event is not None and event.type() == QEvent.Type.Close and time.monotonic() < self.end:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def step(self) -> None:
        """Do the next thing."""
        now = time.monotonic()
        self.longest_s, self._last = max(self.longest_s, now - self._last), now
        if now >= self.end:
            self.leave()
            QApplication.exit()
            return
        QTimer.singleShot(STEP_MS, self.step)  # before: a click may open a menu, and comes back when that is left
        self.steps += 1
        if self.steps % 100 == 0:
            self.memory.append(rss_mb() or 0.0)
        front = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        self._inside = self._inside + 1 if front is not None else 0
        if self._inside > _LEAVE_AFTER:
            self.leave()
        else:
            self.touch(front or self.window)
        self._last = time.monotonic()  # what a click itself takes, a whole menu perhaps, is no standstill

    def leave(self) -> None:
        """Close what is in front."""
        for widget in (QApplication.activePopupWidget(), QApplication.activeModalWidget()):
            if widget is not None:
                QTest.keyClick(widget, Qt.Key.Key_Escape)
                widget.close()

    def touch(self, front: QWidget) -> None:
        """Click, type, scroll, or give the window another size."""
        rng, draw = self.rng, self.rng.random()
        seen = [widget for widget in front.findChildren(QWidget) if widget.isVisible() and widget.isEnabled()]
        target = rng.choice(seen) if seen else front
        at = QPoint(rng.randrange(max(1, target.width())), rng.randrange(max(1, target.height())))
        if isinstance(front, QMenu):
            QTest.mouseClick(front, Qt.MouseButton.LeftButton, pos=QPoint(front.width() // 2, rng.randrange(max(1, front.height()))))
        elif draw < 0.6:
            QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=at)
        elif draw < 0.66:
            QTest.mouseClick(target, Qt.MouseButton.RightButton, pos=at)
        elif draw < 0.72:
            QTest.mouseDClick(target, Qt.MouseButton.LeftButton, pos=at)
        elif draw < 0.9:
            QTest.keyClick(QApplication.focusWidget() or front, rng.choice(KEYS))
        elif draw < 0.98:
            QTest.keyClick(self.window, rng.choice(CONTROL_KEYS), Qt.KeyboardModifier.ControlModifier)
        else:
            self.window.resize(*rng.choice(SIZES))


def main() -> int:
    """Give it to the window."""
    parser = argparse.ArgumentParser(description="Click, type and scroll at random in the real window.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--source", default="demo")
    args = parser.parse_args()
    faults = Faults()
    cancel = {"getOpenFileName": ("", ""), "getOpenFileNames": ([], ""), "getSaveFileName": ("", ""), "getExistingDirectory": ""}
    for name, answer in cancel.items():
        setattr(QFileDialog, name, lambda *_, answer=answer, **__: answer)
    QInputDialog.getText = lambda *_, **__: ("", False)
    QDesktopServices.openUrl = lambda *_: True
    with tempfile.TemporaryDirectory() as home:
        os.environ["STYLECAM_HOME"] = home
        prepare_environment()
        app = QApplication(sys.argv[:1])
        garbage, budget, library = Garbage(), ThreadBudget.of(), pack_library()
        budget.apply()
        job = WindowJob(build_services(library, "auto", budget), library.load("live32"), "live32", Settings(), lambda _: "", args.source)
        window = build_window(job)
        window.show()
        hand = Hand(window, random.Random(args.seed), 60 * args.minutes)  # noqa: S311 (a test's choices, no secret)
        app.exec()
        frames = window.frames_shown
        for widget in app.topLevelWidgets():
            widget.close()
        garbage.end()
    quarters = [hand.memory[at * (len(hand.memory) - 1) // 4] for at in range(5)] if hand.memory else []
    report = f"{hand.steps} steps, {frames} frames, stood still for {hand.longest_s:.1f} s at most, {len(faults.texts)} faults; "
    print(f"{report}memory at every quarter: {' '.join(f'{each:.0f}' for each in quarters)} MB")  # noqa: T201
    return 1 if faults.texts else 0


if __name__ == "__main__":
    sys.exit(main())
