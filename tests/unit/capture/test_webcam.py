"""Cameras by name, with the right format, lost and found: everything but the hardware."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import cv2
import cv2_enumerate_cameras
import numpy as np
import pytest
from cv2_enumerate_cameras.camera_info import CameraInfo

from stylecam.capture import devices, webcam
from stylecam.capture.base import CameraFormat, SourceLost
from stylecam.capture.devices import Camera, find_camera, list_cameras
from stylecam.capture.webcam import Webcam
from stylecam.errors import InputError

BACKEND = cv2.CAP_V4L2


class FakeCapture:
    """Stands in for `cv2.VideoCapture`: delivers blue frames of the size asked for, from the cameras that are plugged in."""

    plugged: ClassVar[set[int]] = set()
    takes_parameters: ClassVar[bool] = True
    misses: ClassVar[int] = 0
    size: ClassVar[tuple[int, int] | None] = None
    made: ClassVar[list[FakeCapture]] = []

    def __init__(self, index: int, backend: int, params: list[int] | None = None) -> None:
        self.index, self.backend, self.params = index, backend, params
        self.properties: dict[int, float] = {}
        self.released = False
        FakeCapture.made.append(self)
        if params:
            self.properties = dict(zip(params[::2], params[1::2], strict=True))

    def isOpened(self) -> bool:  # noqa: N802 (OpenCV's name)
        """Tell whether it could be opened."""
        return self.index in self.plugged and (self.takes_parameters or not self.params)

    def set(self, number: int, value: float) -> bool:
        """Remember."""
        self.properties[number] = value
        return True

    def get(self, number: int) -> float:
        """Claim."""
        return 60.0  # as drivers claim

    def read(self) -> tuple[bool, Any]:
        """Return a frame if plugged in."""
        assert not self.released
        if FakeCapture.misses > 0:
            FakeCapture.misses -= 1
            return False, None
        if self.index not in self.plugged:
            return False, None
        width, height = self.size or (int(self.properties[cv2.CAP_PROP_FRAME_WIDTH]), int(self.properties[cv2.CAP_PROP_FRAME_HEIGHT]))
        return True, np.full((height, width, 3), (200, 0, 0), np.uint8)

    def release(self) -> None:
        """Remember."""
        self.released = True


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Linux with one camera, "HD Cam" at index 2."""
    for name, value in {"plugged": {2}, "takes_parameters": True, "misses": 0, "size": None, "made": []}.items():
        monkeypatch.setattr(FakeCapture, name, value)
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)
    monkeypatch.setattr(devices, "PLATFORM", "linux")
    monkeypatch.setattr(webcam, "_PAUSE_S", 0)
    monkeypatch.setattr(webcam, "_FIRST_FRAME_S", 0.05)
    cameras_are(monkeypatch, {2: "HD Cam"})


def cameras_are(monkeypatch: pytest.MonkeyPatch, names: dict[int, str]) -> None:
    """Let the system list these."""
    found = [CameraInfo(index, name, f"/nowhere/video{index}", None, None, BACKEND) for index, name in names.items()]
    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", lambda backend: list(found))


def test_it_opens_by_name_with_the_wished_format() -> None:
    """The name finds the index; MJPG, size and rate are given at opening, the queue is kept short; frames are RGB; no rate is claimed."""
    source = Webcam("hd cam", CameraFormat(64, 48))
    info = source.open()
    assert (info.name, info.width, info.height, info.live) == ("HD Cam", 64, 48, True)
    (capture,) = FakeCapture.made
    assert (capture.index, capture.backend) == (2, BACKEND)
    assert capture.params is not None
    asked = dict(zip(capture.params[::2], capture.params[1::2], strict=True))
    assert asked[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")
    assert (asked[cv2.CAP_PROP_FRAME_WIDTH], asked[cv2.CAP_PROP_FRAME_HEIGHT], asked[cv2.CAP_PROP_FPS]) == (64, 48, 30)
    assert capture.properties[cv2.CAP_PROP_BUFFERSIZE] == 1
    frames = [source.read() for _ in range(3)]
    assert [frame.index for frame in frames if frame] == [0, 1, 2]
    assert frames[0] is not None
    assert frames[0].image[0, 0].tolist() == [0, 0, 200]
    assert frames[0].media_ns == 0
    source.close()
    assert capture.released
    assert source.read() is None


def test_a_camera_that_knows_no_format_opens_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """If opening with the wishes fails it is opened without, and the wishes are set afterwards; its real size counts."""
    monkeypatch.setattr(FakeCapture, "takes_parameters", False)
    monkeypatch.setattr(FakeCapture, "size", (32, 24))
    info = Webcam("2", CameraFormat(64, 48)).open()
    assert (info.width, info.height) == (32, 24)
    refused, taken = FakeCapture.made
    assert refused.released
    assert taken.properties[cv2.CAP_PROP_FRAME_WIDTH] == 64


def test_first_frames_may_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A camera that needs a few tries to wake up is opened all the same, and a damaged frame now and then is skipped."""
    monkeypatch.setattr(webcam, "_FIRST_FRAME_S", 30)
    monkeypatch.setattr(FakeCapture, "misses", 3)
    source = Webcam("2", CameraFormat(64, 48))
    source.open()
    assert source.read() is not None
    monkeypatch.setattr(FakeCapture, "misses", 2)
    assert source.read() is not None


@pytest.mark.parametrize("which", ["HD Cam", "2"])
def test_unplugged_and_back_at_another_index(monkeypatch: pytest.MonkeyPatch, which: str) -> None:
    """Pulled out it is lost, with a sentence; while away it cannot be opened; back under another index it is found by its name."""
    source = Webcam(which, CameraFormat(64, 48))
    source.open()
    assert source.read() is not None
    monkeypatch.setattr(FakeCapture, "plugged", set())
    with pytest.raises(SourceLost, match=r"'HD Cam'.*plug it in again"):
        source.read()
    source.close()
    assert all(capture.released for capture in FakeCapture.made)
    cameras_are(monkeypatch, {})
    with pytest.raises(InputError, match="There is no camera 'HD Cam', nor any other"):
        source.open()
    cameras_are(monkeypatch, {4: "HD Cam"})
    monkeypatch.setattr(FakeCapture, "plugged", {4})
    source.open()
    frame = source.read()
    assert frame is not None
    assert frame.index == 1  # it goes on counting
    assert frame.media_ns > 0


def test_a_busy_camera_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A camera that is listed but delivers nothing: what to do, and the device is given back."""
    monkeypatch.setattr(FakeCapture, "misses", 10**9)
    with pytest.raises(InputError, match=r"'HD Cam' delivers no frames; close other programs"):
        Webcam("2").open()
    assert all(capture.released for capture in FakeCapture.made)
    monkeypatch.setattr(devices, "PLATFORM", "darwin")
    with pytest.raises(InputError, match="Privacy & Security"):
        Webcam("2").open()


def test_the_second_backend_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows Media Foundation takes over when DirectShow does not deliver, and finds the camera under its own index."""
    monkeypatch.setattr(devices, "PLATFORM", "win32")
    per_backend = {cv2.CAP_DSHOW: 0, cv2.CAP_MSMF: 5}
    monkeypatch.setattr(
        cv2_enumerate_cameras, "enumerate_cameras", lambda backend: [CameraInfo(per_backend[backend], "HD Cam", "", None, None, backend)]
    )
    monkeypatch.setattr(FakeCapture, "plugged", {5})
    Webcam("HD Cam", CameraFormat(64, 48)).open()
    assert (FakeCapture.made[-1].backend, FakeCapture.made[-1].index) == (cv2.CAP_MSMF, 5)


def test_without_a_list_an_index_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system cannot list its cameras, a number still opens one."""

    def cannot(backend: int) -> list[CameraInfo]:
        raise NotImplementedError

    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", cannot)
    assert list_cameras() == []
    assert Webcam("2", CameraFormat(64, 48)).open().name == "camera 2"
    with pytest.raises(InputError, match="There is no camera '7', nor any other"):
        Webcam("7").open()


def test_no_camera_in_particular(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name the first camera is taken, whatever its index; where there is none that is said."""
    assert Webcam("", CameraFormat(64, 48)).open().name == "HD Cam"
    cameras_are(monkeypatch, {})
    with pytest.raises(InputError, match="No camera was found; plug one in"):
        Webcam("").open()


def test_a_camera_that_is_not_for_this_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On Linux a device that may not be opened is distinguished from a busy one."""
    (tmp_path / "video2").touch()
    monkeypatch.setattr(webcam, "_DEVICE", str(tmp_path / "video{}"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(FakeCapture, "plugged", set())
    with pytest.raises(InputError, match="group 'video'"):
        Webcam("2").open()


def test_equal_names_are_numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cameras of one kind get numbers; each has the text that opens it."""
    cameras_are(monkeypatch, {4: "C920", 0: "C920", 2: "Built-in"})
    cameras = list_cameras()
    assert [(camera.name, camera.index) for camera in cameras] == [("C920", 0), ("Built-in", 2), ("C920 (2)", 4)]
    assert cameras[2].text == "camera:C920 (2)"


def test_finding_a_camera() -> None:
    """By index, by name in any case, by a piece of the name that only one has; anything else is answered with what there is."""
    cameras = [Camera("Logitech C920", 0, BACKEND), Camera("Logitech Brio", 2, BACKEND)]
    assert find_camera("2", cameras) is cameras[1]
    assert find_camera("logitech brio", cameras) is cameras[1]
    assert find_camera("c920", cameras) is cameras[0]
    assert find_camera("1", cameras) is None
    with pytest.raises(InputError, match="Several cameras"):
        find_camera("logi", cameras)
    assert "Did you mean Logitech Brio" in devices.no_such_camera("Logitec Brio", cameras).replace("logitech brio", "Logitech Brio")


def test_permission_is_asked_on_a_mac_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS the question is put by opening the camera with OpenCV's own asking switched on; elsewhere nothing is opened."""
    devices.ask_permission()
    assert FakeCapture.made == []
    monkeypatch.setattr(devices, "PLATFORM", "darwin")
    monkeypatch.setenv("OPENCV_AVFOUNDATION_SKIP_AUTH", "1")
    devices.ask_permission()
    assert [(capture.backend, capture.released) for capture in FakeCapture.made] == [(cv2.CAP_AVFOUNDATION, True)]
    assert os.environ["OPENCV_AVFOUNDATION_SKIP_AUTH"] == "1"


def test_opencv_is_configured_before_it_loads() -> None:
    """Importing the package sets what OpenCV reads when it loads, but loads neither OpenCV nor FFmpeg, nor does opening a pattern."""
    code = (
        "import os, sys; from pathlib import Path; from stylecam.capture.open_source import open_source;"
        "open_source('pattern', Path('x')); "
        "print(os.environ['OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS'], 'cv2' in sys.modules, 'av' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "False", "False"]
