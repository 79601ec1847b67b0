"""Contact sheets: a few photos in every style of a pack, on one image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from stylecam.core.atomic_io import written_whole
from stylecam.net.module import TransformNet
from stylecam.packs.pack import StylePack
from stylecam.training.data.dataset import center_crop

COLUMNS = 8


def save_sheet(pack: StylePack, photos: Sequence[Tensor], path: Path) -> None:
    """Stylize the middle square of `photos`, (3, H, W) each, in all rows of a pack and write one PNG, whole or not at all.

    Eight styles to a line; under each other the photos. The identity row comes last, then the photos themselves.
    """
    side = min(min(photo.shape[-2:]) for photo in photos)
    x = torch.stack([center_crop(photo, side) for photo in photos])  # (P, 3, side, side)
    net = TransformNet.from_tensors(pack.config, pack.tensors).eval()
    cells: list[Tensor] = []
    with torch.no_grad():
        for row in range(pack.config.rows):
            weights = torch.zeros(len(x), pack.config.rows)
            weights[:, row] = 1
            cells.append(_column(net(x, weights)))
    cells.append(_column(x))
    blank = torch.zeros_like(cells[0])
    cells += [blank] * (-len(cells) % COLUMNS)
    lines = [torch.cat(cells[i : i + COLUMNS], 2) for i in range(0, len(cells), COLUMNS)]
    sheet = (torch.cat(lines, 1) * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path, force=True) as temporary:
        Image.fromarray(sheet).save(temporary, "PNG")


def _column(images: Tensor) -> Tensor:
    return torch.cat(list(images), 1)  # (P, 3, s, s) -> (3, P s, s)
