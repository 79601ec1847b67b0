"""The rewritten kernels compute what the plain ones do."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from stylecam.engines.lowering.weight_rewrites import enlarging_kernel, tiling_kernel


def test_transposed_convolution_equals_enlarging_then_convolving():
    """Nearest ×2, reflect padding and a 3×3 kernel are one transposed 4×4 kernel over an edge-padded map, borders included."""
    generator = torch.Generator().manual_seed(0)
    x, weight = torch.randn(1, 5, 7, 9, generator=generator), torch.randn(4, 5, 3, 3, generator=generator)
    plain = F.conv2d(F.pad(F.interpolate(x, scale_factor=2, mode="nearest"), [1] * 4, mode="reflect"), weight)
    kernel = torch.from_numpy(enlarging_kernel(weight.numpy()))
    rewritten = F.conv_transpose2d(F.pad(x, [1] * 4, mode="replicate"), kernel, stride=2, padding=3)
    assert rewritten.shape == plain.shape == (1, 4, 14, 18)
    torch.testing.assert_close(rewritten, plain, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("tile", [1, 2, 4])
def test_tiles_equal_the_plain_convolution(tile):
    """A kernel that computes neighbouring pixels of a row as channels gives the plain kernel's image, with its channels moved last."""
    generator = torch.Generator().manual_seed(1)
    x, weight = torch.randn(1, 5, 7, 12, generator=generator), torch.randn(3, 5, 5, 5, generator=generator)
    padded = F.pad(x, [2] * 4, mode="reflect")
    tiles = F.conv2d(padded, torch.from_numpy(tiling_kernel(weight.numpy(), tile)), stride=(1, tile))
    assert tiles.shape == (1, 3 * tile, 7, 12 // tile)
    picture = tiles.permute(0, 2, 3, 1).reshape(1, 7, 12, 3)
    torch.testing.assert_close(picture, F.conv2d(padded, weight).permute(0, 2, 3, 1), atol=1e-5, rtol=1e-5)


def test_kernels_stay_single_precision():
    """The rewritten kernels are float32, as ONNX wants them."""
    weight = np.ones((2, 2, 3, 3), np.float32)
    assert enlarging_kernel(weight).dtype == tiling_kernel(weight, 2).dtype == np.float32
