"""All that belongs to the preview and to what is made of it: marks, comparison, zoom, level meter, recording menu, photobooth."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QMenu, QWidget

from stylecam.app.live.interfaces import Status
from stylecam.errors import StylecamError
from stylecam.gui import actions
from stylecam.gui.live.compare import Compare
from stylecam.gui.live.looking import Looking
from stylecam.gui.live.marks import Marks
from stylecam.gui.live.photobooth import Photobooth
from stylecam.gui.live.record_menu import RecordMenu
from stylecam.gui.widgets.level_meter import LevelMeter
from stylecam.render.live import Rendered

if TYPE_CHECKING:
    from stylecam.gui.window import MainWindow

#: Actions of the menu of the frame, and lines between them.
_OF_THE_FRAME = ("snapshot", "record", "", "split", "freeze", "mirror", "", "alone", "fullscreen", "details")


class Stage:
    """Builds these into a window; `note` and `refresh` keep them up to date."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self._preview = window, window.preview
        self.compare, self.marks = (
            Compare(window.session.photo_of),
            Marks(window, lambda: window.preview.zoom, lambda: window.audition.words),
        )
        self._preview.overlays += [self.compare.draw, self.marks.draw]
        self.looking = Looking(window, self._preview, self.compare, window.actions_by_id["fullscreen"].trigger)
        self.meter = LevelMeter(lambda: window.session.recording.level)
        window.bar.add_widget(self.meter)
        self.menu = RecordMenu(actions.menu_of(window, "&Record"), window.controls, window)
        self.booth: Photobooth | None = None
        #: What can be done with the frame, by the right button; in fullscreen there are no other menus.
        self.frame_menu = QMenu(window)
        for name in _OF_THE_FRAME:
            if name:
                self.frame_menu.addAction(window.actions_by_id[name])
            else:
                self.frame_menu.addSeparator()
        _open_by_right_button(self._preview, self.frame_menu)
        for name in ("snapshot", "record"):
            _open_by_right_button(window.bar.buttons[name], actions.menu_of(window, "&Record"))

    def commands(self) -> dict[str, Callable[[bool], object]]:
        """Return what only a window can do, by the ids of its actions."""
        return {
            "split": self.show_split,
            "open_recordings": lambda _: self.open_recordings(),
            "photobooth": lambda _: self.open_booth(),
        }

    def note(self, rendered: Rendered) -> None:
        """Take over the frame that is shown."""
        self.compare.note(rendered)

    def refresh(self, status: Status) -> None:
        """Show how recording and microphone stand."""
        self.meter.refresh()
        if self.marks.refresh(status):
            self._preview.update()
        record = self._window.actions_by_id["record"]
        if status.countdown:
            record.setChecked(True)
            record.setIconText(f"in {status.countdown} …")

    def show_split(self, on: bool) -> None:
        """Show the photo left of a line, or not."""
        self.compare.split = on
        self._window.actions_by_id["split"].setChecked(on)
        self._preview.update()

    def open_recordings(self) -> None:
        """Show the recordings in the system's file manager, or say why there is no folder of them."""
        try:
            self.menu.open_folder()
        except StylecamError as error:
            self._window.warn(str(error))

    def open_booth(self) -> None:
        """Open the photobooth."""
        if self.booth is None:
            self.booth = Photobooth(self._window)
            self.booth.counts.connect(self._count)
        self.booth.begin()

    def give_up(self) -> bool:
        """End a countdown, that of a recording or of the photobooth; False if none runs."""
        if self.booth is not None and self.booth.give_up():
            return True
        counts = self._window.session.recording.countdown > 0
        if counts:
            self._window.run("record", False)
        return counts

    def _count(self, left: int) -> None:
        self.marks.shot = left
        self._preview.update()


def _open_by_right_button(widget: QWidget, menu: QMenu) -> None:
    widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    widget.customContextMenuRequested.connect(lambda at: menu.popup(widget.mapToGlobal(at)))
