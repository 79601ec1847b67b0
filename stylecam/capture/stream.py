"""Frames from the network: http (MJPEG, HLS, clips) and rtsp. A server that is silent is given up in time."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import av
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from stylecam.capture import mjpeg
from stylecam.capture.base import SourceInfo, SourceLost
from stylecam.capture.guarded import GuardedSource
from stylecam.core.frame import Frame
from stylecam.errors import InputError, UsageError
from stylecam.media.decode import MAX_PIXELS, Clip
from stylecam.media.display import Display

_log = logging.getLogger(__name__)

# FFmpeg looks at a stream before it starts: one second, not five. (Its `nobuffer` would throw away what it saw: a whole short clip.)
# What a playlist refers to stays on the network.
_OPTIONS = {
    "analyzeduration": "1000000",
    "protocol_whitelist": "http,https,httpproxy,rtsp,rtsps,rtp,srtp,rtmp,tcp,udp,tls,crypto,data",
    "rtsp_transport": "tcp",
}
_MAX_BAD = 100
_ODD_ENOUGH = 5  # frames in a row that are not as they should be
_NS = 1_000_000_000

#: An image, and its time in seconds if it belongs to a clip that lies on a server.
_Timed = tuple[NDArray[np.uint8], float | None]


class Stream(GuardedSource):
    """A camera or server on the network; a clip that lies on a web server is read like a file.

    Args:
        url: http, https, rtsp or rtsps, with name and password if it needs them.
        open_timeout_s: how long opening may take.
        read_timeout_s: how long no frame may come before the stream counts as lost.

    Raises:
        UsageError: its name or password has a sign that must be written in another way.
    """

    def __init__(self, url: str, *, open_timeout_s: float = 8.0, read_timeout_s: float = 5.0) -> None:
        super().__init__()
        check_address(url)
        self._url, self._timeout_s = url, (open_timeout_s, read_timeout_s)
        self._name = without_password(url)
        self._opened: Any = None  # what is to be closed
        self._index = 0
        self._begun_ns: int | None = None

    def _open(self) -> SourceInfo:
        """Connect, and wait for the first frame."""
        self._bad = 0
        try:
            self._frames, self._live = self._connect()
            self._first: _Timed | None = next(self._frames)
        except StopIteration:
            raise InputError(f"{self._name} sent no frame that can be decoded; check the address.") from None
        except SourceLost as error:
            raise InputError(str(error)) from None
        except (av.FFmpegError, *mjpeg.ERRORS) as error:
            raise InputError(f"{self._name} cannot be opened: {_why(error)}; {_advice(error)}.") from None
        self._zero_s = self._first[1] or 0.0
        height, width = self._first[0].shape[:2]
        return SourceInfo(self._name, width, height, self._live)

    def _read(self) -> Frame | None:
        """Return the next frame; None at the end of a clip.

        Raises:
            SourceLost: the server closed the connection or is silent.
        """
        if self._opened is None:
            return None
        timed, self._first = self._first or next(self._frames, None), None
        if timed is None:
            if self._live and not self._closing.is_set():
                raise SourceLost(f"{self._name} has stopped sending frames; trying to reach it again.")
            return None
        now_ns = time.monotonic_ns()
        if self._begun_ns is None:
            self._begun_ns = now_ns
        image, at_s = timed
        media_ns = now_ns - self._begun_ns if at_s is None else round((at_s - self._zero_s) * _NS)
        done = Frame(image, self._index, now_ns, media_ns)
        self._index += 1
        return done

    def _connect(self) -> tuple[Iterator[_Timed], bool]:
        """Return the frames, and whether they are live."""
        if urlsplit(self._url).scheme.lower() in ("http", "https") and (jpegs := self._jpegs()) is not None:
            return self._decode_jpegs(jpegs), True
        container = av.open(self._url, "r", container_options=_OPTIONS, timeout=self._timeout_s, metadata_errors="replace")
        self._opened = container
        if not container.streams.video:
            raise InputError(f"{self._name} sends no video; check the address.")
        live = container.duration is None
        # One thread: decoding several frames at once would hold them back.
        clip = Clip(container, self._name, threads=1, one_size=not live, damaged=self._note)
        return ((clip.image(each), None if live else float(each.time)) for each in clip.moments()), live

    def _jpegs(self) -> Iterator[bytes] | None:
        try:
            found = mjpeg.open_jpegs(self._url, self._timeout_s[1], self._closing.is_set)
        except TimeoutError:
            raise
        except mjpeg.ERRORS as error:  # FFmpeg is less strict than Python in some things, and reports the others
            if isinstance(getattr(error, "reason", None), TimeoutError):
                raise TimeoutError from None
            _log.debug("%s: %s", self._name, error)
            return None
        if found is None:
            return None
        self._opened, jpegs = found
        return jpegs

    def _decode_jpegs(self, jpegs: Iterator[bytes]) -> Iterator[_Timed]:
        decoder = _jpeg_decoder(strict=True)
        display = Display(one_size=False)
        try:
            for jpeg in jpegs:
                if self._closing.is_set():
                    return
                try:
                    frames = decoder.decode(Packet(jpeg))
                except av.FFmpegError as error:
                    self._note(error, reading=False)
                    if self._bad == _ODD_ENOUGH:  # it sends nothing better
                        decoder = _jpeg_decoder(strict=False)
                    continue
                for frame in frames:
                    if isinstance(frame, VideoFrame) and frame.width * frame.height <= MAX_PIXELS:
                        self._bad = 0
                        yield display.image(frame), None
        except mjpeg.ERRORS as error:
            raise SourceLost(f"{self._name} is lost: {_why(error)}; trying to reach it again.") from None

    def _note(self, error: Exception, *, reading: bool) -> None:
        """Give up when the connection fails, or when nothing but damage comes."""
        if reading:
            raise SourceLost(f"{self._name} is lost: {_why(error)}; trying to reach it again.") from None
        self._bad += 1
        _log.debug("%s: %s", self._name, error)
        if self._bad > _MAX_BAD:
            raise SourceLost(f"{self._name} sends only damaged frames; trying again.") from None

    def _release(self) -> None:
        if self._opened is not None:
            self._first, self._frames = None, iter(())
            self._opened.close()
            self._opened = None


def _jpeg_decoder(*, strict: bool) -> Any:
    """Return a decoder of JPEGs; a strict one refuses half a frame, which would be shown with a grey rest."""
    decoder = av.CodecContext.create("mjpeg", "r")
    if strict:
        decoder.options = {"err_detect": "explode"}
    return decoder


def check_address(url: str) -> None:
    """Refuse an address whose name or password holds a sign that ends it for every reader of addresses.

    Raises:
        UsageError: without showing any of it.
    """
    scheme, _, rest = url.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    behind = rest[len(host) :]
    _, colon, port = host.rpartition(":")
    cut_short = "@" in behind and "@" not in host and bool(colon) and not port.isdecimal() and not host.startswith("[")
    if host.count("@") > 1 or cut_short:
        raise UsageError(
            f"The name or password in this {scheme}:// address has a sign that must be written differently there: @ as %40, # as %23, "
            "/ as %2F, ? as %3F, : as %3A, % as %25."
        )


def without_password(url: str) -> str:
    """Return the address as it may be shown: no name, no password, and nothing behind a question mark."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _why(error: Exception) -> str:
    if isinstance(error, av.ExitError | TimeoutError):
        return "no answer in time"
    if isinstance(error, av.HTTPUnauthorizedError | av.HTTPForbiddenError):
        return "it asks for a name and a password"
    text = getattr(error, "strerror", None) or re.sub(r"\S*://\S*", "", str(error)) or type(error).__name__
    return str(text).lower().rstrip(".")


def _advice(error: Exception) -> str:
    if isinstance(error, av.HTTPUnauthorizedError | av.HTTPForbiddenError):
        return "write them into the address, like http://name:password@host/path"
    return "check the address, and that the camera or server is on and in the same network"
