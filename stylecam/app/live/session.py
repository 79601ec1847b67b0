"""A running stylecam without its window: source, render thread, sinks, pack and controls. A window is one client of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylecam.app.live.background import Background
from stylecam.app.live.interfaces import Event, Feed, FeedRequest, RunningSink, Services, Status
from stylecam.app.live.pack_desk import PackDesk
from stylecam.app.live.recording import RecordingDesk
from stylecam.app.live.remembered import Remembered
from stylecam.app.live.scene_desk import SceneDesk
from stylecam.app.live.sinks import Sinks
from stylecam.app.live.snapshots import SnapshotDesk
from stylecam.app.settings import Settings, to_remember
from stylecam.capture.base import DEFAULT_FORMAT, CameraFormat
from stylecam.capture.open_source import is_camera
from stylecam.capture.playback import Playback
from stylecam.control.commands import Commands
from stylecam.control.state import Controls
from stylecam.core.mix import StyleMix
from stylecam.core.params import SIZE, Param, RenderParams
from stylecam.core.queues import Ledger, Mailbox
from stylecam.core.recording_params import REPLAY
from stylecam.effects.mirror import MIRROR
from stylecam.engines.base import Image
from stylecam.errors import StylecamError
from stylecam.outputs.registry import SINKS
from stylecam.packs.pack import StylePack
from stylecam.render.frame import prepared
from stylecam.render.live import Pipeline, Rendered, RenderState
from stylecam.render.samples import Samples


class Session:
    """Owns the controls and their commands; whatever turns them is stylized from the next frame on.

    No method waits for a camera, an engine, a disk or an encoder, except `close`.

    Args:
        pack: what to stylize with; `pack_name` is its name or path.
        services: how to reach the rest.
        settings: what an earlier run left; None for every control at its default, and no style.
        mix: instead of that of the settings.
    """

    def __init__(
        self, pack: StylePack, services: Services, pack_name: str = "", settings: Settings | None = None, mix: StyleMix | None = None
    ) -> None:
        self.ledger = Ledger()
        self.controls = Controls(pack.style_ids)
        if settings is not None:
            known = StyleMix(settings.mix) if settings.mix is not None else self.controls.first_mix()
            self.controls.restore(known if mix is None else mix, settings.values(), settings.locked)
        self.commands = Commands(self.controls)
        self.source = ""
        self.camera = CameraFormat.parse(settings.camera) if settings is not None and settings.camera else DEFAULT_FORMAT
        self._services = services
        self._background = Background()
        self._mirrors_cameras = self.controls[MIRROR]
        self._is_camera = False
        self._feed: Feed | None = None
        self._opening: Feed | None = None
        self._good_source = ""
        #: The style that is tried, see `audition`; or nothing.
        self.auditioned = ""
        self.packs = PackDesk(self.controls, services, self._background, pack, pack_name or pack.name)
        self.sinks = Sinks(self._start_sink, lambda sinks: self._pipeline.set_sinks(sinks), self._background, self.controls.lock)
        self.scenes = SceneDesk(
            self.controls, services, self._background, pack=lambda: self.pack, latest=lambda: self.latest, fixed=self._fixed_options
        )
        self.remembered = Remembered(self.controls, self.scenes, self._background)
        self.snapshots = SnapshotDesk(
            self.controls, services, self._background, latest=lambda: self.latest, pack=lambda: self.pack, words=self._words
        )
        self.recording = RecordingDesk(
            self.controls,
            services,
            self._background,
            self.ledger,
            sinks=self.sinks,
            switch=self.switch_sink,
            words=self._words,
            has_frames=lambda: self.latest is not None and not self.latest.starting,
        )
        self._state = RenderState(pack, self.controls.params())
        self._pipeline = Pipeline(self._state, services.open_engine, self.ledger)
        self.previews: Mailbox[Rendered] = self._pipeline.previews
        self._add_commands()
        self.controls.subscribe(self._controls_changed)
        self._pipeline.start()
        self.recording.follow()
        self._background.start(self.recording.finish_leftovers)

    @property
    def params(self) -> RenderParams:
        """What the next frame is stylized with."""
        return self._state.params

    @property
    def latest(self) -> Rendered | None:
        """The newest finished frame, or None; a window may not have shown it yet."""
        return self._pipeline.latest

    @property
    def is_quiet(self) -> bool:
        """True while nothing is opened, loaded, saved or finished in the background."""
        return not self._background.is_busy

    def frames_since(self, time_ns: int) -> int:
        """Return how many frames were finished after a moment, by `time.monotonic_ns`: the age in frames of one captured then."""
        return self._pipeline.stats.frames_since(time_ns)

    def take_events(self) -> list[Event]:
        """Return what was finished in the background since the last call."""
        return self._background.take_events()

    # Sources

    @property
    def shows_camera(self) -> bool:
        """True while frames come from a camera on this computer."""
        return self._is_camera

    def open_source(self, text: str) -> None:
        """Read from another source: "demo", "pattern", "camera:0", a file, a URL; empty for the first camera or the demo clip.

        The source that is shown goes on until the new one delivers; if it never does, that is reported, and the old one stays.
        """
        with self.controls.lock:
            # Two readers cannot have one camera, and which one a text means is certain only when it is open: the old one goes first.
            leaves = [feed for feed in (self._opening, self._feed if self._is_camera and is_camera(text) else None) if feed is not None]

            def first() -> None:
                for feed in leaves:
                    feed.close()

            try:
                feed = self._services.start_feed(FeedRequest(text, self.camera, first), self.ledger)
            except StylecamError as error:
                self._background.tell(Event(str(error), is_problem=True, retry=partial(self.open_source, text)))
                return
            self._opening, self.source = feed, text
            if self._feed is None or self._feed in leaves:
                self._feed = feed  # nothing is shown that could go on: how the new one stands is to be seen
        self._background.start(partial(self._follow, feed, text))

    @property
    def settled_source(self) -> str:
        """The newest source that delivered: what was asked for and never came is not among them."""
        return self._good_source

    @property
    def playback(self) -> Playback | None:
        """What can be asked of the user's clip that is shown; None for other sources, and for the demo clip, which is a stand-in."""
        with self.controls.lock:
            feed = self._feed
        return feed.playback if feed is not None and self.source not in ("", "demo") else None

    def set_camera_format(self, camera: CameraFormat) -> None:
        """Ask cameras for this size and rate from now on; one that is shown is opened again."""
        self.camera = camera
        if self._is_camera:
            self.open_source(self.source)

    def find_cameras(self) -> None:
        """Look for cameras in the background; they come as an event."""
        self._background.start(lambda: self._background.tell(Event(cameras=self._services.find_cameras())))

    # Packs

    @property
    def pack(self) -> StylePack:
        """What is stylized with."""
        return self.packs.pack

    @property
    def pack_name(self) -> str:
        """Its name or path."""
        return self.packs.name

    def open_pack(self, name_or_path: str) -> None:
        """Load a pack in the background and stylize with it; see `PackDesk.open`."""
        self.packs.open(name_or_path)

    def open_styles(self, path: Path, text: str = "") -> None:
        """Load a style-only pack in the background, and stylize with its styles too; see `PackDesk.open_styles`."""
        self.packs.open_styles(path, text)

    # Sinks and snapshots

    def switch_sink(self, name: str, on: bool) -> None:
        """Send what is shown from now on to a sink too (`outputs.registry`), or finish it in the background; the end comes as an event."""
        self.sinks.switch(name, on)
        if on:
            self.audition("")

    # What is shown

    def audition(self, style: str) -> None:
        """Show a style alone for the time being, without turning a control; "" ends that. Not for an audience: not while a sink is on."""
        if style != self.auditioned:
            self.auditioned = "" if self.sinks.names - {REPLAY.id} else style
            self._controls_changed()

    def sample(self, styles: Sequence[str], take: Callable[[str, Image], object]) -> bool:
        """Render the newest frame in each style, small, when there is time; `take` gets them in the render thread. False: no frame yet."""
        if self.latest is not None:
            photo = prepared(self.latest.frame.image, self.params)
            self._pipeline.sampler.ask(Samples(photo, self.pack, styles, take))
        return self.latest is not None

    def restart_stages(self) -> None:
        """Give an engine or stage that failed another chance."""
        self._pipeline.restart_stages()

    def set_preview_size(self, width_px: int, height_px: int) -> None:
        """Make previews for a place of this size, in pixels of the screen."""
        self._pipeline.set_preview_size(width_px, height_px)

    def photo_of(self, rendered: Rendered) -> NDArray[np.uint8]:
        """Return the plain photo behind a frame as the screen takes it, uint8 BGRX, at once, however busy the render thread is."""
        return self._pipeline.photo_of(rendered)

    def status(self) -> Status:
        """Return the numbers of the moment; a sink that failed is taken off here."""
        self.recording.look_around()
        with self.controls.lock:
            feed = self._feed
        return Status(
            numbers=self._pipeline.stats.numbers(),
            source=feed.title if feed is not None else "",
            source_problem=feed.problem if feed is not None else "",
            sinks=self.sinks.status(),
            drops=self.ledger.snapshot()[1],
            countdown=self.recording.countdown,
            sound=self.recording.level,
        )

    def settings(self) -> Settings:
        """Return what is to be remembered, all but the window's place."""
        with self.controls.lock:
            controls = self.controls
            return Settings(
                source=self.source,
                pack=self.pack_name,
                mix={style: weight for style, weight in controls.moves.weights.items() if weight},
                locked=tuple(sorted(controls.locked)),
                camera="" if self.camera == DEFAULT_FORMAT else str(self.camera),
                params=to_remember({**controls.values, MIRROR: self._mirrors_cameras}),
            )

    def close(self, timeout_s: float = 2.0) -> bool:
        """End everything; False if something did not end in time, and then it ends with the program. A recording is finished first."""
        self.sinks.end()
        with self.controls.lock:
            feeds = {feed for feed in (self._feed, self._opening) if feed is not None}
            self._feed = self._opening = None
        for feed in feeds:
            self._background.start(feed.close)
        self.scenes.close()
        self.recording.close()
        ended = self._pipeline.close(timeout_s)
        self.sinks.join()
        return self._background.join(timeout_s) and ended

    def _follow(self, feed: Feed, text: str) -> None:
        """Wait until a source delivers, and show it; if it never will, keep the old one."""
        problem = feed.wait_open()
        with self.controls.lock:
            if self._opening is not feed:
                return  # given up meanwhile, for another
            self._opening = None
            if problem and self._feed is not feed:
                self.source = self._good_source
                self._background.tell(Event(problem, is_problem=True, retry=partial(self.open_source, text)))
                leaves: Feed | None = feed
            else:
                leaves, self._feed = self._feed if self._feed is not feed else None, feed
                self._good_source, self._is_camera = text, feed.is_camera
                # Only a camera is a mirror: writing in a clip or a photo stays readable. Before its first frame is taken.
                self.controls.set(MIRROR, self._mirrors_cameras and feed.is_camera)
                self._pipeline.feed(feed.frames)
        if leaves is not None:
            leaves.close()

    def _controls_changed(self) -> None:
        self.recording.follow()
        params = self.controls.params()
        if self._is_camera:
            self._mirrors_cameras = params[MIRROR]
        if self.auditioned in self.pack.style_ids:
            params = params.but(mix=StyleMix({self.auditioned: 1.0}))
        if self.pack is not self._state.pack or params != self._state.params:  # a new state begins temporal smoothing again
            self._state = RenderState(self.pack, params, self.scenes.player.is_gliding)
            self._pipeline.set_state(self._state)

    def _add_commands(self) -> None:
        add = self.commands.add
        for name, text in (("camera", ""), ("demo", "demo"), ("pattern", "pattern")):
            add(name, partial(self.open_source, text))
        add("restart", self.restart_stages)
        for spec in SINKS:
            self.commands.add_switch(spec.id, partial(self.switch_sink, spec.id), partial(self.sinks.__contains__, spec.id))
        self.scenes.add_commands(self.commands)
        self.recording.add_commands(self.commands)
        self.snapshots.add_commands(self.commands)
        self.remembered.add_commands(self.commands)
        self.commands.add_switch(SIZE.id, self._set_size, lambda: self.controls[SIZE])

    def _fixed_options(self) -> tuple[Param[Any], ...]:
        return (SIZE,) if "record" in self.sinks else ()  # a video has one size

    def _set_size(self, size_px: int) -> None:
        if self._fixed_options():
            self._background.tell(Event("The size stays as it is while a video is recorded."))
        else:
            self.controls.set(SIZE, size_px)

    def _start_sink(self, name: str) -> RunningSink:
        return self._services.start_sink(name, self.ledger, self._words(), self.controls.__getitem__)

    def _words(self) -> tuple[str, ...]:
        """Return the two styles that weigh most, for names of files."""
        weights = self.params.mix.weights if not self.params.is_plain else {}
        return tuple(sorted(weights, key=lambda style: -weights[style])[:2])
