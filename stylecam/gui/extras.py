"""What belongs to the window beside the video: packs, first run, preferences, training in the status bar, help and about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stylecam.app.live.pack_shelf import PackShelf
from stylecam.gui import actions
from stylecam.gui.packs.menu import PacksMenu
from stylecam.packs.library import pack_library

if TYPE_CHECKING:
    from stylecam.gui.packs.manager import PackManager
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

    def commands(self) -> dict[str, Callable[[bool], object]]:
        """Return what only a window can do, by the ids of its actions."""
        return {"manage_packs": lambda _: self.manage_packs()}

    def manage_packs(self) -> None:
        """Open the manager of packs."""
        if self.manager is None:
            from stylecam.gui.packs.manager import PackManager

            say = self._window.notices.say
            self.manager = PackManager(self.shelf, self._window.session, lambda text, acts: say(text, acts, stays_s=30.0), self._window)
        self.manager.open_for_use()

    def pack_shown(self) -> None:
        """Note that another pack is shown."""
        self.packs.remember(self._window.session.pack_name)
        if self.manager is not None and self.manager.isVisible():
            self.manager.fill()

    def close(self) -> None:
        """End with the window."""
        self.shelf.close()
