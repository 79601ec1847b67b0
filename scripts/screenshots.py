"""Save a screenshot of every screen of the window, to be looked at; it stylizes the demo clip, and leaves settings alone.

xvfb-run -a -s "-screen 0 1400x900x24" python scripts/screenshots.py FOLDER
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from stylecam.app.live.services import build_services
from stylecam.app.settings import Settings
from stylecam.gui.live.help import HelpSheet
from stylecam.gui.main import WindowJob, build_window
from stylecam.gui.qt_app import prepare_environment
from stylecam.gui.widgets.theme import theme
from stylecam.gui.window import MainWindow
from stylecam.packs.library import pack_library
from stylecam.render.budget import ThreadBudget

NARROW_PX = (1024, 640)
FRAMES = 4


def main() -> None:
    """Walk through the screens."""
    parser = argparse.ArgumentParser(description="Save a screenshot of every screen.")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    prepare_environment()
    app = QApplication(sys.argv[:1])
    theme.apply("dark")
    budget = ThreadBudget.of()
    budget.apply()
    library = pack_library()
    services = build_services(library, "auto", budget)
    window = build_window(WindowJob(services, library.load("live32"), "live32", Settings(), lambda _: "", source="demo"))
    window.show()
    window.rack.reveal_mix()

    def save(name: str, widget: QWidget = window) -> None:
        _wait_for_frames(window)
        widget.grab().save(str(folder / f"{name}.png"), "PNG")

    save("main")
    window.resize(*NARROW_PX)
    save("narrow")
    window.open_source("http://127.0.0.1:9/nobody-listens")
    QTest.qWait(3000)
    window.grab().save(str(folder / "banner.png"), "PNG")
    window.open_source("demo")
    window.actions_by_id["fullscreen"].trigger()
    save("fullscreen")
    window.actions_by_id["fullscreen"].trigger()
    sheet = HelpSheet(window)
    sheet.show()
    save("help", sheet)
    sheet.close()
    window.actions_by_id["train"].trigger()
    dialog = next(widget for widget in app.topLevelWidgets() if widget.isVisible() and widget is not window)
    save("train", dialog)
    dialog.close()
    window.close()


def _wait_for_frames(window: MainWindow) -> None:
    wanted = window.frames_shown + FRAMES
    for _ in range(600):
        QTest.qWait(100)
        if window.frames_shown >= wanted:
            return
    sys.exit("No frames came; `stylecam doctor` says which engines work here.")


if __name__ == "__main__":
    main()
