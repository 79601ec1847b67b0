"""Photos and paintings of a few pixels for runs of a few steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def write_pictures(folder: Path, prefix: str, count: int, *, seed: int = 0) -> list[Path]:
    """Write blurred noise, 64x64, as PNG files; return their paths."""
    rng = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{prefix}{i}.png" for i in range(count)]
    for path in paths:
        small = Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8))
        small.resize((64, 64), Image.Resampling.BICUBIC).save(path)
    return paths
