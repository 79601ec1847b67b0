"""Stand-ins for the rooms that a session reaches: a source that is fed by hand, a recorder that keeps frames."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.app.live.interfaces import FeedRequest, Services
from stylecam.capture.playback import Playback
from stylecam.core.frame import Frame
from stylecam.core.params import Param, RenderParams
from stylecam.core.queues import Ledger, Mailbox
from stylecam.engines.base import Engine, Image
from stylecam.errors import InputError, OutputError, PackError
from stylecam.packs.pack import StylePack
from stylecam.render.frame import stylize_frame
from tests.fakes import FakeEngine, gradient, tiny_pack

PHOTO = gradient(48, 64)


class FakeFeed:
    """Delivers what `put` is given; says what it is told to say."""

    def __init__(self, request: FeedRequest) -> None:
        self.text = text = request.text
        self.camera = request.camera
        self.is_camera = text.startswith("camera:")
        request.first()
        self.title = f"{text or 'fake'} 64x48"
        self.problem = ""
        self.playback: Playback | None = None
        #: Clear it to let the source take its time; set it to let it open.
        self.may_open = threading.Event()
        self.may_open.set()
        self.frames: Mailbox[Frame] = Mailbox()
        self.closed = False
        self.may_close = threading.Event()
        self.may_close.set()
        self._index = 0

    def wait_open(self) -> str:
        """Wait as long as told, then say what is wrong, or nothing."""
        assert self.may_open.wait(60)
        return self.problem

    def put(self, image: Image = PHOTO) -> None:
        """Deliver a frame."""
        self.frames.put(Frame(image, self._index, time.monotonic_ns()))
        self._index += 1

    def close(self) -> None:
        """Remember; waits while `may_close` is not set, as a hanging device would."""
        self.may_close.wait(30)
        self.closed = True


class FakeSink:
    """Keeps the frames."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.result = "Recorded video.mp4."
        self.detail = ""
        self.files: tuple[Path, ...] = ()
        self.frames: list[Frame] = []
        self.problem = ""
        self.dropped = 0
        self.closed = False

    def put(self, frame: Frame) -> bool:
        """Keep a frame."""
        self.frames.append(frame)
        return True

    def close(self) -> None:
        """Remember."""
        self.closed = True


@dataclass
class World:
    """Everything that a session made, and what is to go wrong."""

    feeds: list[FakeFeed] = field(default_factory=list)
    sinks: list[FakeSink] = field(default_factory=list)
    saved: list[Image] = field(default_factory=list)
    disk_full: bool = False
    #: Sources that do not open until told, sources that never will and why, and packs that are loaded only when their event is set.
    slow: set[str] = field(default_factory=set)
    broken: dict[str, str] = field(default_factory=dict)
    slow_packs: dict[str, threading.Event] = field(default_factory=dict)
    make_engine: Callable[[StylePack], Engine] = field(default=lambda pack: FakeEngine(pack.config))

    @property
    def feed(self) -> FakeFeed:
        """Return the newest source."""
        return self.feeds[-1]

    def services(self) -> Services:
        """Return the services of this world."""
        return Services(
            open_engine=self._open_engine,
            start_feed=self._start_feed,
            load_pack=self._load_pack,
            start_sink=self._start_sink,
            save_snapshot=self._save,
            stills=self._stills,
            find_cameras=lambda: [("camera:0", "Cam")],
        )

    def _open_engine(self, pack: StylePack, _head: str) -> Engine:
        return self.make_engine(pack)

    def _start_feed(self, request: FeedRequest, ledger: Ledger) -> FakeFeed:
        if request.text == "nothing":
            raise InputError("There is no source 'nothing'; choose another.")
        feed = FakeFeed(request)
        if request.text in self.slow:
            feed.may_open.clear()
        feed.problem = self.broken.get(request.text, "")
        self.feeds.append(feed)
        return feed

    def _load_pack(self, name: str) -> StylePack:
        if name in self.slow_packs:
            assert self.slow_packs[name].wait(60)
        if name == "missing":
            raise PackError("There is no style pack 'missing'.")
        return tiny_pack(["senecio", "new_one"], name=name, seed=3)

    def _start_sink(self, name: str, ledger: Ledger, words: tuple[str, ...], option: Callable[[Param[Any]], Any]) -> FakeSink:
        self.sinks.append(FakeSink(name))
        return self.sinks[-1]

    def _stills(self, pack: StylePack, image: Image, wanted: Sequence[RenderParams]) -> Iterator[Image]:
        for params in wanted:
            engine = self.make_engine(pack)
            yield stylize_frame(image, engine, pack, params)[0]
            engine.close()

    def _save(self, image: Image, words: tuple[str, ...], option: Callable[[Param[Any]], Any]) -> Path:
        if self.disk_full:
            raise OutputError("'shot.png' cannot be written: the disk is full.")
        self.saved.append(np.array(image))
        return Path("shot.png")
