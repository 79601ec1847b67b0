"""From the last seconds to a file: a clip in any format, or a loop that plays wherever images do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PIL import Image as PillowImage

from stylecam.core.atomic_io import written_whole
from stylecam.core.frame import Frame
from stylecam.core.recording_params import LOOP_FORMAT, NAME_PATTERN, NOTHING_KEPT, SOUND, TIMELAPSE
from stylecam.core.sound import SoundTap
from stylecam.errors import OutputError
from stylecam.outputs.names import new_path
from stylecam.outputs.recorder import folder_of, make
from stylecam.outputs.registry import SinkRequest
from stylecam.outputs.replay import Moment, image_of

_NS = 1_000_000_000
LOOP_S = 5.0
#: A loop is for chats and pages: so large, and so many frames per second, at most. GIF knows hundredths of a second only.
_LOOP_PX, _LOOP_FPS = 480, 12.5


def save_clip(moment: Moment, request: SinkRequest) -> tuple[Path, ...]:
    """Write all of it as a recording of its own, with its sound, in the format of the options.

    Returns:
        The files, one for each size that frames had, or the folder of images.

    Raises:
        OutputError: nothing is kept, or the disk refuses.
    """
    if not moment.frames:
        raise OutputError(NOTHING_KEPT)
    tap = SoundTap(moment.format) if moment.format is not None and moment.sound and request[SOUND] else None
    sink = make(replace(request, listen=lambda _: tap, option=lambda param: 0 if param is TIMELAPSE else request.option(param)))
    chunks = iter(moment.sound if tap is not None else ())
    chunk = next(chunks, None)
    try:
        for number, (time_ns, data) in enumerate(moment.frames):
            while tap is not None and chunk is not None and chunk.captured_ns < time_ns + _NS:
                tap.put(chunk)
                chunk = next(chunks, None)
            sink.write(Frame(image_of(data), number, time_ns, time_ns))
    finally:
        sink.close()
    return sink.files


def save_loop(moment: Moment, request: SinkRequest) -> Path:
    """Write the last five seconds as an animated GIF or WebP that plays for ever.

    Returns:
        The file.

    Raises:
        OutputError: nothing is kept, or the disk refuses.
    """
    frames = list(_thinned(moment.last(LOOP_S)))
    if not frames:
        raise OutputError(NOTHING_KEPT)
    kind = request[LOOP_FORMAT]
    path = new_path(folder_of(request), request.words, f".{kind}", pattern=request[NAME_PATTERN])
    images = [image for image, _ in frames]
    options = {"quality": 80, "method": 2} if kind == "webp" else {"optimize": False, "disposal": 1}
    with written_whole(path) as temporary:
        images[0].save(
            temporary, kind.upper(), save_all=True, append_images=images[1:], duration=[ms for _, ms in frames], loop=0, **options
        )
    return path


def _thinned(moment: Moment) -> Iterator[tuple[PillowImage.Image, int]]:
    """Give each frame of the loop, made smaller, and for how many milliseconds it is shown."""
    apart_ns = round(_NS / _LOOP_FPS)
    kept: list[tuple[int, bytes]] = []
    for time_ns, data in moment.frames:
        if not kept or time_ns - kept[-1][0] >= apart_ns * 0.99:
            kept.append((time_ns, data))
    for at, (time_ns, data) in enumerate(kept):
        image = PillowImage.fromarray(image_of(data))
        image.thumbnail((_LOOP_PX, _LOOP_PX), PillowImage.Resampling.BOX)
        until_ns = kept[at + 1][0] if at + 1 < len(kept) else time_ns + apart_ns
        yield image, max(20, round((until_ns - time_ns) / 1e7) * 10)
