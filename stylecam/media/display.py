"""Decoded frames as they are to be seen: deinterlaced, with square pixels, turned and mirrored as the file says, all of one size."""

from __future__ import annotations

import struct
from collections import deque
from fractions import Fraction
from typing import Any

import numpy as np
from av.filter import Graph
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from stylecam.media.frames import to_rgb

_ASPECTS = (0.2, 5.0)  # proportions of a pixel; what lies outside is damage


class Display:
    """Turns the frames of one stream into images.

    Args:
        size_px: length of the longer side, both sides even; None: the stream's own size.
        one_size: a frame of another size than the first is fitted into the first's, on black; else it comes in its own.
    """

    def __init__(self, *, size_px: int | None = None, one_size: bool = True) -> None:
        self._size_px, self._one_size = size_px, one_size
        self._canvas: tuple[int, int] | None = None  # (width, height), in display orientation
        self._reformatter = VideoReformatter()

    def image(self, frame: VideoFrame, pixel_aspect: Fraction | None = None) -> NDArray[np.uint8]:
        """Return the frame as it is to be seen, uint8 RGB (H, W, 3) in BT.709.

        Args:
            frame: a decoded frame.
            pixel_aspect: width of a pixel by its height, if the file says.

        Raises:
            InputError: see `frames.to_rgb`.
        """
        orientation = orientation_of(frame)
        aspect = pixel_aspect if pixel_aspect and _ASPECTS[0] < pixel_aspect < _ASPECTS[1] else Fraction(1)
        width, height = max(1, round(frame.width * aspect)), frame.height
        if self._size_px:
            scale = self._size_px / max(width, height)
            width, height = (max(2, 2 * round(side * scale / 2)) for side in (width, height))
        oriented = (height, width) if orientation[0] else (width, height)
        if self._canvas is None or not self._one_size:
            self._canvas = oriented
        if oriented == self._canvas:
            return turn(to_rgb(frame, width, height, self._reformatter), orientation)
        canvas_width, canvas_height = self._canvas
        scale = min(canvas_width / oriented[0], canvas_height / oriented[1])
        fitted = (min(canvas_width, max(1, round(oriented[0] * scale))), min(canvas_height, max(1, round(oriented[1] * scale))))
        image = turn(to_rgb(frame, *(fitted[::-1] if orientation[0] else fitted)), orientation)
        canvas = np.zeros((canvas_height, canvas_width, 3), np.uint8)
        left, top = (canvas_width - fitted[0]) // 2, (canvas_height - fitted[1]) // 2
        canvas[top : top + fitted[1], left : left + fitted[0]] = image
        return canvas


def orientation_of(frame: VideoFrame) -> tuple[bool, bool, bool]:
    """Return how the frame's display matrix asks it to be shown: transposed, then mirrored top to bottom, and left to right.

    A matrix that asks for something else is taken for the nearest of these eight.
    """
    side_data: Any = frame.side_data  # not `get`, which takes 20 times as long where there is none
    data = next((bytes(each) for each in side_data if each.type == Type.DISPLAYMATRIX), b"")
    if len(data) < 36:
        return (False, False, False)
    # A point (x, y) is shown at (a x + c y, b x + d y); y grows downwards.
    a, b, _, c, d = struct.unpack_from("=5i", data)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return (False, d < 0, a < 0)
    return (True, b < 0, c < 0)


def turn(image: NDArray[np.uint8], orientation: tuple[bool, bool, bool]) -> NDArray[np.uint8]:
    """Return (H, W, 3) transposed and mirrored; see `orientation_of`."""
    transposed, upside_down, mirrored = orientation
    if transposed:
        image = image.transpose(1, 0, 2)
    return np.ascontiguousarray(image[:: -1 if upside_down else 1, :: -1 if mirrored else 1])


class Deinterlacer:
    """Passes frames on; from the first interlaced one on, through FFmpeg's bwdif, which keeps progressive frames as they are.

    One frame in is one frame out, one later. `was_needed` says whether any was interlaced.
    """

    def __init__(self) -> None:
        self.was_needed = False
        self._graph: Graph | None = None
        self._kind: tuple[int, int, str] = (0, 0, "")
        self._times: deque[tuple[int | None, int | None, Fraction | None, int]] = deque()

    def push(self, frame: VideoFrame | None) -> list[VideoFrame]:
        """Take a frame, or None for the end, and return what is ready."""
        if frame is None:
            return self._flush()
        if not frame.interlaced_frame and self._graph is None:
            return [frame]
        ready: list[VideoFrame] = []
        kind = (frame.width, frame.height, frame.format.name)
        if kind != self._kind:
            ready = self._flush()
            self._open(frame)
            self._kind = kind
        assert self._graph is not None  # noqa: S101 (for the type checker)
        self.was_needed = True
        self._times.append((frame.pts, frame.dts, frame.time_base, frame.duration))
        frame.pts = len(self._times)  # bwdif wants some time; the true one is given back behind it
        self._graph.push(frame)
        return ready + self._pull()

    def _open(self, frame: VideoFrame) -> None:
        graph = Graph()
        graph.threads = 1
        source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 25))
        deinterlace, sink = graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink")
        source.link_to(deinterlace)
        deinterlace.link_to(sink)
        graph.configure()
        self._graph = graph

    def _pull(self) -> list[VideoFrame]:
        assert self._graph is not None  # noqa: S101 (for the type checker)
        ready: list[VideoFrame] = []
        while True:
            try:
                frame = self._graph.pull()
            except (BlockingIOError, EOFError):
                return ready
            if isinstance(frame, VideoFrame) and self._times:
                frame.pts, frame.dts, time_base, frame.duration = self._times.popleft()
                if time_base is not None:
                    frame.time_base = time_base
                ready.append(frame)

    def _flush(self) -> list[VideoFrame]:
        if self._graph is None:
            return []
        self._graph.push(None)
        ready = self._pull()
        self._graph, self._kind = None, (0, 0, "")
        self._times.clear()
        return ready
