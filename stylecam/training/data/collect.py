"""Photos to train on from the user's own camera or clips: what the network will see later is the best it can learn from."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

from PIL import Image

from stylecam.capture.base import Source
from stylecam.core.atomic_io import make_folder, written_whole
from stylecam.core.progress import Progress
from stylecam.errors import UsageError

_QUALITY = 92


def collect(source: Source, folder: Path, count: int, every_s: float) -> Generator[Progress]:
    """Save frames of a source as JPEG files, each at least `every_s` seconds of its time after the one before; add to what is there.

    Closing the generator stops and keeps what was saved. A clip that ends sooner gives fewer.

    Args:
        source: not opened yet; it is closed at the end.
        folder: made if missing; files are named frame-000001.jpg and so on.
        count: how many frames to save.
        every_s: least distance in seconds; successive frames of a camera resemble each other.

    Raises:
        UsageError: `count` or `every_s` makes no sense.
        InputError: the source cannot be opened, or a camera stopped.
        OutputError: the folder cannot be written.
    """
    if count < 1 or not 0 <= every_s <= 86_400:
        raise UsageError(f"{count} frames every {every_s:g} seconds cannot be saved; give a count of at least 1 and seconds from 0.")
    make_folder(folder)
    number = max((int(path.stem[6:]) for path in folder.glob("frame-*.jpg") if path.stem[6:].isdecimal()), default=0)
    info = source.open()
    started = time.perf_counter()
    saved, last_ns = 0, None
    with closing(source):
        while saved < count and (frame := source.read()) is not None:
            now_ns = frame.captured_ns if info.live else frame.media_ns
            if last_ns is not None and now_ns - last_ns < every_s * 1e9:
                continue
            last_ns = now_ns
            saved += 1
            path = folder / f"frame-{number + saved:06d}.jpg"
            write_jpeg(Image.fromarray(frame.image), path)
            yield Progress("collect", saved, count, time.perf_counter() - started, files={"photo": str(path)})


def write_jpeg(image: Image.Image, path: Path) -> None:
    """Write a photo to train on, whole or not at all; a file that is there is replaced.

    Raises:
        OutputError: the disk refuses.
    """
    with written_whole(path, force=True) as temporary:
        image.save(temporary, "JPEG", quality=_QUALITY)
