"""Stand-ins for the rooms that a session reaches: a source that is fed by hand, a recorder that keeps frames."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from stylecam.app.live.session import Rooms
from stylecam.core.frame import Frame
from stylecam.core.queues import Ledger, Mailbox
from stylecam.engines.base import Engine, Image
from stylecam.errors import InputError, OutputError, PackError
from stylecam.packs.pack import StylePack
from tests.fakes import FakeEngine, gradient, tiny_pack

PHOTO = gradient(48, 64)


class FakeFeed:
    """Delivers what `put` is given; says what it is told to say."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.title = f"{text or 'fake'} 64x48"
        self.problem = ""
        self.frames: Mailbox[Frame] = Mailbox()
        self.closed = False
        self.may_close = threading.Event()
        self.may_close.set()
        self._index = 0

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
    make_engine: Callable[[StylePack], Engine] = field(default=lambda pack: FakeEngine(pack.config))

    @property
    def feed(self) -> FakeFeed:
        """Return the newest source."""
        return self.feeds[-1]

    def rooms(self) -> Rooms:
        """Return the seams of this world."""
        return Rooms(self._open_engine, self._start_feed, self._load_pack, self._start_sink, self._save, lambda: [("camera:0", "Cam")])

    def _open_engine(self, pack: StylePack) -> Engine:
        return self.make_engine(pack)

    def _start_feed(self, text: str, ledger: Ledger) -> FakeFeed:
        if text == "nothing":
            raise InputError("There is no source 'nothing'; choose another.")
        self.feeds.append(FakeFeed(text))
        return self.feeds[-1]

    def _load_pack(self, name: str) -> StylePack:
        if name == "missing":
            raise PackError("There is no style pack 'missing'.")
        return tiny_pack(["senecio", "new_one"], name=name, seed=3)

    def _start_sink(self, name: str, ledger: Ledger, words: tuple[str, ...]) -> FakeSink:
        self.sinks.append(FakeSink(name))
        return self.sinks[-1]

    def _save(self, image: Image, words: tuple[str, ...]) -> Path:
        if self.disk_full:
            raise OutputError("'shot.png' cannot be written: the disk is full.")
        self.saved.append(np.array(image))
        return Path("shot.png")
