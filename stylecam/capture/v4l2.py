"""Which picture sizes a Linux camera offers, asked of the driver without starting the camera."""

from __future__ import annotations

import os
import struct
import sys

# From linux/videodev2.h. Layouts are the same on all architectures: 32-bit fields only.
_ENUM_FMT = 0xC0405602  # VIDIOC_ENUM_FMT, struct v4l2_fmtdesc, 64 bytes
_ENUM_FRAMESIZES = 0xC02C564A  # VIDIOC_ENUM_FRAMESIZES, struct v4l2_frmsizeenum, 44 bytes
_VIDEO_CAPTURE, _DISCRETE = 1, 1
_MOST = 64  # a driver that goes on for ever is not believed


def sizes(path: str) -> tuple[tuple[int, int], ...]:
    """Return the sizes, (width, height) in pixels, small to large; nothing if the driver does not tell them one by one."""
    if sys.platform != "linux":
        return ()
    import fcntl

    found: set[tuple[int, int]] = set()
    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return ()
    try:
        for pixel_format in _pixel_formats(device, fcntl.ioctl):
            for index in range(_MOST):
                asked = bytearray(struct.pack("=3I", index, pixel_format, 0).ljust(44, b"\0"))
                try:
                    fcntl.ioctl(device, _ENUM_FRAMESIZES, asked)
                except OSError:
                    break  # there are no more
                _, _, kind, width, height = struct.unpack_from("=5I", asked)
                if kind != _DISCRETE:
                    break
                found.add((width, height))
    finally:
        os.close(device)
    return tuple(sorted(found, key=lambda size: (size[0] * size[1], size)))


def _pixel_formats(device: int, ioctl: object) -> list[int]:
    formats: list[int] = []
    for index in range(_MOST):
        asked = bytearray(struct.pack("=2I", index, _VIDEO_CAPTURE).ljust(64, b"\0"))
        try:
            ioctl(device, _ENUM_FMT, asked)  # type: ignore[operator]
        except OSError:
            break
        formats.append(struct.unpack_from("=I", asked, 44)[0])
    return formats
