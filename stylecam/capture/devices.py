"""Which cameras there are, by name."""

from __future__ import annotations

import logging
import os
import sys
from collections import Counter
from dataclasses import dataclass

import cv2

from stylecam.errors import InputError, did_you_mean

_log = logging.getLogger(__name__)

#: Which operating system this is, as `sys.platform` says.
PLATFORM: str = sys.platform


@dataclass(frozen=True)
class Camera:
    """A camera that the system knows. `index` counts within `backend` (an OpenCV number) only, and may change when one is plugged in."""

    name: str
    index: int
    backend: int

    @property
    def text(self) -> str:
        """What `open_source` understands."""
        return f"camera:{self.name}"


def backends() -> tuple[int, ...]:
    """Return the OpenCV backends for cameras of this system, the best first."""
    if PLATFORM == "win32":
        return (cv2.CAP_DSHOW, cv2.CAP_MSMF)
    if PLATFORM == "darwin":
        return (cv2.CAP_AVFOUNDATION,)
    return (cv2.CAP_V4L2,) if PLATFORM == "linux" else (cv2.CAP_ANY,)


def ask_permission(camera_index: int = 0) -> None:
    """On macOS, let the system ask the user once whether the camera may be used, and wait for the answer. Elsewhere nothing happens.

    Call it in the main thread before the first capture: the question needs the main thread's event loop, and capture threads are
    configured not to ask (see `capture/__init__`).
    """
    if PLATFORM != "darwin":
        return
    before = os.environ.pop("OPENCV_AVFOUNDATION_SKIP_AUTH", None)
    try:
        cv2.VideoCapture(camera_index, cv2.CAP_AVFOUNDATION).release()
    finally:
        if before is not None:
            os.environ["OPENCV_AVFOUNDATION_SKIP_AUTH"] = before


def list_cameras(backend: int | None = None) -> list[Camera]:
    """Return the cameras in the order of the system, without opening any. Equal names are numbered: "C920", "C920 (2)".

    An empty list may also mean that the system did not say.
    """
    backend = backends()[0] if backend is None else backend
    try:
        from cv2_enumerate_cameras import enumerate_cameras

        found = sorted(enumerate_cameras(backend), key=lambda info: info.index)
    except (ImportError, NotImplementedError, OSError) as error:
        _log.info("cameras cannot be listed: %s", error)
        return []
    seen: Counter[str] = Counter()
    cameras = []
    for info in found:
        name = (info.name or f"camera {info.index}").strip()
        seen[name] += 1
        cameras.append(Camera(name if seen[name] == 1 else f"{name} ({seen[name]})", info.index, backend))
    return cameras


def find_camera(text: str, cameras: list[Camera]) -> Camera | None:
    """Return the camera with this index, this name or, if only one has it, this piece of a name; the first for no text; None for none.

    Raises:
        InputError: several cameras have the piece in their names.
    """
    if not text:
        return cameras[0] if cameras else None
    if text.isdecimal():
        return next((camera for camera in cameras if str(camera.index) == (text.lstrip("0") or "0")), None)
    wanted = text.casefold()
    for camera in cameras:
        if camera.name.casefold() == wanted:
            return camera
    some = [camera for camera in cameras if wanted in camera.name.casefold()]
    if len(some) > 1:
        raise InputError(f"Several cameras are called '{text}': {', '.join(camera.name for camera in some)}; give the whole name.")
    return some[0] if some else None


def no_such_camera(text: str, cameras: list[Camera]) -> str:
    """Return the sentence for a camera that is not there."""
    if not cameras:
        which = f"There is no camera '{text}', nor any other" if text else "No camera was found"
        return f"{which}; plug one in, or choose a clip or 'demo'."
    names = [camera.name for camera in cameras]
    lowered = {name.lower(): name for name in names}
    return f"There is no camera '{text}'.{did_you_mean(text, lowered)} Found: {', '.join(names)}."
