"""A clip through a function of yours: every frame at its time, the sound kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from stylecam.core.params import RenderParams
from stylecam.core.progress import Progress
from stylecam.engines.base import Image, check_image
from stylecam.errors import UsageError
from stylecam.offline.clips import convert_clip
from stylecam.offline.limits import check_size
from stylecam.offline.plan import CLIP, plan_files
from stylecam.offline.stylizer import ClipStyle


def process_video(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    callback: Callable[[Image, int], Image],
    *,
    size_px: int | None = None,
    force: bool = False,
    report: Callable[[Progress], object] | None = None,
) -> Progress:
    """Write a clip of what `callback` makes of each frame: every frame at its own time, in display orientation, the sound as it was.

    Memory stays constant, however long the clip. If `callback` raises, what was made so far is a clip that plays, and the error passes.

    Args:
        source: a clip in any usual format.
        target: the MP4 to be written (H.264).
        callback: takes a frame, uint8 RGB (H, W, 3), and its number from 0; returns uint8 RGB (h, w, 3), always of the same size.
        size_px: length of the longer side of the frames that `callback` is given; None: the clip's.
        force: replace `target` if it exists.
        report: called after each frame, for a progress bar: `step` of `total`, `seconds` since the start.

    Returns:
        The last report: `step` frames in `files["video"]`; `values["lost"]` counts frames that could not be decoded and are left out.

    >>> import stylecam
    >>> done = stylecam.process_video("clip.mp4", "negative.mp4", lambda frame, index: 255 - frame)
    >>> done.step, done.files["video"], done.values["lost"]
    (3, 'negative.mp4', 0)

    Raises:
        InputError: `source` is no clip, or no frame of it can be decoded.
        OutputError: `target` exists, or the disk refuses.
        UsageError: `target` does not end in .mp4, or a size is out of range.
        ValueError: `callback` returned something other than a frame, or one of another size than before.
    """
    check_size(size_px)
    if Path(source).is_dir():
        raise UsageError(f"'{source}' is a folder; process its clips one by one.")
    (job,) = plan_files(CLIP, [os.fspath(source)], os.fspath(target), [RenderParams()], force=force).jobs
    clip, path = job.files
    stylize = callback if isinstance(callback, ClipStyle) else _checked(callback)
    last = Progress("video")
    for last in convert_clip(clip, path, stylize, size_px=size_px, force=force):
        if report is not None:
            report(last)
    return last


def _checked(callback: Callable[[Image, int], Image]) -> Callable[[Image], Image]:
    """Return a function of a frame alone, which refuses what is no frame or has another size than before."""
    index = 0
    shape: tuple[int, ...] | None = None

    def stylized(frame: Image) -> Image:
        nonlocal index, shape
        image = callback(frame, index)
        check_image(image)
        if shape is not None and image.shape != shape:
            raise ValueError(f"the callback returned {image.shape} for frame {index}, and {shape} before")
        index, shape = index + 1, image.shape
        return image

    return stylized
