"""Use the window as people do, by mouse and keys, and save a screenshot of every step, to be looked at. Settings are left alone.

xvfb-run -a -s "-screen 0 1440x900x24" python scripts/screenshots.py FOLDER [--theme light] [--size 1024x600]
QT_SCALE_FACTOR=2 before it draws at twice the scale. docs/window.jpg is "02 started" of
--source assets/photos/kodim15.jpg --size 1280x800 --only start. The same without --only and with --sheet docs/window_walk.jpg makes that
sheet, which tests/gui/test_screenshots.py compares with the window as it is.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageOps
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QMenu, QWidget

from stylecam.app.live.services import build_services
from stylecam.app.settings import Settings
from stylecam.core.mix import StyleMix
from stylecam.gui import actions
from stylecam.gui.live.photobooth import Photobooth
from stylecam.gui.main import WindowJob, build_window
from stylecam.gui.qt_app import prepare_environment
from stylecam.gui.widgets.theme import TEXT_SIZES, THEMES, theme
from stylecam.gui.window import MainWindow
from stylecam.packs.library import pack_library
from stylecam.packs.ops import subset
from stylecam.packs.store import save_styles
from stylecam.render.budget import ThreadBudget

FRAMES = 3
#: What the sheet shows, row by row: what people do first and most.
SHEET = (
    "02 started",
    "31 first steps",
    "03 only one style",
    "04 mix of three",
    "05 typing a number",
    "06 shown alone",
    "07 focus on a card",
    "11 search",
    "12 no match",
    "13 notices",
    "21 recording",
    "14 details",
    "15 my frame in each style",
    "24 before and after",
    "22 fullscreen",
    "27 fade to a scene",
    "28 a style joined",
    "20 train",
    "30 preferences",
    "32 photobooth",
)
CELL, COLUMNS = (400, 250), 4
LEFT, SHIFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


class Walk:
    """The window, the folder for its screenshots, and a home for what it writes."""

    def __init__(self, window: MainWindow, folder: Path, home: Path, source: str) -> None:
        self.window, self.folder, self.home, self.source = window, folder, home, source

    def save(self, name: str, widget: QWidget | None = None) -> None:
        """Save what a widget shows, by default the window."""
        QTest.qWait(120)
        (widget or self.window).grab().save(str(self.folder / f"{name}.png"), "PNG")

    def frames(self) -> None:
        """Wait for the next frames; of a photo there is but one."""
        window = self.window
        wanted = window.frames_shown + FRAMES
        for turn in range(600):
            QTest.qWait(50)
            stands_still = turn > 60 and window.frames_shown > 0 and window.session.status().numbers.fps == 0
            if window.frames_shown >= wanted or stands_still:
                return
        sys.exit("No frames came; `stylecam doctor` says which engines work here.")

    def until(self, come_true: Callable[[], object]) -> None:
        """Wait for something, half a minute at most."""
        for _ in range(600):
            if come_true():
                return
            QTest.qWait(50)
        sys.exit(f"What was waited for did not come; notices: {self.window.notices.texts}.")

    def no_notices(self) -> None:
        """Close them all."""
        while self.window.notices.close_newest():
            pass

    def act(self, name: str) -> None:
        """Choose an action."""
        self.window.actions_by_id[name].trigger()
        QTest.qWait(150)

    def card(self, style: str, keys: Qt.KeyboardModifier = NONE) -> None:
        """Click on a card."""
        card = self.window.rack.rows[style]
        QTest.mouseClick(card, LEFT, keys, card.thumbnail.geometry().center())

    def menu(self, name: str, menu: QMenu) -> None:
        """Save an open menu."""
        menu.popup(self.window.mapToGlobal(QPoint(40, 40)))
        self.save(name, menu)
        menu.close()


def main() -> None:
    """Walk through the steps."""
    parser = argparse.ArgumentParser(description="Save a screenshot of every step.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--theme", choices=THEMES, default="dark")
    parser.add_argument("--source", default="demo", help="what is stylized (default: %(default)s)")
    parser.add_argument("--text-size", choices=tuple(TEXT_SIZES), default="normal")
    parser.add_argument("--only", default="", metavar="WORD", help="only the step of this name, such as mix")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="put the screenshots of SHEET into one image too")
    parser.add_argument("--size", default="1440x900", help="of the window (default: %(default)s)")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["STYLECAM_HOME"] = home
        take(args, Path(home))
    if args.sheet is not None:
        write_sheet(args.folder, args.sheet)


def take(args: argparse.Namespace, home: Path) -> None:
    """Open the window, and take its screenshots."""
    prepare_environment()
    app = QApplication(sys.argv[:1])
    theme.apply(args.theme, args.text_size)
    budget = ThreadBudget.of()
    budget.apply()
    library = pack_library()
    services = build_services(library, "auto", budget)
    settings = Settings(theme=args.theme)
    window = build_window(WindowJob(services, library.load("live32"), "live32", settings, lambda _: "", source=args.source))
    window.resize(*(int(side) for side in args.size.split("x")))
    window.show()
    window.activateWindow()
    walk = Walk(window, args.folder, home, args.source)
    for step in STEPS:
        if args.only in ("", step.__name__):
            step(walk)
    for widget in app.topLevelWidgets():
        widget.close()


def write_sheet(folder: Path, file: Path) -> None:
    """Put the screenshots of `SHEET` side by side, each as large as its cell allows."""
    width, height = CELL
    sheet = Image.new("RGB", (width * COLUMNS, height * -(-len(SHEET) // COLUMNS)))
    for at, name in enumerate(SHEET):
        sheet.paste(cell(folder / f"{name}.png"), (at % COLUMNS * width, at // COLUMNS * height))
    sheet.save(file, quality=80)


def cell(screenshot: Path) -> Image.Image:
    """Return a screenshot in the size of a cell, with bars where its shape is another."""
    with Image.open(screenshot) as image:
        return ImageOps.pad(image.convert("RGB"), CELL, color="#303036")


def start(walk: Walk) -> None:
    """Wait for the first frames."""
    walk.save("01 waiting")
    walk.frames()
    walk.save("02 started")


def mix(walk: Walk) -> None:
    """Only one style, a second, a third by its slider, a number, a lock, a favourite, a strength."""
    window = walk.window
    walk.card("senecio")
    walk.frames()
    walk.save("03 only one style")
    walk.card("great_wave", SHIFT)
    slider = window.rack.rows["the_scream"].slider
    QTest.mouseClick(slider, LEFT, NONE, QPoint(round(slider.width() * 0.8), slider.height() // 2))
    window.controls.toggle_lock("the_scream")
    window.rack.toggle_favourite("starry_night")
    strength = window.side.sliders["strength"]
    QTest.mouseClick(strength, LEFT, NONE, QPoint(round(strength.width() * 0.8), strength.height() // 2))
    walk.frames()
    walk.save("04 mix of three")
    QTest.mouseDClick(window.rack.rows["great_wave"].value, LEFT)
    walk.save("05 typing a number")
    QTest.keyClick(window.rack.rows["great_wave"].value, Qt.Key.Key_Escape)
    window.controls.toggle_solo("senecio")
    walk.frames()
    walk.save("06 shown alone")
    window.controls.toggle_solo("senecio")
    walk.frames()


def keyboard(walk: Walk) -> None:
    """Put the focus on a card, a slider, a button and a list."""
    window = walk.window
    window.rack.search.setFocus()
    QTest.keyClick(window.rack.search, Qt.Key.Key_Down)
    walk.save("07 focus on a card")
    window.side.sliders["strength"].setFocus(Qt.FocusReason.TabFocusReason)
    walk.save("08 focus on a slider")
    window.bar.buttons["record"].setFocus(Qt.FocusReason.TabFocusReason)
    walk.save("09 focus on a button")
    window.bar.frame_size.showPopup()
    QTest.qWait(200)
    walk.save("10 list", window.bar.frame_size.view().window())
    window.bar.frame_size.hidePopup()


def search(walk: Walk) -> None:
    """Something, nothing."""
    window = walk.window
    window.rack.search.setText("monet")
    walk.save("11 search")
    window.rack.search.setText("nothing like it")
    walk.save("12 no match")
    window.rack.search.clear()


def files(walk: Walk) -> None:
    """Show a snapshot with its notice, a file that is no clip, what is recorded, and the details."""
    window = walk.window
    walk.act("snapshot")
    fake = walk.home / "fake.mp4"
    fake.write_text("no clip", encoding="utf-8")
    window.open_source(str(fake))
    walk.until(lambda: len(window.notices.texts) >= 2)
    walk.save("13 notices")
    walk.no_notices()
    walk.act("record")
    QTest.qWait(4000)
    walk.save("21 recording")
    walk.act("record")
    walk.until(lambda: "Recorded" in window.notice.text())
    walk.save("23 recorded")
    walk.no_notices()
    walk.act("details")
    walk.frames()
    walk.save("14 details")
    walk.act("details")


def sources(walk: Walk) -> None:
    """Another source, a line between before and after, a random mix and back."""
    walk.act("split")
    walk.frames()
    walk.save("24 before and after")
    walk.act("split")
    walk.act("random")
    walk.frames()
    walk.save("25 random mix")
    walk.act("undo")
    walk.act("pattern")
    walk.frames()
    walk.save("26 test pattern")
    walk.window.open_source(walk.source)
    walk.until(lambda: walk.window.session.settled_source == walk.source)
    walk.frames()


def scenes(walk: Walk) -> None:
    """Two scenes, and the way from one to the other."""
    window = walk.window
    for number, style in ((1, "great_wave"), (2, "starry_night")):
        walk.card(style)
        walk.frames()
        window.session.commands.run(f"keep_scene.{number}")
    QTest.keyClick(window, Qt.Key.Key_1)
    QTest.qWait(700)
    walk.save("27 fade to a scene")
    QTest.qWait(2000)
    walk.frames()
    walk.no_notices()


def packs(walk: Walk) -> None:
    """Show a style that somebody sent, the manager, preferences, the first page, a photobooth."""
    window, extras = walk.window, walk.window.extras
    sent = walk.home / "senecio.stylepack"
    mixed = window.session.pack
    row = mixed.scale_shift(StyleMix({"senecio": 0.5, "great_wave": 0.5}))[None]
    info = replace(mixed.styles["senecio"], id="sent", title="A style from a friend", artist="unknown", year="unknown", sha256="0" * 64)
    save_styles(subset(mixed.with_rows(row, [info], identity=False), ["sent"]), sent)
    window.open_pack(str(sent))
    walk.until(lambda: "sent" in window.rack.rows)
    walk.save("28 a style joined")
    walk.no_notices()
    walk.act("manage_packs")
    if extras.manager is not None:
        walk.save("29 manager of packs", extras.manager)
        extras.manager.close()
    walk.act("preferences")
    if extras.preferences is not None:
        walk.save("30 preferences", extras.preferences)
        extras.preferences.close()
    extras.welcome.open_page()
    walk.frames()
    walk.save("31 first steps")
    extras.welcome.close_page()
    walk.act("photobooth")
    booth = next(each for each in QApplication.topLevelWidgets() if isinstance(each, Photobooth))
    walk.until(lambda: all(tile.isEnabled() for tile in booth.tiles))
    walk.save("32 photobooth", booth)
    booth.close()


def own_frames(walk: Walk) -> None:
    """Put the user's frame on the cards."""
    walk.act("my_frame")
    QTest.qWait(9000)
    walk.save("15 my frame in each style")
    walk.act("my_frame")


def menus(walk: Walk) -> None:
    """Every menu, a card's menu, the sheet of a style, the help sheet, the Train dialog."""
    window = walk.window
    for title in actions.MENUS:
        walk.menu(f"16 menu {title.replace('&', '')}", actions.menu_of(window, title))
    walk.menu("17 menu of a card", window.rack.menu_for("senecio"))
    window.rack.about_asked.emit("senecio")
    walk.save("18 about a style", next(each for each in QApplication.topLevelWidgets() if type(each).__name__ == "AboutStyle"))
    walk.act("help")
    walk.save("19 help", window.help_sheet)
    window.help_sheet.close()
    walk.act("train")
    dialog = window.training.dialog
    if dialog is not None:
        walk.save("20 train", dialog)
        dialog.close()


def fullscreen(walk: Walk) -> None:
    """Show the video alone."""
    walk.act("fullscreen")
    walk.frames()
    walk.save("22 fullscreen")
    walk.act("fullscreen")


STEPS: tuple[Callable[[Walk], None], ...] = (start, mix, keyboard, search, files, own_frames, menus, fullscreen, sources, scenes, packs)

if __name__ == "__main__":
    main()
