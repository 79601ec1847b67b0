"""What a session needs from outside, what it tells, and how it stands: the types that its clients and its tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from stylecam.capture.base import CameraFormat
from stylecam.capture.microphone import Level, Microphone
from stylecam.capture.playback import Playback
from stylecam.control.scenes import Scene
from stylecam.core import paths
from stylecam.core.frame import Frame
from stylecam.core.params import Param, RenderParams
from stylecam.core.queues import Ledger, Mailbox
from stylecam.engines.base import Engine, Image
from stylecam.outputs.registry import SinkRequest
from stylecam.packs.pack import StylePack
from stylecam.render.stats import Numbers


class Feed(Protocol):
    """A source that is being read in a thread of its own, or tries to be."""

    frames: Mailbox[Frame]

    @property
    def title(self) -> str:
        """Return name and size, for people; empty until it is open."""

    @property
    def problem(self) -> str:
        """Return why no frames come, in a sentence, or an empty string."""

    @property
    def is_camera(self) -> bool:
        """Return whether it is a camera on this computer, as the source itself says; False until it is open."""

    @property
    def playback(self) -> Playback | None:
        """Return what can be asked of a clip while it plays; None for other sources."""

    def wait_open(self) -> str:
        """Wait until frames come, or until it is sure that none will; return the sentence that says why, or an empty string."""

    def close(self) -> None:
        """End the thread; may wait for a blocked device."""


class RunningSink(Protocol):
    """A video file or a device that is being written to in a thread of its own (see `outputs.sink_thread`)."""

    name: str

    @property
    def dropped(self) -> int:
        """Return how many frames found the queue full."""

    @property
    def problem(self) -> str:
        """Return why it writes no more, in a sentence, or an empty string."""

    @property
    def detail(self) -> str:
        """Return where it writes to, in a few words, or an empty string."""

    @property
    def result(self) -> str:
        """Return what came of it, in a sentence, or an empty string."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Return the files that came of it."""

    def put(self, frame: Frame) -> bool:
        """Take a frame without waiting; False if the queue is full."""

    def close(self) -> object:
        """Write what is left and finish; waits for that, and `problem` tells if it was in vain."""


@dataclass(frozen=True)
class FeedRequest:
    """Which source to read: `text` as the user named it, empty for the first camera or the demo clip; `camera` is asked of a camera.

    `first` is called in the feed's thread before anything is opened, such as to give back a camera that two cannot have.
    """

    text: str
    camera: CameraFormat
    first: Callable[[], object] = lambda: None


def _sink_request(words: tuple[str, ...], option: Callable[[Param[Any]], Any]) -> SinkRequest:
    return SinkRequest(paths.user_videos(), words, option=option)


@dataclass(frozen=True)
class Added:
    """What came of opening a style-only pack: the pack with its styles, and the ids of those that are new.

    `base` is the name of another pack if that was opened, for its network; `kept` the copy among the user's packs, if one was made.
    """

    pack: StylePack
    title: str
    new: tuple[str, ...] = ()
    base: str = ""
    kept: Path | None = None

    @property
    def sentence(self) -> str:
        """Say it."""
        if not self.new:
            return f"The styles of “{self.title}” are in the rack already."
        names = [self.pack.styles[style].title for style in self.new]
        return f"Added to the rack: {', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}."


@dataclass(frozen=True, kw_only=True)
class Services:
    """How the session reaches engines, sources, packs, sinks and files; tests put stand-ins here. All may raise StylecamError.

    `start_sink` takes the sink's name; it and `save_snapshot` also take words for a file's name, and what reads an option;
    `join_styles` opens a style-only pack beside the one that is shown, and returns None for a whole one, which `load_pack` opens.
    `finish_leftovers` takes the folder that the user chose. `stills` stylizes an image in several ways, one after the other, while frames
    go on. Only `start_feed` and `start_sink` are called in the caller's thread, and return at once.
    """

    open_engine: Callable[[StylePack, str], Engine]
    start_feed: Callable[[FeedRequest, Ledger], Feed]
    load_pack: Callable[[str], StylePack]
    start_sink: Callable[[str, Ledger, tuple[str, ...], Callable[[Param[Any]], Any]], RunningSink]
    save_snapshot: Callable[[Image, tuple[str, ...], Callable[[Param[Any]], Any]], Path]
    stills: Callable[[StylePack, Image, Sequence[RenderParams]], Iterable[Image]]
    find_cameras: Callable[[], list[tuple[str, str]]] = list
    finish_leftovers: Callable[[str], list[Path]] = lambda _: []
    sink_request: Callable[[tuple[str, ...], Callable[[Param[Any]], Any]], SinkRequest] = _sink_request
    microphone: Microphone = field(default_factory=Microphone)
    join_styles: Callable[[str, StylePack], Added | None] = lambda _name, _shown: None
    load_scenes: Callable[[], tuple[Mapping[int, Scene], str]] = lambda: ({}, "")
    save_scenes: Callable[[Mapping[int, Scene], Mapping[int, Scene]], tuple[Mapping[int, Scene], str]] = lambda scenes, _: (scenes, "")


@dataclass(frozen=True)
class Event:
    """Something that was finished in the background: a sentence, whether it is a complaint, and what else changed.

    `pack` is set when another pack is used, or the one in use gained styles: then `styles` are their ids. `cameras` are (source, name).
    `path` is a file that was made, `undo` takes back what was reported, `retry` tries it again. `offers` are words for buttons, and the
    ids of the commands behind them; `acts` are words for buttons, and what they do.
    """

    text: str = ""
    is_problem: bool = False
    pack: StylePack | None = None
    styles: tuple[str, ...] = ()
    cameras: list[tuple[str, str]] | None = None
    path: Path | None = None
    offers: tuple[tuple[str, str], ...] = ()
    undo: Callable[[], object] | None = None
    retry: Callable[[], object] | None = field(default=None, compare=False)
    acts: tuple[tuple[str, Callable[[], object]], ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class SinkStatus:
    """How a sink that is on stands: for how many seconds, how many frames it lost, and where it writes to, if there is more to say."""

    seconds: float
    dropped: int
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Status:
    """What a status bar shows. `sinks` has those that are on, by name.

    `countdown` is how many seconds are left before a recording begins, `sound` how loud the microphone is, None while it is off.
    """

    numbers: Numbers
    source: str
    source_problem: str
    sinks: dict[str, SinkStatus] = field(default_factory=dict)
    drops: dict[str, int] = field(default_factory=dict)
    countdown: int = 0
    sound: Level | None = None
