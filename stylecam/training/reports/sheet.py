"""Sheets that show how far training is: images in rows, as one PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from stylecam.core.atomic_io import make_folder, write_file
from stylecam.net.module import TransformNet
from stylecam.packs.pack import StylePack
from stylecam.training.data.dataset import center_crop

COLUMNS = 8


def png_of(image: Tensor) -> bytes:
    """Return an image, (3, H, W) in [0, 1], as the bytes of a PNG file."""
    pixels = (image.detach().clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().cpu().numpy()
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def save_grid(rows: Sequence[Sequence[Tensor]], path: Path) -> None:
    """Write rows of images, (3, H, W) in [0, 1] each and of one height in a row, as one PNG; whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    lines = [torch.cat(list(row), 2) for row in rows]
    width = max(line.shape[2] for line in lines)
    lines = [F.pad(line, (0, width - line.shape[2])) for line in lines]
    make_folder(path.parent)
    write_file(path, png_of(torch.cat(lines, 1)), force=True)


def save_sheet(pack: StylePack, photos: Sequence[Tensor], path: Path) -> None:
    """Stylize the middle square of `photos`, (3, H, W) each, in all rows of a pack and write one PNG.

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
    cells += [torch.zeros_like(cells[0])] * (-len(cells) % COLUMNS)
    save_grid([cells[i : i + COLUMNS] for i in range(0, len(cells), COLUMNS)], path)


def _column(images: Tensor) -> Tensor:
    return torch.cat(list(images), 1)  # (P, 3, s, s) -> (3, P s, s)
