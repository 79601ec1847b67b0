"""Statistics are carried from frame to frame where that is right, and measured where it is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stylecam.core.mix import StyleMix
from stylecam.engines.base import Image, Vector
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.render.cached_stats import MEASURE_EVERY, CachedStats, stylize_cached
from tests.fakes import FakeEngine, MeasuringEngine, gradient, tiny_pack

PACK = tiny_pack()
VECTOR = PACK.scale_shift(StyleMix({"senecio": 1.0}))
PHOTO = gradient(48, 64)


def exact(frames: list[Image], vectors: list[Vector] | None = None) -> list[bool]:
    """Stylize one after the other; return which were stylized exactly."""
    engine = MeasuringEngine(PACK.config)
    cached: CachedStats | None = None
    for frame, vector in zip(frames, vectors or [VECTOR] * len(frames), strict=True):
        _, cached = stylize_cached(engine, frame, vector, cached)
    return engine.exact


def test_one_frame_in_so_many_is_measured() -> None:
    """A camera that sees a still life: the first frame and then every twelfth."""
    assert exact([PHOTO] * (2 * MEASURE_EVERY)) == ([True] + [False] * (MEASURE_EVERY - 1)) * 2


def test_sensor_noise_is_no_change() -> None:
    """Noise moves no mean and no contrast of a small copy."""
    rng = np.random.default_rng(0)
    noisy = [np.clip(gradient(480, 640) + rng.normal(0, 6, (480, 640, 3)), 0, 255).astype(np.uint8) for _ in range(6)]
    assert exact(noisy) == [True] + [False] * 5


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(np.minimum(PHOTO, 250) + np.uint8(5), id="more light"),
        pytest.param(255 - PHOTO, id="a cut"),
        pytest.param(np.ascontiguousarray(PHOTO[:, :48]), id="another size"),
        pytest.param(np.ascontiguousarray(PHOTO.transpose(1, 0, 2)), id="turned"),
    ],
)
def test_what_changes_the_frame_is_measured_at_once(other: Image) -> None:
    """The first frame of what is new is stylized by its own statistics."""
    assert exact([PHOTO, PHOTO, other, other]) == [True, False, True, False]


def test_another_mix_is_measured_at_once_but_the_output_layer_does_not_count() -> None:
    """Statistics depend on the layers before them; the colours of the output come after the last."""
    other = PACK.scale_shift(StyleMix({"senecio": 0.5, "great_wave": 0.5}))
    tinted = VECTOR.copy()
    tinted[PACK.config.graph().cins[-1].offset :] += 0.25
    assert exact([PHOTO] * 4, [VECTOR, VECTOR, other, other]) == [True, False, True, False]
    assert exact([PHOTO] * 3, [VECTOR, tinted, VECTOR]) == [True, False, False]


def test_an_engine_without_statistics_stylizes_exactly() -> None:
    """Nothing is carried, and nothing is asked for that it cannot do."""
    engine = FakeEngine(PACK.config)
    stylized, cached = stylize_cached(engine, PHOTO, VECTOR, None)
    assert cached is None
    assert np.array_equal(stylized, engine.stylize(PHOTO, VECTOR)[0])


def test_a_camera_that_moves_a_little_is_stylized_nearly_as_exactly() -> None:
    """On a real network the carried statistics of a moved frame differ from its own by less than what a viewer sees."""
    engine = TorchEngine(PACK.config, PACK.tensors, device="cpu")
    noise = np.random.default_rng(1).normal(0, 1, (80, 130, 3)).astype(np.float32)
    scene = np.clip(128 + 500 * cv2.GaussianBlur(noise, (0, 0), 3), 0, 255).astype(np.uint8)
    cached: CachedStats | None = None
    differences = []
    for step in range(MEASURE_EVERY):
        frame = np.ascontiguousarray(scene[:80, step // 4 : step // 4 + 112])
        stylized, cached = stylize_cached(engine, frame, VECTOR, cached)
        exact, _ = engine.stylize(frame, VECTOR)
        differences.append(float(np.abs(stylized.astype(float) - exact).mean()))
    assert differences[0] == 0
    assert 0 < max(differences) <= 1.0
