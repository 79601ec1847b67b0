"""A camera on this computer, through OpenCV."""

from __future__ import annotations

import logging
import os
import re
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stylecam.capture import devices
from stylecam.capture.base import DEFAULT_FORMAT, CameraFormat, SourceInfo, SourceLost
from stylecam.capture.devices import Camera
from stylecam.capture.guarded import GuardedSource
from stylecam.core.frame import Frame
from stylecam.errors import InputError

_log = logging.getLogger(__name__)

_FIRST_FRAME_S = 5.0
_MISSES = 5  # a damaged JPEG now and then is no lost camera
_PAUSE_S = 0.05
_MIN_SIDE_PX = 8  # of a frame; what is flatter is something else
_DEVICE = "/dev/video{}"


class Webcam(GuardedSource):
    """A camera by name or index. It is looked up at each opening: an index may have changed since it was unplugged.

    Args:
        which: a name, a piece of one that only one camera has, an index, or nothing for the first.
        form: what to ask for; the camera decides, and `SourceInfo` says what it chose. The real rate is measured by the reader:
            drivers claim what they like.
    """

    is_camera = True

    def __init__(self, which: str, form: CameraFormat = DEFAULT_FORMAT) -> None:
        super().__init__()
        self._which, self._form = which, form
        self._capture: cv2.VideoCapture | None = None
        self._pending: NDArray[np.uint8] | None = None
        self._name = which if which and not which.isdecimal() else f"camera {which or 0}"
        self._known = ""  # its name, once it was open: an index may mean another camera later
        self._index = 0
        self._begun_ns: int | None = None

    def _open(self) -> SourceInfo:
        """Open the camera on the first backend that delivers a frame."""
        tried: list[Camera] = []
        listed: list[Camera] = []
        for backend in devices.backends():
            listed = devices.list_cameras(backend)
            camera = devices.find_camera(self._known or self._which, listed)
            if camera is None and not listed and not self._known and re.fullmatch(r"\d{0,4}", self._which):
                camera = Camera(self._name, int(self._which or 0), backend)  # the system does not say what there is: try
            if camera is None:
                continue
            tried.append(camera)
            self._capture = open_capture(camera, self._form)
            if self._capture is not None and (image := self._first_image()) is not None:
                self._name, self._pending = camera.name, image
                self._known = camera.name if listed else ""
                height, width = image.shape[:2]
                return SourceInfo(camera.name, width, height, live=True)
            self._release()
        raise InputError(_refusal(tried[-1]) if tried and listed else devices.no_such_camera(self._known or self._which, listed))

    def _first_image(self) -> NDArray[np.uint8] | None:
        deadline = time.monotonic() + _FIRST_FRAME_S
        while time.monotonic() < deadline and not self._closing.is_set():
            if (image := self._grab()) is not None:
                return image
            self._closing.wait(_PAUSE_S)
        return None

    def _grab(self) -> NDArray[np.uint8] | None:
        """Return the next image, RGB, or None if that failed."""
        if self._capture is None:
            return None
        try:
            fine, image = self._capture.read()
            return to_rgb(image) if fine and image is not None and image.size else None
        except (cv2.error, ValueError) as error:
            _log.debug("%s: %s", self._name, error)
            return None

    def _read(self) -> Frame | None:
        """Return the next frame.

        Raises:
            SourceLost: the camera delivers nothing more.
        """
        image, self._pending = self._pending, None
        for _ in range(_MISSES):
            if image is not None or self._closing.is_set():
                break
            if (image := self._grab()) is None:
                self._closing.wait(_PAUSE_S)
        now_ns = time.monotonic_ns()
        if image is None:
            if self._closing.is_set():
                return None
            raise SourceLost(f"The camera '{self._name}' delivers no frames any more; plug it in again, it will continue by itself.")
        if self._begun_ns is None:
            self._begun_ns = now_ns
        frame = Frame(image, self._index, now_ns, now_ns - self._begun_ns)
        self._index += 1
        return frame

    def _release(self) -> None:
        capture, self._capture, self._pending = self._capture, None, None
        if capture is not None:
            capture.release()


def to_rgb(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Return what OpenCV delivered as RGB, uint8 (H, W, 3): some drivers claim a format and send another, undecoded.

    Raises:
        ValueError: it is of no kind that is known.
        cv2.error: it is damaged.
    """
    if image.dtype != np.uint8:
        raise ValueError(f"frames of {image.dtype}")
    if 1 in image.shape[:2] and image.tobytes()[:2] == b"\xff\xd8":  # a JPEG that nobody decoded
        decoded = cv2.imdecode(image.reshape(-1), cv2.IMREAD_COLOR)
        image = image if decoded is None else decoded
    codes = {1: cv2.COLOR_GRAY2RGB, 2: cv2.COLOR_YUV2RGB_YUY2, 3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}
    code = codes.get(1 if image.ndim == 2 else image.shape[2])
    if code is None or min(image.shape[:2]) < _MIN_SIDE_PX:
        raise ValueError(f"frames of the shape {image.shape}")
    return np.asarray(cv2.cvtColor(image, code), np.uint8)


def open_capture(camera: Camera, form: CameraFormat) -> cv2.VideoCapture | None:
    """Open the camera with the wished format, or else as it is; None if it will not open.

    The format is given at opening because DirectShow fixes it then; MJPG because raw frames of 720 lines do not fit through USB 2
    at 30 frames per second.
    """
    wishes = [
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
        (cv2.CAP_PROP_FRAME_WIDTH, form.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, form.height),
        (cv2.CAP_PROP_FPS, round(form.fps)),
    ]
    if camera.backend == cv2.CAP_AVFOUNDATION:
        del wishes[0]  # has no such choice
    for flat in ([number for wish in wishes for number in wish], []):
        try:
            capture = cv2.VideoCapture(camera.index, camera.backend, flat) if flat else cv2.VideoCapture(camera.index, camera.backend)
        except cv2.error as error:  # a property it does not know
            _log.debug("%s: %s", camera.name, error)
            continue
        if capture.isOpened():
            if not flat:
                for number, value in wishes:
                    capture.set(number, value)
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # frames that wait in a queue are old frames
            return capture
        capture.release()
    return None


def _refusal(camera: Camera) -> str:
    """Return why a camera that is there did not deliver, as far as that can be known, and what to do."""
    if devices.PLATFORM == "darwin":
        return (
            f"The camera '{camera.name}' delivers no frames; allow it under System Settings > Privacy & Security > Camera, or close the "
            "program that uses it."
        )
    device = Path(_DEVICE.format(camera.index))
    if devices.PLATFORM == "linux" and device.exists() and not os.access(device, os.R_OK | os.W_OK):
        return f"The camera '{camera.name}' may not be used by you; add yourself to the group 'video' and log in again."
    return f"The camera '{camera.name}' delivers no frames; close other programs that use it, or unplug it and plug it in again."


def named(text: str | None, camera: CameraFormat) -> Webcam:
    """Return the camera of a name or number; None or an empty text is the first."""
    return Webcam(text or "", camera)
