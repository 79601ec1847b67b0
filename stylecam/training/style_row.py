"""One new row of γ and β over a finished network: what `add_style` fits."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stylecam.net.module import TransformNet
from stylecam.net.styles import STYLES
from stylecam.packs.pack import StylePack

#: Least spread of a number over the rows, for packs with so few styles that theirs says nothing.
SPREAD_FLOOR = 0.08


class StyleRow(nn.Module):
    """A style as a mix of the pack's styles and a difference from it: row = Σ wᵢ rowᵢ + spread · difference.

    Only γ and β are learnt, as in Dumoulin, Shlens, Kudlur 2016, section 3.2; the convolutions stay as they are. Any sum of weights is
    allowed. The mix finds the neighbourhood in a few steps, because it moves all numbers at once along directions that are styles; the
    difference then does what no mix can. `spread` is each number's standard deviation over the styles: in its units one step size fits all.

    Args:
        pack: the finished network; its styles' rows are what is mixed, its identity row is not used.
        device: where to compute.
    """

    def __init__(self, pack: StylePack, device: torch.device) -> None:
        super().__init__()
        rows = torch.from_numpy(np.array(pack.rows[: pack.config.styles]))  # (S, N)
        self._rows = rows.to(device)
        self._spread = rows.std(0, correction=0).clamp_min(SPREAD_FLOOR).to(device)
        one = pack.config.with_styles(1, identity=False)
        tensors = row_tensors(pack, pack.rows[0])
        self._net = TransformNet.from_tensors(one, tensors).to(device, memory_format=torch.channels_last).requires_grad_(False)  # type: ignore[call-overload]
        self.mix = nn.Parameter(torch.full((len(rows),), 1 / len(rows), device=device))
        self.difference = nn.Parameter(torch.zeros(rows.shape[1], device=device))

    @torch.no_grad()
    def begin_with(self, number: int) -> None:
        """Start from one style of the pack, by its row, instead of the mean of all."""
        self.mix.zero_()[number] = 1.0

    @torch.no_grad()
    def in_style(self, x: Tensor, number: int) -> Tensor:
        """Stylize photos (B, 3, H, W) in one of the pack's styles, by its row."""
        stylized: Tensor = self._net.stylize(x, self._rows[number][None])
        return stylized

    def row(self) -> Tensor:
        """Return γ and β of all layers, (N,), in the order of `StylePack.rows`."""
        return self.mix @ self._rows + self._spread * self.difference

    def forward(self, x: Tensor) -> Tensor:
        """Stylize photos (B, 3, H, W) in the new style."""
        stylized: Tensor = self._net.stylize(x, self.row()[None])
        return stylized


def row_tensors(pack: StylePack, row: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return the tensors of a pack with the network of `pack` and this row, (N,), as its only style."""
    return {**pack.trunk_tensors, STYLES: row[None].copy()}
