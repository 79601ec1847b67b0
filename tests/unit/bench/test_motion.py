"""Clips with known motion: what is said of their motion is true."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from stylecam.bench.quality.motion import Clip, filmed_clip, synthetic_clips
from stylecam.core.paths import shipped
from stylecam.errors import InputError
from stylecam.media.flow import warp

WIDTH, HEIGHT, FRAMES = 96, 72, 4


def photo(seed: int) -> NDArray[np.uint8]:
    """Soft blobs: nothing so fine that it is lost between two pixels."""
    noise = np.random.default_rng(seed).integers(0, 256, (200, 260, 3), dtype=np.uint8)
    return np.asarray(cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4), None, 0, 255, cv2.NORM_MINMAX), np.uint8)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def clips() -> dict[str, Clip]:
    """All synthetic clips without noise."""
    return {clip.name: clip for clip in synthetic_clips([photo(0), photo(1)], WIDTH, HEIGHT, FRAMES, noise=0)}


@pytest.mark.parametrize("name", ["pan", "zoom", "layers"])
def test_the_flow_leads_back_to_the_frame_before(clips: dict[str, Clip], name: str) -> None:
    """Brought along the flow, the previous frame is the present one, wherever it was visible; without the flow it is not."""
    clip = clips[name]
    for t, (flow, visible) in enumerate(zip(clip.flows, clip.visible, strict=True)):
        now, before = clip.frames[t + 1].astype(np.float32), clip.frames[t].astype(np.float32)
        assert np.abs(warp(before, flow) - now)[visible].mean() < 1
        assert np.abs(before - now)[visible].mean() > 2
        assert visible.mean() > 0.85


def test_what_was_hidden_is_not_counted(clips: dict[str, Clip]) -> None:
    """Behind the moving disc a strip comes to light that nobody saw before."""
    clip = clips["layers"]
    hidden = ~clip.visible[0]
    wrong = np.abs(warp(clip.frames[0].astype(np.float32), clip.flows[0]) - clip.frames[1])
    assert wrong[hidden].mean() > 3 * wrong[~hidden].mean()


def test_the_still_camera_moves_nothing_but_its_exposure(clips: dict[str, Clip]) -> None:
    """Flow zero, everything visible, brighter and darker as a whole."""
    clip = clips["exposure"]
    assert not np.any(clip.flows)
    assert np.all(clip.visible)
    assert np.ptp([frame.mean() for frame in clip.frames]) > 2


def test_noise_is_the_same_in_every_run() -> None:
    """Two runs compare the same clips."""
    first, again = (synthetic_clips([photo(0)], 32, 32, 3)[0].frames for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[0], synthetic_clips([photo(0)], 32, 32, 3, noise=0)[0].frames[0])


def test_the_motion_of_a_clip_is_measured() -> None:
    """The demo clip's own motion explains nearly all that changes from frame to frame."""
    clip = filmed_clip(shipped("assets", "clips", "demo.mp4"), 160, 120, 4)
    assert len(clip.frames) == 4
    for t, (flow, visible) in enumerate(zip(clip.flows, clip.visible, strict=True)):
        assert visible.mean() > 0.8
        assert np.abs(warp(clip.frames[t].astype(np.float32), flow) - clip.frames[t + 1])[visible].mean() < 4


def test_a_clip_that_cannot_be_read_is_reported(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The file is named."""
    (tmp_path / "x.mp4").write_text("no clip")
    with pytest.raises(InputError, match=r"x\.mp4"):
        filmed_clip(tmp_path / "x.mp4", 32, 32, 4)
