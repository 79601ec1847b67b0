"""Strength, with a pack that knows the way back to the photo and with one that does not."""

import itertools

import numpy as np
import pytest

from stylecam.core.mix import StyleMix
from stylecam.core.params import RAW, STRENGTH, RenderParams
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.net.output_stats import photo_scale_shift
from stylecam.render.frame import stylize_frame
from stylecam.render.style_vector import FADE_BELOW, style_vector
from tests.fakes import FakeEngine, gradient, tiny_pack

PLAIN, KNOWING = tiny_pack(), tiny_pack(identity=True)
PHOTO = gradient()
MIX = StyleMix.parse("starry_night=3,senecio=1")


def test_without_an_identity_row_strength_is_a_cross_fade() -> None:
    """The network stylizes in full, and half of the photo lies over it."""
    engine = FakeEngine(PLAIN.config)
    stylized, _ = engine.stylize(PHOTO, PLAIN.scale_shift(MIX))
    half = stylize_frame(PHOTO, engine, PLAIN, RenderParams(MIX, {STRENGTH: 0.5}))[0].astype(int)
    assert np.abs(half - (PHOTO / 2.0 + stylized / 2.0)).max() <= 1


@pytest.mark.parametrize("raw", [False, True])
def test_with_an_identity_row_strength_mixes_scales_and_shifts(raw: bool) -> None:
    """γ and β lie between the identity row's and the mix's; the output layer's start from the photo's own colours."""
    mixed = KNOWING.scale_shift(MIX, raw=raw)
    identity = KNOWING.identity_scale_shift(PHOTO)
    for strength in (0.25, 0.8, 1.0):
        vector = style_vector(PHOTO, KNOWING, RenderParams(MIX, {RAW: raw, STRENGTH: strength}))
        np.testing.assert_allclose(vector, (1 - strength) * identity + strength * mixed, rtol=1e-5, atol=1e-6)
        assert vector.dtype == np.float32
    output = KNOWING.config.graph().cins[-1]
    np.testing.assert_array_equal(identity[output.offset :], photo_scale_shift(PHOTO))
    np.testing.assert_array_equal(identity[: output.offset], KNOWING.rows[-1, : output.offset])


def test_a_pack_without_an_identity_row_has_no_way_back() -> None:
    """Asking for it is a programmer's mistake."""
    with pytest.raises(ValueError, match="no identity row"):
        PLAIN.identity_scale_shift(PHOTO)


def test_from_the_photo_to_the_stylized_image_there_is_no_jump() -> None:
    """Two hundred small steps of strength never move a pixel far; the first is next to the photo, the last is the stylized image."""
    engine = TorchEngine(KNOWING.config, KNOWING.tensors, threads=1)
    strengths = np.linspace(0, 1, 201)
    frames = [stylize_frame(PHOTO, engine, KNOWING, RenderParams(MIX, {STRENGTH: float(s)}))[0].astype(int) for s in strengths]
    steps = [np.abs(a - b).max() for a, b in itertools.pairwise(frames)]
    assert max(steps) <= 1.5 * 255 / (FADE_BELOW * 200)
    np.testing.assert_array_equal(frames[0], PHOTO)
    np.testing.assert_array_equal(frames[-1], engine.stylize(PHOTO, KNOWING.scale_shift(MIX))[0])
    assert (frames[-1] != PHOTO).any()


def test_a_flat_photo_can_be_stylized_at_any_strength() -> None:
    """A lens cap has no contrast to take over; the result is finite and of its size."""
    engine = TorchEngine(KNOWING.config, KNOWING.tensors, threads=1)
    black = np.zeros((9, 11, 3), np.uint8)
    assert stylize_frame(black, engine, KNOWING, RenderParams(MIX, {STRENGTH: 0.5}))[0].shape == black.shape
