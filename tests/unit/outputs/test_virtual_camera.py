"""The virtual camera, end to end through pyvirtualcam: what a call would get, and every way in which a driver refuses."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stylecam.app.doctor.diagnostics import render, virtual_camera
from stylecam.core.frame import Frame
from stylecam.core.params import Param
from stylecam.core.queues import Ledger
from stylecam.core.window_params import CAMERA_FIT, CAMERA_FPS, CAMERA_MIRROR, CAMERA_SIZE
from stylecam.outputs.letterbox import fill
from stylecam.outputs.registry import SinkRequest, start_sink
from stylecam.outputs.sink_thread import SinkThread
from tests.unit.outputs.fake_camera import Driver, fake_driver

pytest.importorskip("pyvirtualcam", reason="the optional package of the virtual camera is not installed")

RED, BLUE = (200, 30, 10), (10, 30, 200)


@pytest.fixture
def driver() -> Iterator[Driver]:
    """Return a driver that works."""
    with fake_driver() as driver:
        yield driver


def started(ledger: Ledger | None = None, **options: Any) -> SinkThread:
    """Return a running virtual camera of 640x360 at 50 fps, unless the options say otherwise."""
    values: dict[Param[Any], Any] = {CAMERA_SIZE: "640x360", CAMERA_FPS: 50}
    values |= {param: options[param.id] for param in (CAMERA_FIT, CAMERA_MIRROR, CAMERA_SIZE, CAMERA_FPS) if param.id in options}
    return start_sink("virtual_camera", SinkRequest(Path(), option=lambda param: values.get(param, param.default)), ledger)


def until(condition: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def halves(height: int, width: int) -> Frame:
    """Return a frame that is red at the left and blue at the right."""
    image = np.full((height, width, 3), BLUE, np.uint8)
    image[:, : width // 2] = RED
    return Frame(image, 0, time.monotonic_ns())


def test_a_call_gets_the_frames_in_size_and_colours(driver: Driver) -> None:
    """RGB in that order, at the size that was asked for; before the first frame a black one, so that the call sees a camera."""
    ledger = Ledger()
    camera = started(ledger)
    until(lambda: driver.frames)
    assert camera.detail == "Fake Camera, 640×360 at 50 frames per second"
    assert camera.put(halves(360, 640))
    until(lambda: driver.frames[-1].any())
    assert camera.close(20)
    assert camera.problem == ""
    assert not driver.frames[0].any()
    last = driver.frames[-1]
    assert last.shape == (360, 640, 3)
    assert (tuple(last[100, 10]), tuple(last[100, 630])) == (RED, BLUE)
    assert (driver.opened[0]["width"], driver.opened[0]["height"], driver.opened[0]["fps"]) == (640, 360, 50.0)
    assert driver.closed == 1
    assert ledger.snapshot() == ({"sent": len(driver.frames)}, {})


def test_the_rate_is_kept_and_the_last_frame_stays_when_nothing_comes(driver: Driver) -> None:
    """A source that stalls, or an engine that hangs, costs the call nothing: it goes on seeing what it saw."""
    camera = started(virtual_camera_fps=25)
    camera.put(halves(360, 640))
    time.sleep(0.9)
    camera.close(20)
    seconds = driver.times[-1] - driver.times[0]
    assert (len(driver.times) - 1) / seconds == pytest.approx(25, rel=0.25)
    assert len(driver.frames) > 10
    assert all(np.array_equal(frame, driver.frames[-1]) for frame in driver.frames[3:])
    assert driver.frames[-1].any()


@pytest.mark.parametrize(("fit", "top", "middle_left"), [("fit", (0, 0, 0), RED), ("fill", RED, RED)])
def test_another_shape_gets_bars_or_loses_edges(driver: Driver, fit: str, top: tuple[int, ...], middle_left: tuple[int, ...]) -> None:
    """A very wide frame: fit leaves black above and below, fill none; red and blue stay halves."""
    camera = started(virtual_camera_fit=fit)
    camera.put(halves(100, 400))
    until(lambda: driver.frames and driver.frames[-1].any())
    camera.close(20)
    last = driver.frames[-1]
    assert tuple(last[2, 100]) == top
    assert tuple(last[180, 100]) == middle_left
    assert tuple(last[180, 540]) == BLUE


def test_mirrored_for_others(driver: Driver) -> None:
    """Left and right change places."""
    camera = started(virtual_camera_mirror=True)
    camera.put(halves(360, 640))
    until(lambda: driver.frames and driver.frames[-1].any())
    camera.close(20)
    assert (tuple(driver.frames[-1][100, 10]), tuple(driver.frames[-1][100, 630])) == (BLUE, RED)


@pytest.mark.parametrize(
    ("message", "platform", "says"),
    [
        ("'v4l2loopback' backend: No v4l2 loopback device found at /dev/video[0-99].", "linux", "sudo modprobe v4l2loopback"),
        ("'v4l2loopback' backend: due to missing permissions. Did you add your user", "linux", "usermod -a -G video"),
        ("'v4l2loopback' backend: /dev/video10: Device or resource busy", "linux", "in use by another program"),
        ("'obs' backend: OBS Virtual Camera device not found! Did you install OBS?", "win32", "Unity Capture"),
        ("'obs' backend: virtual camera output could not be started", "win32", "in use by another program"),
        ("'obs' backend: OBS Virtual Camera is not installed in your system.", "darwin", "obsproject.com"),
        ("nothing here", "freebsd14", "no driver for a virtual camera on this system"),
    ],
)
def test_a_driver_that_refuses_is_a_sentence(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, message: str, platform: str, says: str
) -> None:
    """What is missing on this system and the command or page that brings it, or who has the device; frames are taken and lost."""
    monkeypatch.setattr(sys, "platform", platform)
    driver.refuses = message
    camera = started()
    until(lambda: camera.problem)
    assert says in camera.problem
    assert camera.problem.endswith(".")
    assert "\n" not in camera.problem
    until(lambda: not camera.put(halves(8, 8)))
    assert camera.close(20)


def test_a_device_that_vanishes_is_a_sentence(driver: Driver) -> None:
    """Such as a driver that was unloaded during a call: it ends, and is given back."""
    camera = started()
    until(lambda: driver.frames)
    driver.is_gone = True
    until(lambda: camera.problem)
    assert camera.problem == "The virtual camera stopped ([Errno 19] No such device); switch it on again when it is back."
    assert driver.closed == 1


def test_without_the_package_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that is broken says so."""
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    camera = started()
    until(lambda: camera.problem)
    assert camera.problem == (
        'The virtual camera needs the package pyvirtualcam: `pip install "stylecam[camera]"`, then switch it on again.'
    )


@pytest.mark.slow
def test_nothing_is_imported_before_it_is_switched_on() -> None:
    """Neither with the window's list of sinks nor with the module."""
    import subprocess

    code = "import sys, stylecam.outputs.virtual_camera, stylecam.app.live.services; sys.exit('pyvirtualcam' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_device_is_found_without_sending(driver: Driver) -> None:
    """As `stylecam doctor` does: opened, named, given back; or why there is none."""
    assert virtual_camera() == {"device": "Fake Camera", "problem": ""}
    assert driver.closed == 1
    assert driver.frames == []
    assert render("virtual camera", virtual_camera()).splitlines()[1].strip() == "works: others choose the camera Fake Camera"
    driver.refuses = "busy"
    assert "in use by another program" in render("virtual camera", virtual_camera())


def test_fill_cuts_both_sides_alike() -> None:
    """Too wide or too high, the middle stays; what fits already is passed on as it is."""
    columns = np.arange(40, dtype=np.uint8)[None, :, None].repeat(10, 0).repeat(3, 2)
    assert fill(columns, 10, 10)[0, :, 0].tolist() == list(range(15, 25))
    assert fill(columns.transpose(1, 0, 2), 10, 10)[:, 0, 0].tolist() == list(range(15, 25))
    assert fill(columns, 40, 10).base is columns
    assert fill(np.full((1, 1000, 3), 9, np.uint8), 20, 10).shape == (10, 20, 3)


@pytest.mark.skipif(not list(Path("/dev").glob("video*")), reason="the kernel has no video device here: v4l2loopback is not loaded")
def test_with_v4l2loopback() -> None:
    """On a computer that has it, frames arrive at the real device."""
    camera = started()
    until(lambda: camera.problem or camera.detail)
    if "no virtual camera" in camera.problem:
        pytest.skip(f"v4l2loopback is not loaded: {camera.problem}")
    assert camera.problem == ""
    assert camera.detail.startswith("/dev/video")
    camera.put(halves(360, 640))
    time.sleep(0.2)
    assert camera.close(20)
    assert camera.problem == ""
