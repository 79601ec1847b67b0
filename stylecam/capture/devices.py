"""Which cameras there are, by name, and what they offer."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from dataclasses import dataclass, replace

import cv2

from stylecam.capture import v4l2
from stylecam.errors import InputError, did_you_mean

_log = logging.getLogger(__name__)

#: Which operating system this is, as `sys.platform` says.
PLATFORM: str = sys.platform
#: Offered where the system does not tell what a camera can do.
COMMON_SIZES = ((320, 240), (640, 480), (800, 600), (1280, 720), (1920, 1080))


@dataclass(frozen=True)
class Camera:
    """A camera that the system knows. `index` counts within `backend` (an OpenCV number) only, and may change when one is plugged in.

    `sizes` are (width, height) in pixels: what the camera says it offers, or what cameras commonly do.
    """

    name: str
    index: int
    backend: int
    sizes: tuple[tuple[int, int], ...] = COMMON_SIZES

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


def list_cameras(backend: int | None = None) -> list[Camera]:
    """Return the cameras in the order of the system, without opening any. Equal names are told apart: "C920", "C920 (2)".

    An empty list may also mean that the system did not tell.
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
        camera = Camera(name if seen[name] == 1 else f"{name} ({seen[name]})", info.index, backend)
        sizes = v4l2.sizes(info.path) if info.path and backend == cv2.CAP_V4L2 else ()
        cameras.append(replace(camera, sizes=sizes) if sizes else camera)
    return cameras


def find_camera(text: str, cameras: list[Camera]) -> Camera | None:
    """Return the camera with this index, this name or, if only one has it, this piece of a name; the first for no text; None for none.

    Raises:
        InputError: several cameras have the piece in their names.
    """
    if not text:
        return cameras[0] if cameras else None
    if text.isdecimal():
        return next((camera for camera in cameras if camera.index == int(text)), None)
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
