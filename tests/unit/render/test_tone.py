from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame

from stylecam.media.colour import to_rgb, tone_map


def _frame(height: int, matrix: int, trc: int, colors: tuple[int, int, int]) -> VideoFrame:
    """Return a picture of one colour as yuv444p that was made with `matrix` (libav's number), untagged but for the curve."""
    rgb = VideoFrame.from_ndarray(np.full((height, 16, 3), colors, np.uint8), format="rgb24")
    frame = rgb.reformat(format="yuv444p", dst_colorspace=matrix, dst_color_range=1)
    untagged: Any = frame
    untagged.colorspace, untagged.color_range, untagged.color_trc = 2, 1, trc
    return frame


@pytest.mark.parametrize(("height", "matrix"), [(48, 5), (720, 1)])
def test_untagged_pictures_are_read_as_players_do(height: int, matrix: int) -> None:
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
    image = tone_map(np.array([[[code] * 3 for code in codes]], np.uint16), hlg=False)
    levels = image[0, :, 1].astype(int)
    assert np.ptp(image.astype(int), axis=-1).max() <= 2
    assert levels[0] == 0
    assert 215 <= levels[3] <= 245
    assert (np.diff(levels) > 0).all()
    assert levels[-1] >= 250


def test_hlg_paper_white_is_bright_too() -> None:
    """75 % of HLG's signal is the white of paper."""
    level = int(tone_map(np.full((1, 1, 3), round(0.75 * 65535), np.uint16), hlg=True)[0, 0, 1])
    assert 215 <= level <= 245


def test_an_hdr_frame_is_mapped_and_scaled() -> None:
    """A frame that says PQ goes this way, at the size that is asked."""
    frame = _frame(48, 9, 16, (128, 128, 128))
    assert to_rgb(frame, 8, 24).shape == (24, 8, 3)
    assert not np.array_equal(to_rgb(frame, 16, 48), to_rgb(_frame(48, 9, 2, (128, 128, 128)), 16, 48))
