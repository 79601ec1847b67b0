"""What belongs to the window beside the video: packs, first run, preferences, training in the status bar, help and about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QAction

from stylecam.app.live.pack_shelf import PackShelf
from stylecam.gui import actions
from stylecam.gui.help_menu import Report, TextSheet, about_text, guide_text, licences_text
from stylecam.gui.live.clip_bar import ClipBar
from stylecam.gui.packs.menu import PacksMenu
from stylecam.gui.train.sign import TrainSign
from stylecam.gui.welcome import Welcome
from stylecam.gui.widgets.icons import icon
from stylecam.packs.library import pack_library

if TYPE_CHECKING:
    from stylecam.gui.packs.manager import PackManager
    from stylecam.gui.preferences import Preferences
    from stylecam.gui.window import MainWindow


class Extras:
    """Builds these into a window, each dialog when it is first asked for."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.shelf = PackShelf(pack_library())
        menu = actions.menu_of(window, "&Packs")
        menu.insertAction(menu.actions()[0], window.actions_by_id["open_pack"])
        self.packs = PacksMenu(menu, self.shelf, window.open_pack, lambda: window.session.pack_name)
        self.manager: PackManager | None = None
        self.welcome = Welcome(window)
        self.preferences: Preferences | None = None
        self.report = Report(window.tell, window)
        self.training = TrainSign(window.training)
        status = window.statusBar()
        if status is not None:
            status.addPermanentWidget(self.training)
        self.clip = ClipBar(lambda: window.session.playback)
        window.strip.insertWidget(0, self.clip)
        self.help = self._help_menu()

    def commands(self) -> dict[str, Callable[[bool], object]]:
        """Return what only a window can do, by the ids of its actions."""
        return {
            "manage_packs": lambda _: self.manage_packs(),
            "preferences": lambda _: self.show_preferences(),
            "on_top": self.stay_on_top,
            "alone": self.show_alone,
        }

    def stay_on_top(self, on: bool) -> None:
        """Keep the window above those of other programs, or not; systems without that (Wayland) leave it where it is."""
        window = self._window
        place = window.geometry()
        window.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, on)
        window.setGeometry(place)
        window.show()  # a change of these flags hides it
        window.actions_by_id["on_top"].setChecked(on)

    def show_alone(self, on: bool) -> None:
        """Show the video alone in the window, or everything again."""
        self._window.fullscreen.alone(on)
        self._window.actions_by_id["alone"].setChecked(on)

    def show_preferences(self) -> None:
        """Open the preferences."""
        if self.preferences is None:
            from stylecam.gui.preferences import Preferences

            self.preferences = Preferences(self._window.session, self._window)
        self.preferences.open_for_use()

    def manage_packs(self) -> None:
        """Open the manager of packs."""
        if self.manager is None:
            from stylecam.gui.packs.manager import PackManager

            say = self._window.notices.say
            self.manager = PackManager(self.shelf, self._window.session, lambda text, acts: say(text, acts, stays_s=30.0), self._window)
        self.manager.open_for_use()

    def refresh(self) -> None:
        """Show how a training stands, and where a clip is."""
        self.training.refresh()
        self.clip.refresh()

    def pack_shown(self) -> None:
        """Note that another pack is shown."""
        self.packs.remember(self._window.session.pack_name)
        if self.manager is not None and self.manager.isVisible():
            self.manager.fill()

    def close(self) -> None:
        """End with the window."""
        self.report.close()
        self.shelf.close()

    def _help_menu(self) -> dict[str, QAction]:
        """Add to the menu Help what has no key; return the actions by a word."""
        menu, window = actions.menu_of(self._window, "&Help"), self._window
        made: dict[str, QAction] = {}
        entries: tuple[tuple[str, str, str, Callable[[], object]], ...] = (
            ("welcome", "&First steps", "eye", self.welcome.open_page),
            ("guide", "&Guide", "info", lambda: TextSheet("stylecam: guide", guide_text(), QSize(820, 680), window).show()),
            ("folder", "&Recordings folder", "folder-open", window.actions_by_id["open_recordings"].trigger),
            ("report", "Report a &problem", "copy", self.report.begin),
            ("licences", "&Licences", "", lambda: TextSheet("stylecam: licences", licences_text(), QSize(820, 680), window).show()),
            ("about", "&About stylecam", "", lambda: TextSheet("About stylecam", about_text(), QSize(460, 340), window).show()),
        )
        for name, words, sign, act in entries:
            if name in ("folder", "licences"):
                menu.addSeparator()
            action = menu.addAction(icon(sign), words) if sign else menu.addAction(words)
            if action is not None:
                action.triggered.connect(lambda _, act=act: act())
                made[name] = action
        return made
