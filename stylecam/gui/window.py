"""The main window: the picture on the left, 32 sliders on the right, how strongly below them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QByteArray, QEvent, Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QFileDialog, QInputDialog, QMainWindow, QSplitter, QVBoxLayout, QWidget

from stylecam.app.live.session import News, Session
from stylecam.app.settings import Settings, to_remember
from stylecam.capture.open_source import is_camera
from stylecam.control.state import Controls
from stylecam.core.params import HOLD_FPS, PANIC, RAW, SIZE, STRENGTH, Param
from stylecam.effects.color import KEEP_COLOR
from stylecam.effects.mirror import MIRROR
from stylecam.gui import actions
from stylecam.gui.live.help import HelpSheet
from stylecam.gui.live.panels import SIZES, SidePanel, TopBar
from stylecam.gui.live.preview import Preview
from stylecam.gui.live.status_text import numbers_details, numbers_line, sink_text
from stylecam.gui.train.host import Training
from stylecam.gui.widgets.plain_text import plain_label, plain_tip
from stylecam.gui.widgets.throttle import Throttle
from stylecam.media.formats import CLIPS, IMAGES, dialog_filter
from stylecam.outputs.registry import SINKS
from stylecam.packs.pack import StylePack
from stylecam.render.live import Rendered

POLL_MS = 8
SEND_MS = 15
STATUS_MS = 250
_MESSAGE_MS = 8000
#: What "hold" holds: with fewer, a moving face seems to stutter.
HELD_FPS = 20.0
_STEP = 0.05
_FILES = dialog_filter("Images and clips", IMAGES, CLIPS)


class MainWindow(QMainWindow):
    """Widgets turn `controls`; the newest `RenderParams` go to the session; finished pictures are fetched by a timer.

    Args:
        session: what runs; the window closes it.
        controls: the state that the widgets show; fits the session's pack.
        save_settings: called with what is to be remembered, on closing; returns a sentence or "".
    """

    def __init__(self, session: Session, controls: Controls, save_settings: Callable[[Settings], str], pack_name: str = "") -> None:
        super().__init__()
        self.session, self.controls = session, controls
        self._save_settings, self._pack_name, self._asked_pack = save_settings, pack_name, pack_name
        self.shown: Rendered | None = None
        self.frames_shown = 0
        self.paint_ms: list[float] = []
        self.age_ms: list[float] = []
        #: When painted frames reached the screen, `time.monotonic()`, the last hundreds; and the first of all, as a date in seconds.
        self.shown_s: list[float] = []
        self.first_shown_unix_s: float | None = None
        self._trouble = ""
        self._mirror_cameras = controls[MIRROR]
        self._closed = False
        self._throttle = Throttle(self._send, SEND_MS, self)
        self.training = Training(self)
        self.actions_by_id = actions.install(self, self._slots())
        self.preview = Preview()
        self.bar = TopBar(self.actions_by_id)
        self.side = SidePanel(controls, self.actions_by_id)
        self.rack = self.side.rack
        self.banner, self.notice = plain_label(), plain_label()
        self.numbers = plain_label("starting …")
        self.help_sheet = HelpSheet(self)
        self._lay_out()
        self.bar.source_chosen.connect(self.open_source)
        self.bar.size_chosen.connect(self.set_size)
        self.bar.param_chosen.connect(lambda param, value: self._turn(lambda: self.controls.set(param, value)))
        self.side.changed.connect(self.controls_changed)
        self.preview.resized.connect(session.set_preview_size)
        self.preview.painted.connect(self._note_paint)
        self.show_pack(session.pack)
        self._poll, self._slow = QTimer(self), QTimer(self)
        self._poll.setTimerType(Qt.TimerType.PreciseTimer)
        self._poll.timeout.connect(self.show_newest)
        self._slow.timeout.connect(self.show_status)
        self._poll.start(POLL_MS)
        self._slow.start(STATUS_MS)
        self.controls_changed()
        session.find_cameras()

    def controls_changed(self) -> None:
        """Show the controls as they stand in every widget, and paint with them."""
        self.side.refresh()
        controls = self.controls
        for param in actions.switches():
            self.actions_by_id[param.id].setChecked(controls[param])
        self.actions_by_id["normalise"].setChecked(not controls[RAW])
        self.actions_by_id["hold"].setChecked(controls[HOLD_FPS] > 0)
        self.actions_by_id["undo"].setEnabled(controls.can_undo)
        self.actions_by_id["redo"].setEnabled(controls.can_redo)
        self.bar.show_size(controls[SIZE])
        self.bar.refresh(controls)
        self._throttle.push()

    def open_source(self, text: str) -> None:
        """Show another source. Only a camera is a mirror: writing in a clip or a photo stays readable."""
        self.session.open_source(text)
        self.controls.set(MIRROR, self._mirror_cameras and is_camera(self.session.source))
        self.controls_changed()
        self.bar.show_source(self.session.source)

    def set_size(self, size_px: int) -> None:
        """Paint at another size; not while recording, for a video has one."""
        if self.session.is_recording:
            self.tell("The size stays as it is while a video is recorded.")
        else:
            self.controls.set(SIZE, size_px)
        self.controls_changed()

    def tell(self, text: str) -> None:
        """Say something for a while."""
        self.statusBar().showMessage(text, _MESSAGE_MS)  # type: ignore[union-attr]

    def warn(self, text: str) -> None:
        """Say something that stays until the next such thing; an empty text takes it away."""
        self.notice.setText(text)
        self.notice.setVisible(bool(text))

    def show_newest(self) -> None:
        """Fetch the newest picture. A minimised window leaves it."""
        if self.isMinimized():
            return
        rendered = self.session.previews.take(0)
        if rendered is None or (self.controls[PANIC] and not rendered.params[PANIC]):
            return  # what was begun before the panic key is not for the audience
        self.shown = rendered
        self.preview.show_picture(rendered.preview)
        self._show_problem(rendered.problem)

    def show_status(self) -> None:
        """Update the status bar, and take what was finished in the background."""
        for news in self.session.take_news():
            self._take(news)
        status = self.session.status()
        self.numbers.setText(numbers_line(status, self.shown))
        self.numbers.setToolTip(plain_tip(numbers_details(status)))
        self._trouble = status.source_problem
        self._show_problem(self.shown.problem if self.shown is not None else "")
        for spec in SINKS:
            action, sink = self.actions_by_id[spec.id], status.sinks.get(spec.id)
            action.setChecked(sink is not None)
            action.setIconText(sink_text(spec.label, sink))

    def settings(self) -> Settings:
        """Return what is to be remembered."""
        controls = self.controls
        geometry = bytes(self.saveGeometry().toHex().data()).decode()
        mix = {style: weight for style, weight in controls.moves.weights.items() if weight}
        return Settings(
            source=self.session.source,
            pack=self._pack_name,
            mix=mix,
            locked=tuple(sorted(controls.locked)),
            geometry=geometry,
            params=to_remember({**controls.values, MIRROR: self._mirror_cameras}),
        )

    def restore_geometry(self, settings: Settings) -> None:
        """Put the window where it was."""
        if settings.geometry:
            self.restoreGeometry(QByteArray.fromHex(settings.geometry.encode()))

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Take files and addresses."""
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and data.hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Show what was dropped; a style pack is loaded."""
        data = event.mimeData() if event is not None else None
        urls = data.urls() if data is not None else []
        if urls:
            text = urls[0].toLocalFile() or urls[0].toString()
            (self.open_pack if text.endswith(".stylepack") else self.open_source)(text)

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
            self._leave_fullscreen()
            self._save_settings(self.settings())
            self.training.close()
            self.session.close()
        super().closeEvent(event)

    def _slots(self) -> dict[str, Callable[[bool], object]]:
        return {
            "open_file": lambda _: self._ask_file(),
            "open_url": lambda _: self._ask_url(),
            "open_pack": lambda _: self._ask_pack(),
            "train": lambda _: self.training.open(),
            "snapshot": lambda _: self._snapshot(),
            **{spec.id: partial(self.session.switch_sink, spec.id) for spec in SINKS},
            "quit": lambda _: self.close(),
            "camera": lambda _: self.open_source(""),
            "demo": lambda _: self.open_source("demo"),
            "pattern": lambda _: self.open_source("pattern"),
            "undo": lambda _: self._turn(self.controls.undo),
            "redo": lambda _: self._turn(self.controls.redo),
            "reset": lambda _: self._turn(self.controls.reset),
            "random": lambda _: self._draw(),
            "solo": lambda _: self.rack.toggle_solo(self.rack.touched),
            "lock": lambda _: self.rack.toggle_lock(self.rack.touched),
            "normalise": lambda on: self._switch(RAW, not on),
            "search": lambda _: self.rack.search.setFocus(Qt.FocusReason.ShortcutFocusReason),
            "strength_up": lambda _: self._nudge(STRENGTH, _STEP),
            "strength_down": lambda _: self._nudge(STRENGTH, -_STEP),
            "color_up": lambda _: self._nudge(KEEP_COLOR, _STEP),
            "color_down": lambda _: self._nudge(KEEP_COLOR, -_STEP),
            **{param.id: partial(self._switch, param) for param in actions.switches()},
            "larger": lambda _: self._step_size(1),
            "smaller": lambda _: self._step_size(-1),
            "hold": lambda on: self._turn(lambda: self.controls.set(HOLD_FPS, HELD_FPS if on else 0.0)),
            "restart": lambda _: self.session.restart_stages(),
            "fullscreen": lambda on: self._enter_fullscreen() if on else self._leave_fullscreen(),
            "leave_fullscreen": lambda _: self._leave_fullscreen(),
            "help": lambda _: self.help_sheet.show(),
        }

    def _send(self) -> None:
        self.session.set_params(self.controls.params())

    def _turn(self, move: Callable[[], object]) -> None:
        move()
        self.controls_changed()

    def _draw(self) -> None:
        self._turn(self.controls.randomise)
        self.rack.reveal_mix()

    def _nudge(self, param: Param[float], by: float) -> None:
        self._turn(lambda: self.controls.set(param, self.controls[param] + by))

    def _switch(self, param: Param[bool], on: bool) -> None:
        if param is MIRROR and is_camera(self.session.source):
            self._mirror_cameras = on
        self.controls.set(param, on)
        self.controls_changed()
        if param is PANIC and on and self.shown is not None:
            # At once: the render thread may be busy with a slow picture, or hang.
            self.preview.show_picture(self.session.photo_of(self.shown))

    def _step_size(self, by: int) -> None:
        sizes = [size_px for size_px, _ in SIZES]
        at = sizes.index(self.controls[SIZE]) if self.controls[SIZE] in sizes else 3
        self.set_size(sizes[min(len(sizes) - 1, max(0, at + by))])

    def _snapshot(self) -> None:
        if self.shown is None:
            self.tell("There is no picture yet.")
        else:
            self.session.save_snapshot(self.shown.image)

    def _take(self, news: News) -> None:
        view = self.bar.source.view()
        if news.cameras is not None and (view is None or not view.isVisible()):
            self.bar.set_cameras(news.cameras)
            self.bar.show_source(self.session.source)
        if news.pack is not None:
            self._pack_name = self._asked_pack
            self.controls.set_styles(news.pack.style_ids)
            if self.controls.mix().is_silent:
                self.controls.set_mix(self.controls.first_mix())
            self.session.use_pack(news.pack, self.controls.params())
            self.show_pack(news.pack)
            self.controls_changed()
        if news.styles is not None:
            self.training.take_styles(news.styles)
        if news.is_problem:
            self.warn(news.text)
        elif news.text:
            self.warn("")
            self.tell(news.text)

    @property
    def pack_name(self) -> str:
        """Name or path of the pack that is shown."""
        return self._pack_name

    def show_pack(self, pack: StylePack) -> None:
        """Show a row for every style of a pack that the session paints with already."""
        self.rack.set_pack(pack)
        self.setWindowTitle(f"stylecam: {pack.title}")

    def _show_problem(self, problem: str) -> None:
        text = " ".join(filter(None, (self._trouble, problem)))
        if text != self.banner.text():
            self.banner.setText(text)
            self.banner.setVisible(bool(text))

    def _note_paint(self, paint_ms: float) -> None:
        if self.shown is not None and not self.shown.starting:
            self.frames_shown += 1
            self.shown_s = [*self.shown_s[-299:], time.monotonic()]
            self.first_shown_unix_s = self.first_shown_unix_s or time.time()
        self.session.ledger.count("shown")
        self.paint_ms = [*self.paint_ms[-99:], paint_ms]
        if self.shown is not None and not self.shown.repeated:
            self.age_ms = [*self.age_ms[-99:], (time.monotonic_ns() - self.shown.frame.captured_ns) / 1e6]

    def _enter_fullscreen(self) -> None:
        for widget in self._chrome():
            widget.hide()
        self.showFullScreen()
        self.actions_by_id["fullscreen"].setChecked(True)

    def _leave_fullscreen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        for widget in self._chrome():
            widget.show()
        self.actions_by_id["fullscreen"].setChecked(False)

    def _chrome(self) -> list[QWidget]:
        return [self.bar, self.side, self.menuBar(), self.statusBar()]  # type: ignore[list-item]

    def _lay_out(self) -> None:
        self.banner.setObjectName("banner")
        self.notice.setObjectName("notice")
        stage = QWidget()
        left = QVBoxLayout(stage)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        for label in (self.banner, self.notice):
            label.setWordWrap(True)
            label.hide()
            left.addWidget(label)
        left.addWidget(self.preview, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(stage)
        splitter.addWidget(self.side)
        splitter.setStretchFactor(0, 1)
        splitter.setSizes([860, 350])
        splitter.setChildrenCollapsible(False)
        self.side.setMinimumWidth(310)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(splitter, 1)
        self.setCentralWidget(whole)
        self.statusBar().addPermanentWidget(self.numbers)  # type: ignore[union-attr]
        self.statusBar().setSizeGripEnabled(False)  # type: ignore[union-attr]
        self.resize(1220, 760)
        self.setMinimumSize(900, 560)
        self.setAcceptDrops(True)

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open photo or clip", "", _FILES)
        if name:
            self.open_source(name)

    def _ask_url(self) -> None:
        text, done = QInputDialog.getText(self, "Open stream", "Address, such as rtsp://… or http://…")
        if done and text.strip():
            self.open_source(text.strip())

    def _ask_pack(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open pack", str(Path.home()), "Style packs (*.stylepack manifest.json)")
        if name:
            path = Path(name)
            self.open_pack(str(path.parent if path.name == "manifest.json" else path))

    def open_pack(self, name_or_path: str) -> None:
        """Load another pack in the background and use it when it is there."""
        self._asked_pack = name_or_path
        self.session.open_pack(name_or_path)
