"""Frames of clips as photos to train on."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from stylecam.capture.video_file import open_container, upright

#: Frames decoded behind a keyframe at most: what lies further from one is never taken, but a sample costs milliseconds.
_MOST_DECODED = 24


def random_frame(path: Path, rng: np.random.Generator) -> Image.Image:
    """Return a random picture of a clip, upright RGB.

    Raises:
        InputError: the file is no clip.
        OSError: the place that was drawn cannot be decoded; a clip may be damaged there.
    """
    share, further = rng.random(), int(rng.integers(_MOST_DECODED))
    container, stream = open_container(path)
    with closing(container):
        stream.codec_context.thread_count = 1  # the cores belong to training
        length = container.duration or 0  # in microseconds; 0 where the file does not tell
        first: VideoFrame | None = None
        try:
            container.seek(int(share * length))
            for number, frame in enumerate(container.decode(stream)):
                if number == further:
                    return Image.fromarray(upright(frame, stream.sample_aspect_ratio))
                first = first or frame
        except (av.FFmpegError, EOFError) as error:
            if first is None:
                raise OSError(f"'{path}' cannot be decoded at {share:.0%} of its length ({error})") from error
        if first is None:
            raise OSError(f"'{path}' has no picture at {share:.0%} of its length")
        return Image.fromarray(upright(first, stream.sample_aspect_ratio))  # the clip ended sooner
