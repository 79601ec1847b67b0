"""A camera that other programs can choose, in calls and streams: what is stylized goes to a driver by way of pyvirtualcam.

pyvirtualcam is under the GPL and not required: the user adds it, and it is imported when the camera is switched on.
"""

from __future__ import annotations

import importlib
import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np

from stylecam.core.frame import Frame
from stylecam.core.queues import Overflow
from stylecam.core.window_params import CAMERA_FIT, CAMERA_FPS, CAMERA_MIRROR, CAMERA_SIZE
from stylecam.errors import OutputError
from stylecam.outputs.base import Sink
from stylecam.outputs.registry import SinkRequest

_log = logging.getLogger(__name__)

_PACKAGE = 'The virtual camera needs the package pyvirtualcam: `pip install "stylecam[camera]"`, then switch it on again.'
#: What brings a driver, by `sys.platform`.
_DRIVERS = {
    "linux": "There is no virtual camera on this computer yet: install v4l2loopback (Debian and Ubuntu: `sudo apt install "
    "v4l2loopback-dkms`), run `sudo modprobe v4l2loopback exclusive_caps=1 card_label=stylecam`, then switch it on again.",
    "win32": "There is no virtual camera on this computer yet: install OBS Studio (https://obsproject.com/download) or Unity Capture "
    "(https://github.com/schellingb/UnityCapture), then switch it on again.",
    "darwin": "There is no virtual camera on this computer yet: install OBS Studio (https://obsproject.com/download), choose Start "
    "Virtual Camera and Stop in it once, quit OBS, then switch it on again.",
}
_NO_DRIVER = "There is no driver for a virtual camera on this system; pyvirtualcam knows those of Linux, Windows and macOS."
_BUSY = "The virtual camera is in use by another program that sends to it, such as OBS; end that, then switch it on again."
_NOT_ALLOWED = (
    "You may not write to the virtual camera: run `sudo usermod -a -G video $USER`, log out and in again, then switch it on again."
)
#: Words of the drivers' messages, in lower case, and what they mean.
_MEANINGS = (
    (("permission",), _NOT_ALLOWED),
    (("busy", "in use", "exists already", "could not be started"), _BUSY),
)


class VirtualCamera(Sink):
    """Sends frames at a fixed size and rate; `SinkThread` repeats the last one, so that a call keeps its video whatever stalls here.

    Args:
        request: has the options; size and rate hold until it is switched off, fit and mirror at any time.
    """

    title, busy, done = "The virtual camera", "virtual camera busy", "sent"
    capacity, overflow = 1, Overflow.DROP_OLD

    def __init__(self, request: SinkRequest) -> None:
        self._request = request
        self._mirror = lambda: request[CAMERA_MIRROR]
        width, height = map(int, request[CAMERA_SIZE].split("x"))
        self.size = (width, height)
        self.fps = float(request[CAMERA_FPS])
        self._camera: Any = None
        self._device = ""

    @property
    def fill(self) -> bool:
        """Whether frames of another shape lose their edges instead of getting bars."""
        return self._request[CAMERA_FIT] == "fill"

    @property
    def detail(self) -> str:
        """What other programs call it, its size and rate; empty until it is open."""
        if not self._device or self.size is None:
            return ""
        return f"{self._device}, {self.size[0]}×{self.size[1]} at {self.fps:g} frames per second"

    def write(self, frame: Frame) -> None:
        """Send a frame. The first opens the device: here, and not in the window's thread, since a driver may take its time.

        Raises:
            OutputError: package or driver are missing, another program has the device, or it is gone.
        """
        if self._camera is None:
            self._camera = self.open()
            self._device = str(self._camera.device)
        try:
            self._camera.send(np.ascontiguousarray(frame.image))
        except Exception as error:  # the drivers raise what they like
            _log.info("sending to the virtual camera", exc_info=error)
            raise OutputError(f"The virtual camera stopped ({_first_line(error)}); switch it on again when it is back.") from error

    def close(self) -> None:
        """Give the device back. Harmless when called twice."""
        camera, self._camera = self._camera, None
        if camera is not None:
            try:
                camera.close()
            except Exception as error:  # it may be gone
                _log.info("closing the virtual camera: %s", error)

    @property
    def unfinished(self) -> str:
        """There is nothing to lose."""
        return "The virtual camera's driver takes long to close."

    def open(self) -> Any:
        """Return the open device, a `pyvirtualcam.Camera`.

        Raises:
            OutputError: package or driver are missing, or another program has the device.
        """
        try:
            library: Any = importlib.import_module("pyvirtualcam")
        except ModuleNotFoundError as error:
            if error.name != "pyvirtualcam":
                raise OutputError(f"pyvirtualcam cannot be loaded ({_first_line(error)}); install it again.") from error
            raise OutputError(_PACKAGE) from None
        except Exception as error:  # a part of it for another system
            raise OutputError(f"pyvirtualcam cannot be loaded ({_first_line(error)}); install it again.") from error
        assert self.size is not None  # noqa: S101 (set with the object)
        try:
            return library.Camera(*self.size, self.fps, fmt=library.PixelFormat.RGB)
        except Exception as error:
            _log.info("no virtual camera: %s", error)
            raise OutputError(_meaning(str(error))) from error


def make(request: SinkRequest) -> VirtualCamera:
    """Return a virtual camera; nothing is opened yet."""
    return VirtualCamera(request)


def find_device() -> str:
    """Return what other programs call the camera that would be used. It is opened for a moment, and nothing is sent.

    Raises:
        OutputError: package or driver are missing, or another program has the device.
    """
    camera = VirtualCamera(SinkRequest(Path())).open()
    try:
        return str(camera.device)
    finally:
        camera.close()


def _meaning(message: str) -> str:
    """Return what a driver's message means, and what to do."""
    for words, sentence in _MEANINGS:
        if any(word in message.lower() for word in words):
            return sentence
    return _DRIVERS.get(sys.platform, _NO_DRIVER)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
