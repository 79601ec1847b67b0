"""A network camera on this computer: it works, dies and comes back, falls silent, and never keeps the program from ending."""

from __future__ import annotations

import http.server
import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from stylecam.capture.base import SourceLost
from stylecam.capture.reader import CaptureThread, Phase
from stylecam.capture.stream import Stream
from stylecam.core.frame import Frame
from stylecam.core.queues import Mailbox
from stylecam.errors import InputError
from tests.unit.capture.clips import BLUE, RED, is_color, plain, write_clip


def jpeg(color: tuple[int, int, int]) -> bytes:
    """Return a picture, 64x48, as a camera sends it."""
    file = io.BytesIO()
    Image.fromarray(plain(color)).save(file, "JPEG", quality=95)
    return file.getvalue()


class Camera:
    """An MJPEG server. `silent` stops the pictures but keeps the connection; `stop` closes everything, `start` begins on the same port."""

    def __init__(self, clip: Path | None = None) -> None:
        self.silent, self.gone, self.asked = threading.Event(), threading.Event(), threading.Event()
        self.port = 0
        self._clip = clip
        self.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://user:secret@127.0.0.1:{self.port}/video"

    def start(self) -> None:
        """Serve."""
        self.gone.clear()
        camera = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args: Any) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                camera.asked.set()
                try:
                    if self.path == "/clip" and camera._clip is not None:
                        data = camera._clip.read_bytes()
                        self.send_response(200)
                        self.send_header("Content-Length", str(len(data)))
                        self.end_headers()
                        self.wfile.write(data)
                    elif self.path == "/never":
                        camera.gone.wait(60)
                    elif self.path == "/secret":
                        self.send_error(401)
                    elif self.path == "/page":
                        self.send_response(200)
                        self.end_headers()
                        self.wfile.write(b"<html>Hello</html>" * 100)
                    elif self.path == "/list.m3u8":
                        self.send_response(200)
                        self.end_headers()
                        self.wfile.write(
                            b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://%s\n#EXT-X-ENDLIST\n" % str(camera._clip).encode()
                        )
                    elif self.path == "/video":
                        self.video()
                    else:
                        self.send_error(404)
                except OSError:
                    pass  # the taker has gone

            def video(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                number = 0
                while not camera.gone.wait(0.02):
                    if camera.silent.is_set():
                        continue
                    data = jpeg(RED if number % 2 == 0 else BLUE)
                    self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(data), data))
                    number += 1

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it as a power cut would: connections too."""
        self.gone.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@pytest.fixture
def camera() -> Iterator[Camera]:
    """Return a camera that is switched on."""
    server = Camera()
    yield server
    server.stop()


def until(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    """Wait for something that another thread does."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_pictures_come_as_they_are_sent(camera: Camera) -> None:
    """An MJPEG stream is live; its pictures come one by one, numbered and RGB; the password is not part of its name."""
    source = Stream(camera.url)
    info = source.open()
    assert (info.width, info.height, info.live) == (64, 48, True)
    assert info.name == f"http://127.0.0.1:{camera.port}/video"
    frames = [source.read() for _ in range(4)]
    source.close()
    assert [frame.index for frame in frames if frame] == [0, 1, 2, 3]
    assert all(frame and (is_color(frame.image, RED) or is_color(frame.image, BLUE)) for frame in frames)
    times = [frame.media_ns for frame in frames if frame]
    assert times[0] == 0
    assert times == sorted(times)
    assert source.read() is None


def test_a_server_that_dies_and_returns(camera: Camera) -> None:
    """Switched off it is lost, with a sentence; switched on again the pictures go on by themselves."""
    mailbox: Mailbox[Frame] = Mailbox()
    capture = CaptureThread(Stream(camera.url, open_timeout_s=5, read_timeout_s=5), mailbox, retry_s=(0.05, 0.2))
    capture.start()
    assert mailbox.take(60) is not None
    camera.stop()
    until(lambda: capture.state.phase is Phase.LOST)
    assert "127.0.0.1" in capture.state.sentence
    assert "secret" not in capture.state.sentence
    while mailbox.take(0.3) is not None:
        pass
    camera.start()
    until(lambda: capture.state.phase is Phase.RUNNING)
    assert mailbox.take(60) is not None
    assert capture.stop(timeout_s=30)


def test_a_silent_server_is_lost(camera: Camera) -> None:
    """A server that keeps the connection but sends nothing is lost when the read time-out is over."""
    source = Stream(camera.url, read_timeout_s=0.5)
    source.open()
    camera.silent.set()
    begun = time.monotonic()
    with pytest.raises(SourceLost, match="no answer in time"):
        list(iter(source.read, None))
    assert time.monotonic() - begun < 20
    source.close()


def test_quitting_while_the_server_is_silent(camera: Camera) -> None:
    """`stop` returns although the read at hand would wait for a minute."""
    mailbox: Mailbox[Frame] = Mailbox()
    capture = CaptureThread(Stream(camera.url, read_timeout_s=8), mailbox)
    capture.start()
    assert mailbox.take(60) is not None
    camera.silent.set()
    while mailbox.take(0.3) is not None:
        pass
    begun = time.monotonic()
    capture.stop(timeout_s=0.5)
    assert time.monotonic() - begun < 6
    assert capture.state.phase is Phase.STOPPED
    camera.gone.set()  # lets the thread that was left behind end


def test_a_server_that_never_answers(camera: Camera) -> None:
    """Opening is given up when its time-out is over."""
    with pytest.raises(InputError, match=r"no answer in time.*check the address"):
        Stream(camera.url.replace("/video", "/never"), open_timeout_s=0.5).open()


@pytest.mark.parametrize(
    ("path", "sentence"), [("secret", "name and a password"), ("nothing", "not found"), ("page", "cannot be opened|no frame|no video")]
)
def test_what_is_no_stream_is_said(camera: Camera, path: str, sentence: str) -> None:
    """A page that asks for a password, that is missing, or that is text: each a sentence without the password in it."""
    with pytest.raises(InputError, match=sentence) as caught:
        Stream(camera.url.replace("video", path)).open()
    assert "secret@" not in str(caught.value)


def test_nobody_there(camera: Camera) -> None:
    """A refused connection is a sentence."""
    camera.stop()
    with pytest.raises(InputError, match=r"refused.*check the address"):
        Stream(camera.url).open()
    camera.start()


def test_a_playlist_reaches_no_file_here(tmp_path: Path) -> None:
    """A server cannot make the program show files of this computer."""
    server = Camera(write_clip(tmp_path / "a.ts", [plain(RED)] * 3, fps=25))
    with pytest.raises(InputError):
        Stream(server.url.replace("video", "list.m3u8")).open()
    server.stop()


def test_a_clip_on_a_server_is_read_like_a_file(tmp_path: Path) -> None:
    """A clip behind an http address has an end and its own times."""
    server = Camera(write_clip(tmp_path / "a.mkv", [plain(RED)] * 3, fps=25))
    source = Stream(server.url.replace("video", "clip"))
    assert not source.open().live
    assert [frame.media_ns for frame in iter(source.read, None) if frame] == [0, 40_000_000, 80_000_000]
    source.close()
    server.stop()
