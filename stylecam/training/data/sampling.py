"""Which style each image of a step gets: in turn, and now and then two at once."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def style_order(count: int, seed: int, first: int, length: int) -> list[int]:
    """Return the style rows of samples `first` …: shuffled permutations one after the other, so that each row is seen equally often."""
    order: list[int] = []
    epoch = first // count
    while len(order) < first % count + length:
        order += np.random.default_rng((seed, 1, epoch)).permutation(count).tolist()
        epoch += 1
    return order[first % count : first % count + length]


def style_weights(rows: int, styles: int, seed: int, step: int, batch: int, mix_share: float) -> Tensor:
    """Return the weights of the rows for each image of a step, (batch, rows), by seed and step alone.

    An image has its row's weight 1; a share of those in a style are mixed with another style, evenly from nothing to all. Mixes are
    trained because people mix: otherwise nothing is asked of the network between two styles.
    """
    rng = np.random.default_rng((seed, 4, step))
    weights = torch.zeros(batch, rows)
    for number, row in enumerate(style_order(rows, seed, step * batch, batch)):
        weights[number, row] = 1
        mixed, other, share = rng.random() < mix_share, int(rng.integers(max(1, styles - 1))), float(rng.random())
        if mixed and styles > 1 and row < styles:
            weights[number, row] = 1 - share
            weights[number, other + (other >= row)] = share
    return weights
