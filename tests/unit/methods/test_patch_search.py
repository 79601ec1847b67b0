"""Both searches find what comparing one by one finds."""

import numpy as np

from stylecam.methods.patch_search import EveryFew, EveryPlace


def test_sums_are_those_of_a_loop() -> None:
    """By FFT at every place, and by a product at every second, errors equal the plain sums of weighted squares."""
    rng = np.random.default_rng(0)
    texture = rng.random((21, 30, 4), np.float32) - np.float32(0.5)
    patches = rng.random((3, 7, 7, 4), np.float32) - np.float32(0.5)
    weights = rng.random((7, 7, 4), np.float32) * (rng.random((7, 7, 1)) > 0.3).astype(np.float32)
    plain = np.array(
        [[[(weights * (texture[y : y + 7, x : x + 7] - p) ** 2).sum() for x in range(24)] for y in range(15)] for p in patches]
    )
    np.testing.assert_allclose(EveryPlace(texture, 7).errors(patches, weights), plain, atol=1e-4)
    few = EveryFew(texture, 7)
    assert few.stride == 2
    np.testing.assert_allclose(few.errors(patches, weights), plain[:, ::2, ::2], atol=1e-4)
