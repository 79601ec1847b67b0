"""Where the training of a fast output begins: at the enlargement of the fine one, as nearly as its kernel can draw that."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from stylecam.net.families import FAST
from stylecam.net.module import TransformNet

#: Share of the mean square that is added to every square, so that what the features do not show stays at zero.
_RIDGE = 1e-6


@torch.no_grad()
def enlarging_head(net: TransformNet, photos: Tensor, styles: Tensor) -> Tensor:
    """Return the kernel that draws the fine output twice as large (bicubic) from the features, by least squares, (O, C, k, k).

    Enlarging and convolving are both linear in the features, so the best kernel of a size is the solution of one system of equations. To
    begin with every pixel four times, as depth-to-space suggests, leads to blocks that training does not smooth again.

    Args:
        net: has both outputs.
        photos: half-size photos (B, 3, H, W) in [0, 1], sides multiples of the network's grid.
        styles: γ and β of every photo, (B, N).
    """
    fine, fast = net.config.graph().convs[-1], net.config.graph(FAST).convs[-1]
    factor, numbers = net.config.graph(FAST).enlargement, fast.in_channels * fast.kernel**2
    pixels = int(1 / net.config.graph().scale[fine.name])  # of the image per pixel of the features, along each side
    squares = torch.zeros(numbers, numbers, dtype=torch.float64)
    products = torch.zeros(numbers, fast.channels, dtype=torch.float64)
    for photo, row in zip(photos, styles, strict=True):
        x = net.features(photo[None], row[None]).float()
        drawn = F.conv2d(F.pad(x, [fine.kernel // 2] * 4, mode="reflect"), net.get_parameter(fine.weight).float())
        x, drawn = (each / drawn.std().clamp_min(1e-6) for each in (x, drawn))  # every style counts alike
        enlarged = F.interpolate(F.pixel_shuffle(drawn, pixels), scale_factor=factor, mode="bicubic")
        wanted = F.pixel_unshuffle(enlarged, factor * pixels)  # (1, 12, H, W), or more channels on a smaller map
        seen = F.unfold(F.pad(x, [fast.kernel // 2] * 4, mode="reflect"), fast.kernel)[0].double().cpu()  # (C k², H W)
        squares += seen @ seen.T
        products += seen @ wanted[0].flatten(1).double().cpu().T
    squares += _RIDGE * squares.diagonal().mean() * torch.eye(numbers, dtype=torch.float64)
    kernel: Tensor = torch.linalg.solve(squares, products).T.reshape(fast.weight_shape).float()
    return kernel
