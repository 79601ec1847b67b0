"""From what the user named to frames: a photo, or a source read in a thread of its own. Choosing and opening happen in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from stylecam.capture.base import Source
from stylecam.capture.reader import CaptureThread
from stylecam.core.frame import Frame
from stylecam.core.queues import Ledger, Mailbox
from stylecam.errors import StylecamError
from stylecam.media.formats import IMAGES, MOVING_IMAGES
from stylecam.media.images import read_srgb


class BackgroundFeed:
    """Satisfies `session.Feed`.

    Args:
        text: what the user named; empty for the first of `cameras`, or the demo clip where there is none.
        ledger: where captured and dropped frames are counted.
        open_source: makes a source of a text, without opening it; may raise InputError or UsageError.
        cameras: looks for cameras, as (source, name); may take seconds.
    """

    def __init__(
        self, text: str, ledger: Ledger, open_source: Callable[[str], Source], cameras: Callable[[], list[tuple[str, str]]]
    ) -> None:
        self.frames: Mailbox[Frame] = Mailbox()
        self._text, self._ledger, self._open_source, self._cameras = text, ledger, open_source, cameras
        self._title = self._problem = ""
        self._lock = threading.Lock()
        self._closed = False
        self._capture: CaptureThread | None = None
        threading.Thread(target=self._start, name="stylecam-feed", daemon=True).start()

    @property
    def title(self) -> str:
        """Name and size of what is open, or an empty string."""
        info = self._capture.state.info if self._capture is not None else None
        return f"{info.name} {info.width}×{info.height}" if info is not None else self._title

    @property
    def problem(self) -> str:
        """Why no frames come, or an empty string."""
        return self._capture.state.sentence if self._capture is not None else self._problem

    def close(self) -> None:
        """Give the source back; a driver that hangs is left to itself after two seconds."""
        with self._lock:
            self._closed = True
        self.frames.close()
        if self._capture is not None:
            self._capture.stop()

    def _start(self) -> None:
        try:
            text = self._text or self._first()
            if Path(text).suffix.lower() in IMAGES - MOVING_IMAGES and Path(text).is_file():
                picture = read_srgb(Path(text))
                self._title = Path(text).name
                self._ledger.count("captured")
                self.frames.put(Frame(picture, 0, time.monotonic_ns()))
                return
            capture = CaptureThread(self._open_source(text), self.frames, self._ledger)
            with self._lock:
                if self._closed:
                    return
                self._capture = capture
                capture.start()
        except StylecamError as error:
            self._problem = str(error)
        except Exception as error:  # told in the window, not on a terminal that nobody sees
            self._problem = f"The source '{self._text}' cannot be opened ({type(error).__name__}: {error}); choose another."

    def _first(self) -> str:
        cameras = self._cameras()
        return cameras[0][0] if cameras else "demo"
