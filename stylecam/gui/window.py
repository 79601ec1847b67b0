"""The main window: one bar above, the preview on the left, the rack on the right. A client of the session, which owns all that it shows.

Places for what is built elsewhere:

- `window.actions_by_id` and `actions.menu_of(window, "&Tools")`: actions and menus (`actions.MENUS`). An action of the window itself is a
  line in `actions` and one in `MainWindow._own_commands`.
- `window.bar.add_widget(widget)`: beside snapshot and the sinks, such as a level meter. A sink of `outputs.registry` has its button there
  by itself.
- `window.strip.addWidget(widget)`: a row of its own below the preview, such as the scenes.
- `window.preview.overlays.append(overlay)`: `overlay(drawing, rect)` draws over every frame, such as a countdown or a split line.
- `window.side.column.addWidget(widget)`: below the sliders beside the preview.
- `window.notices.say(text, [("Show in folder", act)])`: a notice with something to do.
- `window.statusBar().addPermanentWidget(widget)`: on the right of the status bar.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import QMainWindow

from stylecam.app.live.interfaces import Event
from stylecam.app.live.session import Session
from stylecam.app.settings import Settings
from stylecam.core.params import BYPASS, SIZE
from stylecam.gui import actions
from stylecam.gui.extras import Extras
from stylecam.gui.layout import lay_out
from stylecam.gui.live.about_style import AboutStyle
from stylecam.gui.live.ask import Asker
from stylecam.gui.live.audition import Audition, OwnFrames
from stylecam.gui.live.card import ShortLabel
from stylecam.gui.live.details import Details
from stylecam.gui.live.drops import Drops
from stylecam.gui.live.frame_log import FrameLog
from stylecam.gui.live.fullscreen import Fullscreen
from stylecam.gui.live.help import HelpSheet
from stylecam.gui.live.notices import Notice, Notices
from stylecam.gui.live.panels import SidePanel
from stylecam.gui.live.preview import Preview
from stylecam.gui.live.recent import RecentMenu
from stylecam.gui.live.scenes_menu import ScenesControl
from stylecam.gui.live.stage import Stage
from stylecam.gui.live.status_text import SourceRate, details, numbers_line, sink_text
from stylecam.gui.live.transport import Transport
from stylecam.gui.live.virtual_camera_menu import VirtualCameraMenu
from stylecam.gui.remember import remembered, restore
from stylecam.gui.tools.host import ToolsHost
from stylecam.gui.train.host import TrainHost
from stylecam.gui.widgets.folders import Folders
from stylecam.gui.widgets.icons import app_icon
from stylecam.outputs.registry import SINKS
from stylecam.packs.pack import StylePack
from stylecam.render.live import Rendered

POLL_MS = 8
STATUS_MS = 250


class MainWindow(QMainWindow):
    """Widgets turn the session's controls and run its commands; finished frames and events are fetched by timers.

    Args:
        session: what runs; the window closes it.
        save_settings: called with what is to be remembered, on closing; returns a sentence or "".
    """

    _turned = pyqtSignal()  # a signal, because controls may be turned in any thread, and widgets only in this one

    def __init__(self, session: Session, save_settings: Callable[[Settings], str]) -> None:
        super().__init__()
        self.session, self.controls = session, session.controls
        self._save_settings = save_settings
        self.shown: Rendered | None = None
        self.log = FrameLog()
        self._source_problem = ""
        self._plain = self._closed = False
        self.folders = Folders()
        self._ask = Asker(self)
        self.training = TrainHost(session, self)
        self.recent = RecentMenu(self, self.open_source)
        self.tools = ToolsHost(session, self)
        self._own = self._own_commands()
        self.actions_by_id = actions.install(self, self.run)
        self._checkable = [name for name, action in self.actions_by_id.items() if action.isCheckable() and name not in self._own]
        self.preview = Preview()
        self.bar = Transport(self.actions_by_id)
        self.side = SidePanel(self.controls, self.actions_by_id)
        self.rack = self.side.rack
        self.audition, self.own_frames = Audition(session, self.rack), OwnFrames(session, self.rack)
        self.notices = Notices(self.preview)
        self.banner = self.notices.banner
        self.details = Details()
        self.numbers = ShortLabel("Starting …")
        self._source_rate = SourceRate()
        self.setWindowIcon(app_icon())
        self.help_sheet = HelpSheet(self)
        self._below, self.strip, self.shares = lay_out(self)
        camera, button = self.actions_by_id["virtual_camera"], self.bar.buttons["virtual_camera"]
        self.virtual_camera = VirtualCameraMenu(session, camera, button, self)
        actions.menu_of(self, "&Tools").addMenu(self.virtual_camera)
        self.scenes = ScenesControl(self, session, self.actions_by_id)
        self.strip.addWidget(self.scenes.strip)
        self.actions_by_id["show_scenes"].setChecked(True)
        self.fullscreen = Fullscreen(self, self.actions_by_id["fullscreen"], (self.bar, self.side, self._below))
        self.stage = Stage(self)
        self.extras = Extras(self)
        self._own |= self.stage.commands() | self.extras.commands()
        self._checkable = [name for name in self._checkable if name not in self._own]
        self._connect()
        self.show_pack(session.pack)
        self.controls_changed()
        session.find_cameras()

    @property
    def frames_shown(self) -> int:
        """How many stylized frames reached the screen."""
        return self.log.frames

    def run(self, name: str, checked: bool) -> None:
        """Do what an action of the menus stands for: something of the window's own, or a command of the session."""
        if name in self._own:
            self._own[name](checked)
        else:
            self.session.commands.run(name, checked)
        self.controls_changed()  # also where nothing came of it: a button shows what is

    def controls_changed(self) -> None:
        """Show the controls as they stand in every widget."""
        self.audition.end()
        self.side.refresh()
        commands, controls = self.session.commands, self.controls
        for name in self._checkable:
            self.actions_by_id[name].setChecked(bool(commands.value(name)))
        self.actions_by_id["undo"].setEnabled(controls.can_undo)
        self.actions_by_id["redo"].setEnabled(controls.can_redo)
        self.bar.show_size(controls[SIZE])
        self.bar.refresh(controls)
        self.scenes.refresh()
        plain, self._plain = self._plain, controls[BYPASS]
        if self._plain and not plain and self.shown is not None:
            # At once: the render thread may be busy with a slow frame, or hang.
            self.preview.show_frame(self.session.photo_of(self.shown))

    def open_source(self, text: str) -> None:
        """Show another source."""
        self.session.open_source(text)
        self.bar.show_source(self.session.source)

    def open_pack(self, name_or_path: str) -> None:
        """Load another pack in the background."""
        self.session.open_pack(name_or_path)

    def tell(self, text: str) -> None:
        """Say something for a while."""
        self._say(text, False)

    def warn(self, text: str) -> None:
        """Say something that stays until it is closed."""
        self._say(text, True)

    @property
    def notice(self) -> Notice:
        """The newest notice; an empty one if there is none."""
        return self.notices.newest or Notice()

    def show_newest(self) -> None:
        """Fetch the newest frame. A minimised window leaves it."""
        if self.isMinimized():
            return
        rendered = self.session.previews.take(0)
        if rendered is None or (self.controls[BYPASS] and not rendered.params[BYPASS]):
            return  # what was begun before the bypass key is not for the audience
        self.shown = rendered
        self.preview.show_frame(rendered.preview)
        self.stage.note(rendered)
        self._show_problem()

    def show_status(self) -> None:
        """Update the status bar, and take what was finished in the background."""
        for event in self.session.take_events():
            self._take(event)
        status = self.session.status()
        source_fps = self._source_rate.note(self.session.ledger.snapshot()[0].get("captured", 0))
        self.numbers.show_whole(numbers_line(status, self.shown, source_fps))
        if self.details.isVisible():
            self.details.show_lines(details(status, self.shown, source_fps))
        self._source_problem = status.source_problem
        self._show_problem()
        if self.bar.source.currentData() != self.session.source:
            self.bar.show_source(self.session.source)  # one that was asked for did not come
        self.recent.note(self.session.settled_source)
        self.virtual_camera.show_status(status)
        for spec in SINKS:
            sink = status.sinks.get(spec.id)
            self.actions_by_id[spec.id].setChecked(sink is not None)
            self.actions_by_id[spec.id].setIconText(sink_text(spec.label, sink))
        self.stage.refresh(status)
        self.extras.refresh()

    def show_pack(self, pack: StylePack) -> None:
        """Show a row for every style of a pack that the session uses already."""
        self.rack.set_pack(pack)
        self.setWindowTitle(f"stylecam: {pack.title}")

    def settings(self) -> Settings:
        """Return what is to be remembered."""
        return remembered(self)

    def restore_geometry(self, settings: Settings) -> None:
        """Put the window and the order of the rack where they were."""
        restore(self, settings)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Look for cameras again when the user comes back: one may have been plugged in."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and not self._closed:
            self.session.find_cameras()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Remember the settings and end the session; a device that hangs is left behind."""
        if not self._closed:
            self._closed = True
            self._poll.stop()
            self._slow.stop()
            self._end_of_listening()
            self.fullscreen.leave()
            self._save_settings(self.settings())
            self.training.close()
            self.tools.close()
            self.extras.close()
            self.session.close()
        super().closeEvent(event)

    def _own_commands(self) -> dict[str, Callable[[bool], object]]:
        """Return what only a window can do, or does in its own way; each takes whether its action is checked."""
        return {
            "open_file": lambda _: self._open(self._ask.file()),
            "open_url": lambda _: self._open(self._ask.address()),
            "open_pack": lambda _: self._open_pack(self._ask.pack()),
            "train": lambda _: self.training.open(),
            "layers": lambda _: self.tools.open_layers(),
            "snapshot": lambda _: self._snapshot(),
            "quit": lambda _: self.close(),
            "camera": lambda _: self.open_source(""),
            "demo": lambda _: self.open_source("demo"),
            "pattern": lambda _: self.open_source("pattern"),
            "random": lambda _: self._and_reveal("random"),
            "undo": lambda _: self._and_reveal("undo"),
            "redo": lambda _: self._and_reveal("redo"),
            "search": lambda _: self.rack.search.setFocus(Qt.FocusReason.ShortcutFocusReason),
            "fullscreen": lambda on: self.fullscreen.enter() if on else self.fullscreen.leave(),
            "leave_fullscreen": lambda _: self._escape(),
            "favourite": lambda _: self.rack.toggle_favourite(),
            "my_frame": lambda on: self._show_own_frames(on=on),
            "details": lambda on: self._show_details(on=on),
            "show_scenes": lambda on: self.scenes.strip.setVisible(on),
            "import_scenes": lambda _: self.scenes.import_file(),
            "export_scenes": lambda _: self.scenes.export(),
            "help": lambda _: self.help_sheet.show(),
        }

    def _escape(self) -> None:
        if self.help_sheet.isVisible():
            self.help_sheet.close()
        elif not (self.stage.give_up() or self.notices.close_newest()):
            self.fullscreen.leave()
            self.actions_by_id["alone"].setChecked(False)

    def _open(self, text: str) -> None:
        if text:
            self.open_source(text)

    def _open_pack(self, path: str) -> None:
        if path:
            self.open_pack(path)

    def _and_reveal(self, name: str) -> None:
        before = self.controls.moves.weights
        self.session.commands.run(name)
        self.rack.reveal_change(before)

    def _snapshot(self) -> None:
        """Save what is shown, not what may be finished by now."""
        if self.shown is None:
            self.tell("There is no frame yet.")
        else:
            self.session.snapshots.save(self.shown)

    def _choose_size(self, size_px: int) -> None:
        self.session.commands.run(SIZE.id, size_px)
        self.controls_changed()

    def _take(self, event: Event) -> None:
        view = self.bar.source.view()
        if event.cameras is not None and (view is None or not view.isVisible()):
            self.bar.set_cameras(event.cameras, "First camera" if event.cameras else "No camera: demo clip")
            self.bar.show_source(self.session.source)
        if event.pack is not None:
            self.show_pack(event.pack)
            self.extras.pack_shown()
            self.controls_changed()
            if self.actions_by_id["my_frame"].isChecked():
                self.own_frames.show(on=True)
            if event.styles:
                self.rack.reveal(event.styles[0])
        self.notices.say_event(event, lambda command: self.run(command, False))

    def _say(self, text: str, is_problem: bool) -> None:
        self.notices.say_event(Event(text, is_problem), lambda _: None)

    def _show_problem(self) -> None:
        engine_problem = self.shown.problem if self.shown is not None else ""
        offers = [("Restart", self.actions_by_id["restart"].trigger)] if engine_problem else []
        self.notices.show_problem(" ".join(filter(None, (self._source_problem, engine_problem))), offers)

    def _show_own_frames(self, *, on: bool) -> None:
        if not self.own_frames.show(on=on):
            self.actions_by_id["my_frame"].setChecked(False)
            self.tell("There is no frame yet.")

    def _show_details(self, *, on: bool) -> None:
        self.details.setVisible(on)
        self.actions_by_id["details"].setChecked(on)
        self.show_status()

    def _note_drawn(self, paint_ms: float) -> None:
        self.session.ledger.count("shown")
        self.log.note(self.shown, paint_ms)

    def _connect(self) -> None:
        self.bar.source_chosen.connect(self.open_source)
        self.bar.asked.connect(lambda name: self.actions_by_id[name].trigger())
        self.rack.about_asked.connect(lambda style: AboutStyle(self.session.pack.styles[style], self).show())
        self.details.closed.connect(lambda: self._show_details(on=False))
        self.bar.size_chosen.connect(self._choose_size)
        self.bar.param_chosen.connect(self.controls.set)
        self.preview.resized.connect(self.session.set_preview_size)
        self.preview.drawn.connect(self._note_drawn)
        self.training.said.connect(self._say)
        self.tools.said.connect(lambda text, bad: self.notices.say_event(Event(text, bad, path=self.tools.output), lambda _: None))
        drops = Drops(self)
        drops.hovers.connect(lambda _: self.preview.update())
        self.preview.overlays.append(drops.offer)
        drops.source_dropped.connect(self.open_source)
        drops.pack_dropped.connect(self.open_pack)
        drops.scenes_dropped.connect(lambda path: self.session.scenes.add_file(Path(path)))
        self._turned.connect(self.controls_changed)
        self._end_of_listening = self.controls.subscribe(self._turned.emit)
        self._poll, self._slow = QTimer(self), QTimer(self)
        self._poll.setTimerType(Qt.TimerType.PreciseTimer)
        self._poll.timeout.connect(self.show_newest)
        self._slow.timeout.connect(self.show_status)
        self._poll.start(POLL_MS)
        self._slow.start(STATUS_MS)
