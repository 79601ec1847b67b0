"""From what the user named to frames: a photo, or a source read in a thread of its own. Choosing and opening happen in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from stylecam.app.live.interfaces import FeedRequest
from stylecam.capture.base import CameraFormat, Source
from stylecam.capture.playback import Playback
from stylecam.capture.reader import CaptureState, CaptureThread, Phase
from stylecam.core.frame import Frame
from stylecam.core.queues import Ledger, Mailbox
from stylecam.errors import StylecamError
from stylecam.media.formats import IMAGES, MOVING_IMAGES
from stylecam.media.images import read_srgb

_POLL_S = 0.02


class BackgroundFeed:
    """Satisfies `interfaces.Feed`.

    Args:
        request: what the user named; an empty text stands for the first of `cameras`, or the demo clip where there is none.
        ledger: where captured and dropped frames are counted.
        open_source: makes a source of a text, without opening it; may raise InputError or UsageError.
        cameras: looks for cameras, as (source, name); may take seconds.
    """

    def __init__(
        self,
        request: FeedRequest,
        ledger: Ledger,
        open_source: Callable[[str, CameraFormat], Source],
        cameras: Callable[[], list[tuple[str, str]]],
    ) -> None:
        self.frames: Mailbox[Frame] = Mailbox()
        self.is_camera = False
        self._request, self._ledger, self._open_source, self._cameras = request, ledger, open_source, cameras
        self._title = self._problem = ""
        self._settled = threading.Event()
        self._lock = threading.Lock()
        self._closed = False
        self._capture: CaptureThread | None = None
        threading.Thread(target=self._start, name="stylecam-feed", daemon=True).start()

    @property
    def title(self) -> str:
        """Name and size of what is open, or an empty string."""
        info = self._capture.state.info if self._capture is not None else None
        if info is None:
            return self._title
        return f"{info.name} {info.width}×{info.height}" + (f" ({info.note.rstrip('.')})" if info.note else "")

    @property
    def playback(self) -> Playback | None:
        """What can be asked of a clip while it plays; None for other sources."""
        return self._capture.playback if self._capture is not None else None

    @property
    def problem(self) -> str:
        """Why no frames come, or an empty string."""
        return self._capture.state.sentence if self._capture is not None else self._problem

    def wait_open(self) -> str:
        """Wait until frames come, or until it is sure that none will; return why not, or an empty string."""
        while not self._settled.wait(_POLL_S):
            if self.frames.is_full or (self._capture is not None and _is_decided(self._capture.state)):
                break
        return "" if self.frames.is_full else self.problem

    def close(self) -> None:
        """Give the source back; a driver that hangs is left to itself after two seconds."""
        with self._lock:
            self._closed = True
        self._settled.set()
        self.frames.close()
        if self._capture is not None:
            self._capture.stop()

    def _start(self) -> None:
        try:
            self._request.first()
            text = self._request.text or self._first()
            if Path(text).suffix.lower() in IMAGES - MOVING_IMAGES and Path(text).is_file():
                image = read_srgb(Path(text))
                self._title = Path(text).name
                self._ledger.count("captured")
                self.frames.put(Frame(image, 0, time.monotonic_ns()))
                self._settled.set()
                return
            source = self._open_source(text, self._request.camera)
            self.is_camera = source.is_camera
            capture = CaptureThread(source, self.frames, self._ledger)
            with self._lock:
                if self._closed:
                    return
                self._capture = capture
                capture.start()
        except StylecamError as error:
            self._fail(str(error))
        except Exception as error:  # reported in the window, not on a terminal that nobody sees
            which = f"'{self._request.text}' " if "://" not in self._request.text else ""  # an address may hold a password
            self._fail(f"The source {which}cannot be opened ({type(error).__name__}: {error}); choose another.")

    def _fail(self, problem: str) -> None:
        self._problem = problem
        self._settled.set()

    def _first(self) -> str:
        cameras = self._cameras()
        return cameras[0][0] if cameras else "demo"


def _is_decided(state: CaptureState) -> bool:
    """Return whether it is known if frames will come: a file that was opened may yet turn out to hold none."""
    if state.phase is Phase.RUNNING:
        return state.info is not None and state.info.live
    return state.phase is not Phase.OPENING
