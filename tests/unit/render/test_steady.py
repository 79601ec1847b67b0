"""Statistics are carried from frame to frame where that is right, and measured where it is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stylecam.core.mix import StyleMix
from stylecam.engines.base import Image, Vector
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.render.cached_stats import MEASURE_EVERY, Steady, stylize_steadily
from tests.fakes import FakeEngine, MeasuringEngine, gradient, tiny_pack

PACK = tiny_pack()
VECTOR = PACK.scale_shift(StyleMix({"senecio": 1.0}))
PHOTO = gradient(48, 64)


def paint(pictures: list[Image], vectors: list[Vector] | None = None) -> list[bool]:
    """Paint one after the other; return which were painted exactly."""
    engine = MeasuringEngine(PACK.config)
    steady: Steady | None = None
    for picture, vector in zip(pictures, vectors or [VECTOR] * len(pictures), strict=True):
        _, steady = stylize_steadily(engine, picture, vector, steady)
    return engine.exact


def test_one_frame_in_so_many_is_measured() -> None:
    """A camera that sees a still life: the first frame and then every twelfth."""
    assert paint([PHOTO] * (2 * MEASURE_EVERY)) == ([True] + [False] * (MEASURE_EVERY - 1)) * 2


def test_sensor_noise_is_no_change() -> None:
    """Noise moves no mean and no contrast of a small copy."""
    rng = np.random.default_rng(0)
    noisy = [np.clip(gradient(480, 640) + rng.normal(0, 6, (480, 640, 3)), 0, 255).astype(np.uint8) for _ in range(6)]
    assert paint(noisy) == [True] + [False] * 5


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(np.minimum(PHOTO, 250) + np.uint8(5), id="more light"),
        pytest.param(255 - PHOTO, id="a cut"),
        pytest.param(np.ascontiguousarray(PHOTO[:, :48]), id="another size"),
        pytest.param(np.ascontiguousarray(PHOTO.transpose(1, 0, 2)), id="turned"),
    ],
)
def test_what_changes_the_picture_is_measured_at_once(other: Image) -> None:
    """The first frame of what is new is painted by its own statistics."""
    assert paint([PHOTO, PHOTO, other, other]) == [True, False, True, False]


def test_another_mix_is_measured_at_once_but_the_output_layer_does_not_count() -> None:
    """Statistics depend on the layers before them; the colours of the output come after the last."""
    other = PACK.scale_shift(StyleMix({"senecio": 0.5, "great_wave": 0.5}))
    tinted = VECTOR.copy()
    tinted[PACK.config.graph().cins[-1].offset :] += 0.25
    assert paint([PHOTO] * 4, [VECTOR, VECTOR, other, other]) == [True, False, True, False]
    assert paint([PHOTO] * 3, [VECTOR, tinted, VECTOR]) == [True, False, False]


def test_an_engine_without_statistics_paints_exactly() -> None:
    """Nothing is carried, and nothing is asked for that it cannot do."""
    engine = FakeEngine(PACK.config)
    painted, steady = stylize_steadily(engine, PHOTO, VECTOR, None)
    assert steady is None
    assert np.array_equal(painted, engine.stylize(PHOTO, VECTOR)[0])


def test_a_camera_that_moves_a_little_is_painted_nearly_as_exactly() -> None:
    """On a real network the carried statistics of a moved picture differ from its own by less than what a viewer sees."""
    engine = TorchEngine(PACK.config, PACK.tensors, device="cpu")
    noise = np.random.default_rng(1).normal(0, 1, (80, 130, 3)).astype(np.float32)
    scene = np.clip(128 + 500 * cv2.GaussianBlur(noise, (0, 0), 3), 0, 255).astype(np.uint8)
    steady: Steady | None = None
    differences = []
    for step in range(MEASURE_EVERY):
        picture = np.ascontiguousarray(scene[:80, step // 4 : step // 4 + 112])
        painted, steady = stylize_steadily(engine, picture, VECTOR, steady)
        exact, _ = engine.stylize(picture, VECTOR)
        differences.append(float(np.abs(painted.astype(float) - exact).mean()))
    assert differences[0] == 0
    assert 0 < max(differences) <= 1.0
