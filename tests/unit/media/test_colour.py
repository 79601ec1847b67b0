import doctest
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame

from stylecam.media import colour
from stylecam.media.colour import to_bt709
from stylecam.media.frames import to_rgb


def _frame(height: int, matrix: int, trc: int, colors: tuple[int, int, int]) -> VideoFrame:
    """Return a frame of one colour as yuv444p that was made with `matrix` (libav's number), untagged but for the curve."""
    rgb = VideoFrame.from_ndarray(np.full((height, 16, 3), colors, np.uint8), format="rgb24")
    frame = rgb.reformat(format="yuv444p", dst_colorspace=matrix, dst_color_range=1)
    untagged: Any = frame
    untagged.colorspace, untagged.color_range, untagged.color_trc = 2, 1, trc
    return frame


@pytest.mark.parametrize(("height", "matrix"), [(48, 5), (720, 1)])
def test_untagged_frames_are_read_as_players_do(height: int, matrix: int) -> None:
    """BT.601 for small ones, BT.709 for HD: the colours come back."""
    image = to_rgb(_frame(height, matrix, 2, (200, 40, 90)), 16, height)
    np.testing.assert_allclose(image[5, 5].astype(int), (200, 40, 90), atol=3)


def _code(nits: float) -> int:
    """Return the PQ code of a light, 16 bits."""
    power = (nits / 10_000) ** 0.1593017578125
    return round(65535 * ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375)


def test_hdr_fits_an_ordinary_screen() -> None:
    """Grey stays grey and in order, black black, paper white bright, a lamp the brightest; none is clipped before 1000 nits."""
    codes = [_code(nits) for nits in (0, 5, 50, 203, 600, 1000)]
    image = to_bt709(np.array([[[code] * 3 for code in codes]], np.uint16), 9, 16)
    levels = image[0, :, 1].astype(int)
    assert np.ptp(image.astype(int), axis=-1).max() <= 2
    assert levels[0] == 0
    assert 215 <= levels[3] <= 245
    assert (np.diff(levels) > 0).all()
    assert levels[-1] >= 250


def test_hlg_paper_white_is_bright_too() -> None:
    """75 % of HLG's signal is the white of paper."""
    level = int(to_bt709(np.full((1, 1, 3), round(0.75 * 65535), np.uint16), 9, 18)[0, 0, 1])
    assert 215 <= level <= 245


def test_an_hdr_frame_is_mapped_and_scaled() -> None:
    """A frame that says PQ goes this way, at the size that is asked."""
    frame = _frame(48, 9, 16, (128, 128, 128))
    assert to_rgb(frame, 8, 24).shape == (24, 8, 3)
    assert not np.array_equal(to_rgb(frame, 16, 48), to_rgb(_frame(48, 9, 2, (128, 128, 128)), 16, 48))


def test_examples_hold() -> None:
    """The examples in the docstrings are true."""
    assert doctest.testmod(colour).failed == 0


@pytest.mark.parametrize(("primaries", "seen"), [(9, (0, 210, 0)), (12, (0, 203, 0)), (1, (40, 200, 60))])
def test_wide_gamuts_become_bt709(primaries: int, seen: tuple[int, int, int]) -> None:
    """SDR clips with the primaries of BT.2020 or Display P3: what BT.709 has not is cut off; BT.709 itself is left alone."""
    rgb = VideoFrame.from_ndarray(np.full((48, 16, 3), (40, 200, 60), np.uint8), format="rgb24")
    frame = rgb.reformat(format="yuv444p", dst_colorspace=1)
    tags: Any = frame
    tags.colorspace, tags.color_range, tags.color_primaries, tags.color_trc = 1, 1, primaries, 1
    np.testing.assert_allclose(to_rgb(frame, 16, 48)[5, 5].astype(int), seen, atol=4)


def test_ycgco_is_understood() -> None:
    """A matrix that libswscale does not know, as lossless screen recordings have."""
    r, g, b = 200, 60, 40
    y, cg, co = (r + 2 * g + b) / 4, (2 * g - r - b) / 4 + 128, (r - b) / 2 + 128
    frame = VideoFrame.from_ndarray(np.stack([np.full((48, 64), round(value), np.uint8) for value in (y, cg, co)]), format="yuv444p")
    tags: Any = frame
    tags.colorspace, tags.color_range = 8, 2
    np.testing.assert_allclose(to_rgb(frame, 64, 48)[5, 5].astype(int), (r, g, b), atol=3)


def test_a_frames_transparency_is_white() -> None:
    """Half transparent is half white; the hidden colour is not seen."""
    rgba = np.zeros((48, 64, 4), np.uint8)
    rgba[...] = (255, 0, 255, 0)
    rgba[:, 32:] = (0, 0, 0, 128)
    image = to_rgb(VideoFrame.from_ndarray(rgba, format="rgba"), 64, 48)
    assert image[5, 5].tolist() == [255, 255, 255]
    assert image[5, 60].tolist() == [127, 127, 127]
