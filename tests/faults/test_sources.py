"""Cameras and servers that change their minds, claim what is not so, or break off in the middle of a frame."""

from __future__ import annotations

import http.server
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from stylecam.capture.base import SourceLost
from stylecam.capture.devices import Camera
from stylecam.capture.stream import Stream
from stylecam.capture.webcam import Webcam
from stylecam.errors import InputError
from stylecam.outputs.recorder import Recorder
from stylecam.outputs.sink_thread import SinkThread
from tests.unit.outputs.clips import read_clip

pytestmark = pytest.mark.faults

Delivers = Callable[[int], Any]


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> list[Delivers]:
    """Return a list; put a function in it that says what the camera's driver delivers as its n-th frame."""
    delivers: list[Delivers] = []

    class Capture:
        def __init__(self, *_: object) -> None:
            self.count = 0

        def isOpened(self) -> bool:  # noqa: N802 (OpenCV's name)
            return True

        def set(self, *_: object) -> bool:
            return True

        def read(self) -> tuple[bool, Any]:
            self.count += 1
            return True, delivers[0](self.count - 1)

        def release(self) -> None:
            """Nothing to give back."""

    monkeypatch.setattr(cv2, "VideoCapture", Capture)
    monkeypatch.setattr("stylecam.capture.devices.list_cameras", lambda backend=None: [Camera("Odd Cam", 0, cv2.CAP_V4L2)])
    monkeypatch.setattr("stylecam.capture.webcam._PAUSE_S", 0)
    monkeypatch.setattr("stylecam.capture.webcam._FIRST_FRAME_S", 0.2)
    return delivers


def test_a_camera_that_changes_its_size(camera: list[Delivers], tmp_path: Path) -> None:
    """Every frame comes in its own size, unsqueezed; a recording of it becomes one whole file for each size."""
    camera.append(lambda n: np.full((48, 64, 3) if n < 5 else (120, 160, 3), 40 * (n + 1) % 256, np.uint8))
    source = Webcam("0")
    source.open()
    recording = SinkThread(Recorder(tmp_path / "a.mp4"), capacity=100)
    shapes = []
    for _ in range(10):
        frame = source.read()
        assert frame is not None
        shapes.append(frame.image.shape)
        recording.put(frame)
    source.close()
    assert recording.close(60)
    assert recording.problem == ""
    assert shapes == [(48, 64, 3)] * 5 + [(120, 160, 3)] * 5
    clips = [read_clip(path) for path in sorted(tmp_path.glob("*.mp4"))]
    assert sorted((len(clip.times), clip.images[0].shape) for clip in clips) == [(5, (48, 64, 3)), (5, (120, 160, 3))]


GREY = np.full((48, 64), 90, np.uint8)


@pytest.mark.parametrize(
    "frame",
    [
        GREY,
        GREY[..., None],
        np.dstack([GREY, np.full_like(GREY, 128)]),
        np.dstack([GREY] * 3 + [np.full_like(GREY, 255)]),
        cv2.imencode(".jpg", np.dstack([GREY] * 3))[1].reshape(1, -1),
    ],
    ids=["grey", "one channel", "raw YUYV", "with alpha", "JPEG undecoded"],
)
def test_a_camera_that_claims_another_format_than_it_sends(camera: list[Delivers], frame: Any) -> None:
    """What can be seen from the data itself becomes an image; grey stays grey."""
    camera.append(lambda n: frame)
    source = Webcam("0")
    info = source.open()
    assert (info.width, info.height) == (64, 48)
    read = source.read()
    assert read is not None
    assert read.image.dtype == np.uint8
    assert np.abs(read.image.astype(int) - (86 if frame.shape[-1] == 2 else 90)).max() <= 3  # YUYV: 16 is black
    source.close()


@pytest.mark.parametrize(
    "frame",
    [np.zeros((48, 64), np.uint16), np.zeros((48, 64, 7), np.uint8), np.zeros((1, 999), np.uint8), np.zeros((48, 63, 2), np.uint8)],
    ids=["deep", "seven channels", "noise", "odd YUYV"],
)
def test_a_camera_that_sends_nothing_known(camera: list[Delivers], frame: Any) -> None:
    """At its opening that is a sentence; later the camera counts as lost, and is tried again."""
    camera.append(lambda n: frame)
    with pytest.raises(InputError, match=r"The camera 'Odd Cam' (delivers no frames|may not be used)"):
        Webcam("0").open()
    camera[0] = lambda n: np.zeros((48, 64, 3), np.uint8) if n < 2 else frame
    source = Webcam("0")
    source.open()
    assert source.read() is not None
    assert source.read() is not None
    with pytest.raises(SourceLost, match="'Odd Cam' delivers no frames any more"):
        source.read()
    source.close()


def jpeg() -> bytes:
    """Return a frame in many colours, 160x120."""
    file, noise = io.BytesIO(), np.random.default_rng(0).integers(0, 255, (15, 20, 3), np.uint8)
    Image.fromarray(np.kron(noise, np.ones((8, 8, 1), np.uint8))).save(file, "JPEG", quality=90)
    return file.getvalue()


@pytest.fixture
def server() -> Iterator[str]:
    """Serve frames of which every second one is half, an answer that is cut in a frame, and redirects; return the address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            if self.path in ("/loop", "/dead"):
                self.send_response(302)
                self.send_header("Location", "/loop" if self.path == "/loop" else "http://127.0.0.1:9/")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=xyz")
            self.end_headers()
            whole = jpeg()
            half = whole[: len(whole) // 2]
            for data in (whole, half) * 3 if self.path == "/halves" else (whole, whole, half):
                self.wfile.write(b"--xyz\r\nContent-Type: image/jpeg\r\n\r\n" + data + b"\r\n")

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


@pytest.mark.parametrize(("path", "frames"), [("/halves", 3), ("/cut", 2)])
def test_half_a_frame_is_not_shown(server: str, path: str, frames: int) -> None:
    """Whole frames pass, half ones are left out, and a connection that breaks off within one is lost with a sentence."""
    source = Stream(server + path)
    source.open()
    seen = [frame.image for frame in (source.read() for _ in range(frames)) if frame is not None]
    with pytest.raises(SourceLost, match="has stopped sending frames; trying to reach it again"):
        source.read()
    source.close()
    assert len(seen) == frames
    for image in seen[1:]:
        np.testing.assert_array_equal(image, seen[0])


@pytest.mark.parametrize("path", ["/loop", "/dead"])
def test_redirects_that_lead_nowhere(server: str, path: str) -> None:
    """In a circle, or to a server that is not there: one sentence, soon."""
    with pytest.raises(InputError, match=r"cannot be opened: .*; check the address"):
        Stream(server + path, open_timeout_s=5).open()
