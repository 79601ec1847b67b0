"""Every engine stylizes what torch in f32 stylizes."""

import numpy as np
import pytest

from tests.unit.engines.nets import CONFIGS, difference, make_pack, make_photo, reference

MIXES = {"one": [1, 0], "mix": [0.6, 0.4], "beyond": [1.4, -0.4], "raw": [0.8, 0.9]}


@pytest.mark.parametrize("mix", MIXES)
@pytest.mark.parametrize("name", CONFIGS)
def test_f32_equals_the_reference(open_f32, name, mix):
    """Single styles, mixes, negative and raw weights: at most a rounding step apart, for every shape of network."""
    pack, photo = make_pack(name), make_photo(48, 60)
    weights = np.zeros(pack.config.styles, np.float32)
    weights[:2] = MIXES[mix]
    painting, stats = open_f32(pack).stylize(photo, weights @ pack.rows[: pack.config.styles])
    mean, most = difference(painting, reference(pack, photo, weights))
    assert stats is None
    assert mean <= 1e-5
    assert most <= 1.01 / 255


@pytest.mark.parametrize("size", [(37, 53), (1, 97), (13, 2), (64, 64), (12, 12), (11, 14)])
def test_odd_sizes_equal_the_reference(open_f32, size):
    """Images off the stride, thin ones and such below the network's smallest size are padded and cropped as in training."""
    pack, photo = make_pack(), make_photo(*size)
    painting, _ = open_f32(pack).stylize(photo, pack.rows[1])
    mean, most = difference(painting, reference(pack, photo, np.array([0, 1, 0], np.float32)))
    assert painting.flags.c_contiguous
    assert mean <= 1e-4
    assert most <= 2.01 / 255


@pytest.mark.parametrize("name", CONFIGS)
def test_bf16_stays_close(open_bf16, name):
    """bf16 keeps within the look: small on average, nowhere far."""
    pack, photo = make_pack(name), make_photo(96, 120)
    painting, _ = open_bf16(pack).stylize(photo, pack.rows[0])
    weights = np.eye(pack.config.styles, dtype=np.float32)[0]
    mean, most = difference(painting, reference(pack, photo, weights))
    assert mean <= 0.008
    assert most <= 0.08


@pytest.mark.parametrize("value", [0, 127, 255])
@pytest.mark.parametrize("size", [(1, 1), (48, 64)])
def test_flat_images_are_stylized(open_f32, value, size):
    """No variance at all (a covered lens) neither fails nor changes the next image.

    Engines differ there: a flat image's statistics are pure rounding noise, blown up by 1 / sqrt(eps) at every layer.
    """
    pack, photo = make_pack(), make_photo(*size)
    engine = open_f32(pack)
    before, _ = engine.stylize(photo, pack.rows[0])
    flat, _ = engine.stylize(np.full((*size, 3), value, np.uint8), pack.rows[0])
    after, _ = engine.stylize(photo, pack.rows[0])
    assert flat.shape == (*size, 3)
    assert np.array_equal(before, after)
