"""A decoded frame as an image: the right matrix for what is untagged, transparency on white, wide gamuts and HDR in BT.709."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from stylecam.errors import InputError
from stylecam.media.colour import UNSPECIFIED, is_hdr, is_standard, to_bt709

_YCGCO = 8
_BT2020 = 9
#: Matrices that libswscale lacks, but for which there is one that comes near: constant luminance, or derived from the primaries.
_NEARLY = frozenset({10, 12, 13})
#: Others that it lacks, of another kind.
_FOREIGN = frozenset({11, 14, 15, 16, 17})
#: From this height or width on an untagged frame means BT.709, as players assume: a wide-screen clip may have 1280x544 pixels.
_HD_HEIGHT, _HD_WIDTH = 720, 1280


def to_rgb(frame: VideoFrame, width: int, height: int, reformatter: VideoReformatter | None = None) -> NDArray[np.uint8]:
    """Return a decoded frame in this size and in BT.709 colours, uint8 RGB (H, W, 3), not turned yet; what is transparent is white.

    A `reformatter` that is kept from frame to frame saves preparing the conversion each time.

    Raises:
        InputError: its colour matrix is one that nothing here knows; to follow the clip's name.
    """
    if has_alpha(frame):
        frame = _on_white(frame)
    if frame.colorspace == _YCGCO:
        frame = _from_ycgco(frame)
    elif frame.colorspace in _NEARLY:
        frame.colorspace = Colorspace.BT2020 if frame.color_primaries == _BT2020 else UNSPECIFIED
    elif frame.colorspace in _FOREIGN:
        raise InputError("its colours are coded in a way that is not read (such as ICtCp); convert it to an ordinary H.264 MP4 first")
    convert = (reformatter or VideoReformatter()).reformat
    primaries, transfer = int(frame.color_primaries), int(frame.color_trc)
    if not is_standard(primaries, transfer):
        matrix = Colorspace.BT2020 if is_hdr(transfer) and frame.colorspace == UNSPECIFIED else _matrix(frame)
        deep = convert(frame, width, height, "rgb48le", src_colorspace=matrix, threads=1).to_ndarray()
        return to_bt709(deep.view(np.uint16).reshape(height, width, 3), primaries, transfer)
    return np.asarray(convert(frame, width, height, "rgb24", src_colorspace=_matrix(frame), threads=1).to_ndarray(), np.uint8)


def has_alpha(frame: VideoFrame) -> bool:
    """Return whether the frame's pixels can be transparent."""
    return frame.format.name == "pal8" or any(part.is_alpha for part in frame.format.components)


def _matrix(frame: VideoFrame) -> int | None:
    """Return the matrix that an untagged frame most likely has; None where it is tagged."""
    if frame.colorspace != UNSPECIFIED:
        return None
    return Colorspace.ITU709 if frame.height >= _HD_HEIGHT or frame.width >= _HD_WIDTH else Colorspace.ITU601


def _on_white(frame: VideoFrame) -> VideoFrame:
    rgba = frame.reformat(format="rgba", src_colorspace=_matrix(frame)).to_ndarray()
    alpha = rgba[..., 3:].astype(np.uint16)
    flat = (rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return _like(frame, VideoFrame.from_ndarray(np.ascontiguousarray(flat, np.uint8), format="rgb24"))


def _from_ycgco(frame: VideoFrame) -> VideoFrame:
    """Convert a matrix that libswscale does not know; Y, Cg and Co lie where Y, Cb and Cr do (H.273, equations 58 to 60)."""
    limited = frame.color_range != ColorRange.JPEG and not frame.format.name.startswith("yuvj")
    frame.colorspace = Colorspace.ITU601
    same = ColorRange.MPEG
    planar = frame.reformat(format="yuv444p", src_colorspace=5, dst_colorspace=5, src_color_range=same, dst_color_range=same)
    y, cg, co = (plane.astype(np.float32) for plane in planar.to_ndarray())
    if limited:
        y, cg, co = (y - 16) * 255 / 219, (cg - 128) * 255 / 224, (co - 128) * 255 / 224
    else:
        cg, co = cg - 128, co - 128
    rgb = np.stack([y - cg + co, y + cg, y - cg - co], axis=-1)
    return _like(frame, VideoFrame.from_ndarray(np.rint(np.clip(rgb, 0, 255)).astype(np.uint8), format="rgb24"))


def _like(frame: VideoFrame, rgb: VideoFrame) -> VideoFrame:
    """Give a converted frame the tags that its conversion to RGB did not use up."""
    rgb.color_primaries, rgb.color_trc = frame.color_primaries, frame.color_trc
    return rgb
