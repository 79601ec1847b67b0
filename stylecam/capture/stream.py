"""Pictures from the network: http (MJPEG, HLS, clips) and rtsp. A server that is silent is given up in time."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.video.frame import VideoFrame

from stylecam.capture.base import SourceInfo, SourceLost
from stylecam.capture.guarded import GuardedSource
from stylecam.capture.video_file import MAX_PIXELS, upright
from stylecam.core.frame import Frame
from stylecam.errors import InputError

_log = logging.getLogger(__name__)

# FFmpeg looks at a stream before it starts: one second, not five. (Its `nobuffer` would throw away what it saw: a whole short clip.)
# What a playlist refers to stays on the network.
_OPTIONS = {
    "analyzeduration": "1000000",
    "protocol_whitelist": "http,https,httpproxy,rtsp,rtsps,rtp,srtp,rtmp,tcp,udp,tls,crypto,data",
    "rtsp_transport": "tcp",
}
_MAX_BAD_PACKETS = 100


class Stream(GuardedSource):
    """A camera or server on the network; a clip that lies on a web server is read like a file.

    Args:
        url: http, https, rtsp or rtsps, with name and password if it needs them.
        open_timeout_s: how long opening may take.
        read_timeout_s: how long no picture may come before the stream counts as lost.
    """

    def __init__(self, url: str, *, open_timeout_s: float = 8.0, read_timeout_s: float = 5.0) -> None:
        super().__init__()
        self._url, self._timeout_s = url, (open_timeout_s, read_timeout_s)
        self._container: InputContainer | None = None
        self._index = 0
        self._begun_ns: int | None = None

    def _open(self) -> SourceInfo:
        """Connect, and wait for the first picture."""
        name = without_password(self._url)
        try:
            self._container = av.open(self._url, "r", container_options=_OPTIONS, timeout=self._timeout_s, metadata_errors="replace")
            if not self._container.streams.video:
                raise InputError(f"{name} sends no pictures; check the address.")
            stream = self._container.streams.video[0]
            stream.thread_type = "SLICE"  # threads by frame would hold pictures back
            self._live = self._container.duration is None
            self._fps = float(stream.average_rate or 0) or None
            self._frames = self._decode()
            self._first: VideoFrame | None = next(self._frames)
        except StopIteration:
            raise InputError(f"{name} sent no picture that can be decoded; check the address.") from None
        except SourceLost as error:
            raise InputError(str(error)) from None
        except (av.FFmpegError, OSError, ValueError) as error:
            raise InputError(f"{name} cannot be opened: {_why(error)}; {_advice(error)}.") from None
        self._start = self._first.pts or 0
        height, width = upright(self._first).shape[:2]
        return SourceInfo(name, width, height, None if self._live else self._fps, self._live)

    def _read(self) -> Frame | None:
        """Return the next picture; None at the end of a clip.

        Raises:
            SourceLost: the server closed the connection or is silent.
        """
        if self._container is None:
            return None
        frame, self._first = self._first or next(self._frames, None), None
        if frame is None:
            if self._live:
                raise SourceLost(f"{without_password(self._url)} has stopped sending pictures; trying to reach it again.")
            return None
        now_ns = time.monotonic_ns()
        if self._begun_ns is None:
            self._begun_ns = now_ns
        media_ns = now_ns - self._begun_ns
        if not self._live and frame.pts is not None and frame.time_base is not None:
            media_ns = round((frame.pts - self._start) * frame.time_base * 1_000_000_000)
        done = Frame(upright(frame), self._index, now_ns, media_ns)
        self._index += 1
        return done

    def _decode(self) -> Iterator[VideoFrame]:
        assert self._container is not None  # noqa: S101 (for the type checker)
        packets = self._container.demux(self._container.streams.video[0])
        bad = 0
        while not self._closing.is_set():
            try:
                packet = next(packets, None)
            except av.EOFError:
                return
            except (av.FFmpegError, OSError) as error:
                raise SourceLost(f"{without_password(self._url)} is lost: {_why(error)}; trying to reach it again.") from None
            if packet is None:
                return
            try:
                frames = packet.decode()
            except av.EOFError:
                return
            except av.FFmpegError as error:
                bad += 1
                _log.debug("%s: %s", without_password(self._url), error)
                if bad > _MAX_BAD_PACKETS:
                    raise SourceLost(f"{without_password(self._url)} sends only damaged pictures; trying again.") from None
                continue
            for frame in frames:
                if isinstance(frame, VideoFrame) and frame.width * frame.height <= MAX_PIXELS:
                    bad = 0
                    yield frame

    def _release(self) -> None:
        if self._container is not None:
            self._first, self._frames = None, iter(())
            self._container.close()
            self._container = None


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
