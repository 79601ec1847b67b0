"""What clips may be written as: codecs, the files that hold them, and how they are set so that little is lost in a crash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from stylecam.core.recording_params import FORMATS
from stylecam.errors import OutputError


@dataclass(frozen=True, kw_only=True)
class ClipFormat:
    """One format: `container` as libav names it, `pixels` its pixel format, `sound` the codec of sound that goes with it.

    No encoder may hold frames back to plan ahead: what it holds is lost in a crash.
    """

    id: str
    label: str
    encoder: str
    container: str = "mp4"
    suffix: str = ".mp4"
    pixels: str = "yuv420p"
    sound: str = "aac"
    tag: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_rgb(self) -> bool:
        """Whether it keeps RGB as it is, so that nothing is lost."""
        return not self.pixels.startswith("yuv")


#: Its options depend on what it is used for, see `clip_writer.Encoding`.
H264 = ClipFormat(id="h264", label="H.264: plays everywhere", encoder="libx264")
HEVC = ClipFormat(
    id="hevc",
    label="HEVC (H.265): smaller",
    encoder="libx265",
    tag="hvc1",  # as Apple's players want it
    options={
        "preset": "superfast",
        "crf": "23",
        "forced-idr": "1",
        "x265-params": "log-level=none:rc-lookahead=0:bframes=0:pools=1:frame-threads=1",
    },
)
AV1 = ClipFormat(
    id="av1",
    label="AV1: smallest",
    encoder="libsvtav1",
    options={"preset": "10", "crf": "32", "svtav1-params": "lp=1:pred-struct=1:lookahead=0"},
)
VP9 = ClipFormat(
    id="vp9",
    label="WebM (VP9): free, for the web",
    encoder="libvpx-vp9",
    container="webm",
    suffix=".webm",
    sound="libopus",
    options={"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "crf": "31", "lag-in-frames": "0"},
)
FFV1 = ClipFormat(
    id="ffv1",
    label="FFV1: loses nothing, large",
    encoder="ffv1",
    container="matroska",
    suffix=".mkv",
    pixels="bgr0",
    sound="flac",
    options={"level": "3", "slices": "4", "slicecrc": "1"},
)
CLIP_FORMATS: Mapping[str, ClipFormat] = MappingProxyType({each.id: each for each in (H264, HEVC, AV1, VP9, FFV1)})
#: The format that is no clip: a folder of images, see `outputs.image_sequence`.
IMAGES = "png"
IMAGES_LABEL = "PNG images: a folder, loses nothing"


def available_formats() -> dict[str, str]:
    """Return ids and labels of the formats that can be written here: PyAV may be built without some encoders.

    >>> "h264" in available_formats()
    True
    """
    labels = {name: CLIP_FORMATS[name].label for name in FORMATS if name in CLIP_FORMATS and _is_available(CLIP_FORMATS[name])}
    return {**labels, IMAGES: IMAGES_LABEL}


def find_format(name: str) -> ClipFormat:
    """Return a format by id.

    Raises:
        OutputError: PyAV here lacks its encoder.
    """
    found = CLIP_FORMATS[name]
    if not _is_available(found):
        raise OutputError(f"PyAV here cannot write {name}; choose another format: {', '.join(available_formats())}.")
    return found


def _is_available(clip: ClipFormat) -> bool:
    import av

    try:
        encoders = [av.Codec(clip.encoder, "w"), av.Codec(clip.sound, "w")]
    except av.codec.codec.UnknownCodecError:
        return False
    return all(encoder.is_encoder for encoder in encoders) and clip.container in av.formats_available
