"""Cameras that browsers show though they send MJPEG wrongly, and addresses that were written wrongly."""

from __future__ import annotations

import doctest
import hashlib
import http.server
import io
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from stylecam.capture import mjpeg
from stylecam.capture.base import SourceLost
from stylecam.capture.mjpeg import split_jpegs
from stylecam.capture.stream import Stream
from stylecam.errors import InputError, UsageError

COLOR = (200, 60, 40)


def jpeg(*, progressive: bool = False, thumbnail: bool = False) -> bytes:
    """Return a picture as a camera sends it, if asked with a smaller one inside its EXIF, end and all."""
    file, inner = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (16, 16), (0, 0, 250)).save(inner, "JPEG")
    options: dict[str, Any] = {"comment": b"thumbnail " + inner.getvalue()} if thumbnail else {}
    Image.new("RGB", (160, 120), COLOR).save(file, "JPEG", quality=90, progressive=progressive, **options)
    return file.getvalue()


def part(data: bytes, *, boundary: str = "--xyz\r\n", kind: str = "Content-Type: image/jpeg\r\n", length: int | None = 0) -> bytes:
    """Return one part of an answer; `length` is how wrong its length is, None for no word about it."""
    told = "" if length is None else f"Content-Length: {len(data) + length}\r\n"
    return f"{boundary}{kind}{told}\r\n".encode() + data + b"\r\n"


#: What each path sends: a function of the picture's number.
ODD: dict[str, Any] = {
    "ok": lambda n: part(jpeg()),
    "no_type": lambda n: part(jpeg(), kind=""),
    "no_first_boundary": lambda n: part(jpeg(), boundary="" if n == 0 else "--xyz\r\n"),
    "no_boundary": lambda n: part(jpeg(), boundary=""),
    "another_boundary": lambda n: part(jpeg(), boundary="--abc\r\n"),
    "too_long": lambda n: part(jpeg(), length=7),
    "too_short": lambda n: part(jpeg(), length=-7),
    "no_length": lambda n: part(jpeg(), length=None),
    "bare": lambda n: jpeg(),
    "line_feeds": lambda n: part(jpeg()).replace(b"\r\n", b"\n", 4),
    "no_end": lambda n: part(jpeg()[:-2]),
    "thumbnail": lambda n: part(jpeg(thumbnail=True)),
    "progressive": lambda n: part(jpeg(progressive=True)),
    "damaged_now_and_then": lambda n: part(jpeg() if n % 3 else b"\xff\xd8\xff\xe0\x00\x10damaged" + bytes(50)),
}


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `ODD`, single pictures, and pictures for those who know the password."""

    requests = 0

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer."""
        Handler.requests += 1
        name = self.path[1:]
        try:
            if name in ODD:
                self.pictures(ODD[name])
            elif name == "snap.jpg":
                self.picture(jpeg())
            elif name == "endless":
                self.pictures(lambda _: jpeg(), kind="image/jpeg")
            elif name == "motion":
                self.pictures(lambda _: jpeg(), kind="video/x-motion-jpeg")
            elif name == "no_end.jpg":
                self.picture(jpeg()[:-2])
            elif name == "moved":
                self.send_response(302)
                self.send_header("Location", "/ok")
                self.end_headers()
            elif name == "file":
                self.send_response(302)
                self.send_header("Location", "file:///etc/passwd")
                self.end_headers()
            elif name == "digest":
                self.digest()
        except OSError:
            pass  # the taker has gone

    def pictures(self, make: Any, kind: str = "multipart/x-mixed-replace; boundary=xyz") -> None:
        """Send pictures without end."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        for number in range(200):
            data = make(number)
            for begin in range(0, len(data), 700):  # torn, as networks do
                self.wfile.write(data[begin : begin + 700])
            time.sleep(0.01)

    def picture(self, data: bytes) -> None:
        """Send one."""
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def digest(self) -> None:
        """Send pictures to those who know the password: "p@ss#1"."""
        asked = self.headers.get("Authorization", "")
        words = dict(word.strip().replace('"', "").split("=", 1) for word in asked.removeprefix("Digest ").split(",") if "=" in word)
        ours = hashlib.md5(b"me:cam:p@ss#1").hexdigest()
        theirs = hashlib.md5(b"GET:/digest").hexdigest()
        if asked.startswith("Digest ") and words["response"] == hashlib.md5(f"{ours}:abc:{theirs}".encode()).hexdigest():
            self.pictures(ODD["ok"])
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Digest realm="cam", nonce="abc"')
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Return where the cameras are."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", [*ODD, "moved"])
def test_every_camera_that_a_browser_shows_goes_on(address: str, name: str) -> None:
    """Missing or wrong boundaries, types, lengths and ends: the pictures' own structure counts, over one connection."""
    before = Handler.requests
    source = Stream(f"http://{address}/{name}")
    info = source.open()
    assert (info.width, info.height, info.live) == (160, 120, True)
    frames = [source.read() for _ in range(10)]
    source.close()
    for frame in frames:
        assert frame is not None
        assert np.abs(frame.image[60, 80].astype(int) - COLOR).max() < 6
    assert Handler.requests - before == (2 if name == "moved" else 1)


def test_one_picture_per_request(address: str) -> None:
    """An address that gives a single picture is asked again and again."""
    source, begun = Stream(f"http://{address}/snap.jpg"), time.monotonic()
    assert source.open().live
    frames = [source.read() for _ in range(4)]
    took_s = time.monotonic() - begun
    source.close()
    assert [frame.index for frame in frames if frame] == [0, 1, 2, 3]
    assert took_s > 0.2, "asked without a pause"


@pytest.mark.parametrize("path", ["endless", "motion", "no_end.jpg"])
def test_other_answers_with_jpegs(address: str, path: str) -> None:
    """One answer of a single image's type that never ends, an old name for such streams, an image whose end is missing."""
    source = Stream(f"http://{address}/{path}")
    assert source.open().live
    begun = time.monotonic()
    frames = [source.read() for _ in range(4)]
    source.close()
    assert time.monotonic() - begun < 1.5  # not at the end of the answer
    assert all(frame is not None and np.abs(frame.image[60, 80].astype(int) - COLOR).max() < 8 for frame in frames)


def test_a_password_by_digest(address: str) -> None:
    """Written as addresses ask, it is understood; the name that is shown has none of it."""
    source = Stream(f"http://me:p%40ss%231@{address}/digest")
    assert source.open().name == f"http://{address}/digest"
    assert source.read() is not None
    source.close()


def test_a_server_does_not_lead_to_files(address: str) -> None:
    """A redirection to a file of this computer is not followed."""
    with pytest.raises(InputError, match="cannot be opened"):
        Stream(f"http://{address}/file").open()


def test_a_camera_that_stops_is_lost(address: str) -> None:
    """At the end of its pictures the stream counts as lost, and can be opened again."""
    source = Stream(f"http://{address}/bare")
    source.open()
    with pytest.raises(SourceLost, match="has stopped sending"):
        list(iter(source.read, None))
    source.close()
    source.open()
    assert source.read() is not None
    source.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://me:p@ss@host/x",
        "rtsp://me:pa#ss@host/x",
        "rtsp://me:pa/ss@host:554/x",
        "http://me:pa?ss@host/",
        "http://me:#secret@host/",
        "http://me@home:pa@host/",
    ],
)
def test_signs_in_a_password_are_told(url: str) -> None:
    """An address that its own password cuts short is refused; how to write it is said, and nothing of it is shown."""
    with pytest.raises(UsageError, match="@ as %40, # as %23") as refused:
        Stream(url)
    assert not any(piece in str(refused.value) for piece in ("me:", "pa#", "ss@", "host", "secret", "home"))


@pytest.mark.parametrize(
    "url", ["http://host/@someone/live", "http://host:8080/x?mail=a@b", "rtsp://[::1]:554/x", "rtsp://me:p%40ss@host:554/x", "http://h#a@b"]
)
def test_good_addresses_are_left_alone(url: str) -> None:
    """An @ behind the host is no password."""
    Stream(url)


def test_pictures_that_never_come_or_never_end() -> None:
    """Bounded memory: a server that sends no JPEG, or one without end, is given up."""
    assert doctest.testmod(mjpeg).failed == 0
    noise = np.random.default_rng(0).integers(0, 255, 1_000_000, np.uint8).tobytes().replace(b"\xff\xd8\xff", b"")
    with pytest.raises(OSError, match="no JPEG"):
        list(split_jpegs(noise for _ in range(50)))
    with pytest.raises(OSError, match="never ends"):
        list(split_jpegs(iter([b"\xff\xd8\xff\xda\x00\x02", *[bytes(1_000_000)] * 50])))
