"""What network cameras send: JPEGs in a stream of bytes, and whole HTTP answers."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from pathlib import Path
from unittest.mock import patch

import av
from av.packet import Packet

from stylecam.capture import mjpeg
from stylecam.capture import stream as stream_module
from stylecam.capture.base import SourceLost
from stylecam.capture.stream import Stream
from stylecam.errors import InputError
from tests.fuzz.mutate import damaged
from tests.fuzz.packs import sample_images
from tests.fuzz.targets import Target, target

_MARKS = (
    b"\xff\xd8\xff",
    b"\xff\xd9",
    b"\xff\xda",
    b"\xff\xc0\0\x11\x08",
    b"\xff\xff\xff",
    b"\xff\xd0",
    b"\xff\xc4\xff\xff",
    b"\xff\xda\0\x02",
    b"\0",
)
_HEADERS = (
    b"HTTP/1.1 301 Moved\r\nLocation: file:///etc/passwd\r\n\r\n",
    b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest \r\n\r\n",
    b"Content-Type: application/vnd.apple.mpegurl\r\n\r\n#EXTM3U\nfile:///etc/passwd\n",
    b"HTTP/1.0 200 OK\r\n", b"HTTP/9.9 -1\r\n", b"Content-Length: -1\r\n", b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n", b"fffffffffffffffff\r\n", b"Content-Type: image/jpeg\r\n",
    b"Content-Type: multipart/x; boundary=\r\n", b"\r\n\r\n", b"X: " + b"y" * 70_000 + b"\r\n", b"A: b\r\n" * 200, b"--frame", b"\xff\xfe",
)  # fmt: skip
_PART = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n"


@target("mjpeg")
class Mjpeg(Target):
    """The bytes of a stream, in chunks of any size: cut into JPEGs, and those decoded."""

    allowed = (OSError,)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._jpeg = sample_images()["JPEG"]

    def make(self, rng: random.Random) -> bytes:
        """Damage a stream of three."""
        stream = b"".join(_PART % (len(self._jpeg), self._jpeg) for _ in range(3))
        return damaged(stream, rng, _MARKS)

    def read(self, data: bytes) -> None:
        """Cut and decode; no image is longer than what came, and a sound stream's images come whole."""
        rng = random.Random(len(data))
        chunks, at = [], 0
        while at < len(data):
            length = rng.choice((1, 3, 100, 4000))
            chunks.append(data[at : at + length])
            at += length
        jpegs = list(mjpeg.split_jpegs(iter(chunks)))
        assert sum(map(len, jpegs)) <= len(data) + 2 * len(jpegs)
        decoder = av.CodecContext.create("mjpeg", "r")
        for jpeg in jpegs:
            try:
                decoder.decode(Packet(jpeg))
            except av.FFmpegError:
                continue


@target("http")
class Http(Target):
    """A whole answer to the program's request, status and headers included, read as a source is."""

    allowed = (InputError, SourceLost)
    _FRAMES = 8

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        jpeg = sample_images()["JPEG"]
        parts = b"".join(_PART % (len(jpeg), jpeg) for _ in range(3))
        head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
        self._answers = (
            head % b"multipart/x-mixed-replace; boundary=frame" + b"\r\n" + parts,
            head % b"multipart/x-mixed-replace;boundary=frame"
            + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(parts), parts),
            head % b"image/jpeg" + b"Content-Length: %d\r\n\r\n" % len(jpeg) + jpeg,
        )
        self._server = socket.create_server(("127.0.0.1", 0))
        self._answer = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def make(self, rng: random.Random) -> bytes:
        """Damage one of three answers, mostly its head."""
        answer = rng.choice(self._answers)
        end = answer.find(b"\r\n\r\n") + 40
        if rng.random() < 0.3:
            return damaged(answer, rng, _HEADERS)
        return damaged(answer[:end], rng, _HEADERS) + answer[end:]

    def read(self, data: bytes) -> None:
        """Open it and read a few frames."""
        self._answer = data
        stream = Stream(f"http://name:secret@127.0.0.1:{self._server.getsockname()[1]}/video", open_timeout_s=0.5, read_timeout_s=0.5)
        # What is waited for on purpose would only make the run longer: between two requests for images, and for a hundred sound ones.
        with patch.object(mjpeg, "_PAUSE_S", 0.0), patch.object(stream_module, "_MAX_BAD", 5):
            self._look(stream)

    def _look(self, stream: Stream) -> None:
        try:
            stream.open()
            for _ in range(self._FRAMES):
                frame = stream.read()
                if frame is None:
                    return
                assert frame.image.ndim == 3
        except (InputError, SourceLost) as error:
            if "secret" in str(error):
                raise AssertionError("a message holds the password") from error
            raise
        finally:
            stream.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._server.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(65_536)
                connection.sendall(self._answer)
                connection.shutdown(socket.SHUT_WR)
