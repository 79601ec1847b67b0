"""Previews of a fit in progress: photos on the left, what the new style makes of them on the right."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from stylecam.core.atomic_io import write_file


def to_tensor(image: Image.Image) -> Tensor:
    """Return an RGB image as (3, H, W) float in [0, 1]."""
    return torch.from_numpy(np.array(image, np.float32)).permute(2, 0, 1).contiguous() / 255


def save_pairs(pairs: Sequence[tuple[Tensor, Tensor]], path: Path) -> None:
    """Write photos and their stylized images, (3, H, W) each and of one size in a pair, as one PNG; whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    lines = [torch.cat(pair, 2) for pair in pairs]
    width = max(line.shape[2] for line in lines)
    lines = [torch.nn.functional.pad(line, (0, width - line.shape[2])) for line in lines]
    pixels = (torch.cat(lines, 1).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    write_file(path, buffer.getvalue(), force=True)
