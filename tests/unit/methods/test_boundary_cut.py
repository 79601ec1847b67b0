"""The seam between two patches: no other path costs less."""

from itertools import pairwise, product

import numpy as np
import pytest

from stylecam.methods.boundary_cut import minimum_cut, new_side


@pytest.mark.parametrize("seed", range(20))
def test_no_path_is_cheaper(seed: int) -> None:
    """On a grid of 6 rows and 4 columns, the cut costs what the cheapest of all 4,096 walks costs that move by one column at most."""
    errors = np.random.default_rng(seed).integers(0, 9, (6, 4)).astype(np.float32)
    walks = [walk for walk in product(range(4), repeat=6) if all(abs(a - b) <= 1 for a, b in pairwise(walk))]
    cheapest = min(sum(errors[y, x] for y, x in enumerate(walk)) for walk in walks)
    cut = minimum_cut(errors)
    assert tuple(cut) in walks
    assert sum(errors[y, x] for y, x in enumerate(cut)) == cheapest


def test_a_cut_follows_what_is_alike() -> None:
    """Where both patches agree along a line, the new one begins there; beyond the strips it is taken whole."""
    difference = np.ones((8, 8), np.float32)
    difference[:, 1] = 0
    difference[1, 2:] = 0
    left = new_side(difference, 3, left=True, top=False)
    assert left[:, 1:].all()
    assert not left[:, 0].any()
    both = new_side(difference, 3, left=True, top=True)
    assert both[3:, 1:].all()
    assert not both[0, 4:].any()
    assert new_side(difference, 3, left=False, top=False).all()
