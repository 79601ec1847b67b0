"""A recording as a folder of PNG images: nothing is lost, and any program can read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2

from stylecam.core.atomic_io import reason
from stylecam.core.frame import Frame
from stylecam.errors import OutputError
from stylecam.outputs.base import NO_FRAME, Sink

_NS = 1_000_000_000
#: Small and quick: the level that zlib calls 1 takes a third of the time of the usual one.
_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1)
LIST_NAME = "frames.ffconcat"


class ImageSequence(Sink):
    """Images in order, and a list of how long each is shown, which ffmpeg reads: `ffmpeg -i frames.ffconcat clip.mp4`.

    Args:
        folder: is made with the first frame.
        mirror: whether left and right are exchanged; asked for every frame.
    """

    title, busy, done = "Recording", "encoder busy", "recorded"

    def __init__(self, folder: Path, mirror: Callable[[], bool] = lambda: False) -> None:
        self.folder, self._mirror = folder, mirror
        self.frames = 0
        self._last_ns = 0
        self._closed = False

    def write(self, frame: Frame) -> None:
        """Write one image. The list grows with it, so that a crash costs nothing.

        Raises:
            OutputError: the disk refuses; what was written before stays.
        """
        name = f"frame_{self.frames + 1:06d}.png"
        try:
            if not self.frames:
                self.folder.mkdir(parents=True)
                self._append("ffconcat version 1.0\n")
            else:
                self._append(f"duration {max(1, frame.media_ns - self._last_ns) / _NS:.6f}\n")
            _, data = cv2.imencode(".png", cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR), _PNG)
            with (self.folder / name).open("xb") as file:
                file.write(data.tobytes())
            self._append(f"file {name}\n")
        except OSError as error:
            raise OutputError(f"'{self.folder}' cannot be written: {reason(error)}. {self.frames} images are in it.") from error
        self.frames += 1
        self._last_ns = frame.media_ns

    def close(self) -> None:
        """End it.

        Raises:
            OutputError: no frame came.
        """
        if not self._closed and not self.frames:
            self._closed = True
            raise OutputError(NO_FRAME)
        self._closed = True

    @property
    def result(self) -> str:
        """Where the images are."""
        return f"Recorded {self.frames} images in {self.folder}." if self.frames else ""

    @property
    def files(self) -> tuple[Path, ...]:
        """The folder."""
        return (self.folder,) if self.frames else ()

    def _append(self, line: str) -> None:
        with (self.folder / LIST_NAME).open("a", encoding="utf-8") as file:
            file.write(line)
