"""A running stylecam without its window: source, render thread, recorder and pack, and what is to be told of them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stylecam.core.frame import Frame
from stylecam.core.params import RenderParams
from stylecam.core.queues import Ledger, Mailbox
from stylecam.engines.base import Engine, Image
from stylecam.errors import StylecamError
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack
from stylecam.render.live import Pipeline, Rendered, Scene
from stylecam.render.stats import Numbers

#: A recording is worth waiting for, longer than anything else.
_FINISH_TIMEOUT_S = 10.0

_log = logging.getLogger(__name__)


class Feed(Protocol):
    """A source that is being read in a thread of its own, or tries to be."""

    frames: Mailbox[Frame]

    @property
    def title(self) -> str:
        """Return name and size, for people; empty until it is open."""

    @property
    def problem(self) -> str:
        """Return why no frames come, in a sentence, or an empty string."""

    def close(self) -> None:
        """End the thread; may wait for a blocked device."""


class RunningSink(Protocol):
    """A video file or a device that is being written to in a thread of its own (see `outputs.sink_thread`)."""

    name: str

    @property
    def dropped(self) -> int:
        """Return how many frames found no room."""

    @property
    def problem(self) -> str:
        """Return why it writes no more, in a sentence, or an empty string."""

    @property
    def result(self) -> str:
        """Return what came of it, in a sentence, or an empty string."""

    def put(self, frame: Frame) -> bool:
        """Take a frame without waiting; False if there was no room."""

    def close(self) -> object:
        """Write what is left and finish; waits for that, and `problem` tells if it was in vain."""


@dataclass(frozen=True)
class Rooms:
    """How the session reaches the other rooms; tests put stand-ins here. All may raise StylecamError.

    `start_sink` takes the sink's name; it and `save_snapshot` also take words for a file's name. Only `start_feed` and `start_sink` are
    called in the window's thread, and return at once.
    """

    open_engine: Callable[[StylePack], Engine]
    start_feed: Callable[[str, Ledger], Feed]
    load_pack: Callable[[str], StylePack]
    start_sink: Callable[[str, Ledger, tuple[str, ...]], RunningSink]
    save_snapshot: Callable[[Image, tuple[str, ...]], Path]
    find_cameras: Callable[[], list[tuple[str, str]]] = field(default=list)
    finish_leftovers: Callable[[], list[Path]] = field(default=list)


@dataclass(frozen=True)
class News:
    """Something that was finished in the background: a sentence, whether it is a complaint, and what came of it.

    `pack` is one that was opened, `styles` one whose styles are to join those that are shown.
    """

    text: str = ""
    is_problem: bool = False
    pack: StylePack | None = None
    styles: StylePack | None = None
    cameras: list[tuple[str, str]] | None = None


@dataclass(frozen=True)
class SinkStatus:
    """How a sink that is on stands: for how many seconds, and how many frames it lost."""

    seconds: float
    dropped: int


@dataclass(frozen=True)
class Status:
    """What a status bar shows. `sinks` has those that are on, by name."""

    numbers: Numbers
    source: str
    source_problem: str
    sinks: dict[str, SinkStatus]
    drops: dict[str, int]


class Session:
    """No method waits for a camera, an engine, a disk or an encoder, except `close`."""

    def __init__(self, pack: StylePack, params: RenderParams, rooms: Rooms) -> None:
        self.ledger = Ledger()
        self.pack = pack
        self.params = params
        self.source = ""
        self._rooms = rooms
        self._pipeline = Pipeline(Scene(pack, params), rooms.open_engine, self.ledger)
        self.previews: Mailbox[Rendered] = self._pipeline.previews
        self._feed: Feed | None = None
        self._sinks: dict[str, tuple[RunningSink, float]] = {}
        self._errands: list[threading.Thread] = []
        self._finishing: list[threading.Thread] = []
        self._news: list[News] = []
        self._news_lock = threading.Lock()
        self._pipeline.start()
        self._errand(self._finish_leftovers)

    def open_source(self, text: str) -> None:
        """Read from another source: "demo", "pattern", "camera:0", a file, a URL; empty for the first camera or the demo clip."""
        old = self._feed
        try:
            self._feed = self._rooms.start_feed(text, self.ledger)
        except StylecamError as error:
            self._tell(News(str(error), is_problem=True))
            return
        self.source = text
        self._pipeline.feed(self._feed.frames)
        if old is not None:
            self._errand(old.close)

    def set_params(self, params: RenderParams) -> None:
        """Paint with these controls from the next picture on."""
        self.params = params
        self._pipeline.set_scene(Scene(self.pack, params))

    def open_pack(self, name_or_path: str) -> None:
        """Load a pack in the background; it comes as news, and `use_pack` takes it."""

        def load() -> None:
            pack = self._rooms.load_pack(name_or_path)
            self._tell(News(f"Opened the pack {pack.title}.", pack=pack))

        self._errand(load)

    def open_styles(self, path: Path, text: str = "") -> None:
        """Load a style-only pack in the background, for the network that is shown; it comes as news with `text`."""
        trunk = self.pack
        self._errand(lambda: self._tell(News(text, styles=load_pack(path, trunk=trunk))))

    def use_pack(self, pack: StylePack, params: RenderParams) -> None:
        """Paint with another pack; `params` name styles of it."""
        self.pack, self.params = pack, params
        self._pipeline.set_scene(Scene(pack, params))

    def find_cameras(self) -> None:
        """Look for cameras in the background; they come as news."""
        self._errand(lambda: self._tell(News(cameras=self._rooms.find_cameras())))

    def save_snapshot(self, image: Image) -> None:
        """Write a picture in the background; where it lies comes as news."""
        words = self._words()
        self._errand(lambda: self._tell(News(f"Saved {self._rooms.save_snapshot(image, words)}.")))

    @property
    def is_recording(self) -> bool:
        """True while a video is recorded, which has one size."""
        return "record" in self._sinks

    def switch_sink(self, name: str, on: bool) -> None:
        """Send what is painted from now on to a sink too (`outputs.registry`), or finish it in the background; the end comes as news."""
        if on and name not in self._sinks:
            try:
                sink = self._rooms.start_sink(name, self.ledger, self._words())
            except StylecamError as error:
                self._tell(News(str(error), is_problem=True))
                return
            self._sinks[name] = sink, time.monotonic()
            self._send_to_sinks()
        elif not on and name in self._sinks:
            sink, _ = self._sinks.pop(name)
            self._send_to_sinks()

            def finish() -> None:
                sink.close()
                if sink.problem or sink.result:
                    self._tell(News(sink.problem or sink.result, is_problem=bool(sink.problem)))

            self._finishing.append(self._errand(finish))

    def _send_to_sinks(self) -> None:
        self._pipeline.set_sinks(tuple(sink for sink, _ in self._sinks.values()))

    def restart_stages(self) -> None:
        """Give an engine or stage that failed another chance."""
        self._pipeline.restart_stages()

    def set_preview_size(self, width_px: int, height_px: int) -> None:
        """Make previews for a place of this size, in pixels of the screen."""
        self._pipeline.set_preview_size(width_px, height_px)

    def photo_of(self, rendered: Rendered) -> NDArray[np.uint8]:
        """Return the plain photo behind a picture as the screen takes it, uint8 BGRX, at once, however busy the render thread is."""
        return self._pipeline.photo_of(rendered)

    def take_news(self) -> list[News]:
        """Return what was finished since the last call."""
        with self._news_lock:
            news, self._news = self._news, []
        return news

    def status(self) -> Status:
        """Return the numbers of the moment; a sink that failed is taken off here."""
        for name in [name for name, (sink, _) in self._sinks.items() if sink.problem]:
            self.switch_sink(name, on=False)
        feed, now = self._feed, time.monotonic()
        return Status(
            numbers=self._pipeline.stats.numbers(),
            source=feed.title if feed is not None else "",
            source_problem=feed.problem if feed is not None else "",
            sinks={name: SinkStatus(now - since, sink.dropped) for name, (sink, since) in self._sinks.items()},
            drops=self.ledger.snapshot()[1],
        )

    def close(self, timeout_s: float = 2.0) -> bool:
        """End everything; False if something did not end in time, and then it ends with the program. A recording is finished first."""
        for name in list(self._sinks):
            self.switch_sink(name, on=False)
        feed, self._feed = self._feed, None
        if feed is not None:
            self._errand(feed.close)
        ended = self._pipeline.close(timeout_s)
        deadline = time.monotonic() + _FINISH_TIMEOUT_S
        for thread in self._finishing:
            thread.join(max(0.0, deadline - time.monotonic()))
        deadline = time.monotonic() + timeout_s
        for thread in self._errands:
            thread.join(max(0.0, deadline - time.monotonic()))
        return ended and not any(thread.is_alive() for thread in self._errands)

    def _finish_leftovers(self) -> None:
        """Give recordings that a crash cut short their ends and names."""
        for path in self._rooms.finish_leftovers():
            self._tell(News(f"Finished {path}, which was cut short."))

    def _words(self) -> tuple[str, ...]:
        """Return the two styles that weigh most, for names of files."""
        weights = self.params.mix.weights if not self.params.is_plain else {}
        return tuple(sorted(weights, key=lambda style: -weights[style])[:2])

    def _errand(self, work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except StylecamError as error:
                self._tell(News(str(error), is_problem=True))
            except Exception as error:  # told, not lost in a future that nobody asks
                _log.info("an errand failed", exc_info=error)
                self._tell(News(f"This did not work: {error}.", is_problem=True))

        # A daemon, so that a device that hangs in `close` cannot keep the program from ending.
        thread = threading.Thread(target=run, name="stylecam-errand", daemon=True)
        self._errands = [*(each for each in self._errands if each.is_alive()), thread]
        thread.start()
        return thread

    def _tell(self, news: News) -> None:
        with self._news_lock:
            self._news.append(news)
