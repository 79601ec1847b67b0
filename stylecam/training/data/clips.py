"""Frames of clips as photos to train on."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import av
import numpy as np
from PIL import Image

from stylecam.media.decode import Clip, open_clip

#: Frames decoded behind a keyframe at most: what lies further from one is never taken, but a sample costs milliseconds.
_MOST_DECODED = 24


def random_frame(path: Path, rng: np.random.Generator) -> Image.Image:
    """Return a random frame of a clip, as the window shows it, RGB.

    Raises:
        InputError: the file is no clip.
        OSError: the place that was drawn cannot be decoded; a clip may be damaged there.
    """
    share, further = rng.random(), int(rng.integers(_MOST_DECODED))
    with Clip(open_clip(path), str(path), threads=1) as clip:  # the cores belong to training
        start, length = clip.container.start_time or 0, clip.container.duration or 0  # in microseconds; 0 where the file does not tell
        try:
            clip.container.seek(start + int(share * length))
        except av.FFmpegError as error:
            raise OSError(f"'{path}' cannot be wound to {share:.0%} of its length ({error})") from error
        moment = None
        for moment in islice(clip.moments(), further + 1):  # noqa: B007 (the last one is wanted)
            pass
        if moment is None:
            raise OSError(f"'{path}' has no frame at {share:.0%} of its length")
        return Image.fromarray(clip.image(moment))
