"""Batches are made ahead, in order, the same for any number of threads."""

from __future__ import annotations

import threading
import time
from itertools import islice
from pathlib import Path

import pytest
import torch

from stylecam.errors import TrainingError
from stylecam.training.data.dataset import PhotoFolder
from stylecam.training.data.prefetch import prefetched


def _slow(step: int) -> torch.Tensor:
    """A batch that takes a while, the first ones longest."""
    time.sleep(0.03 / (1 + step))
    return torch.full((1,), float(step))


@pytest.mark.parametrize("threads", [1, 3])
def test_batches_come_in_order_whoever_is_done_first(threads: int) -> None:
    """The first step's comes first, and the next ones follow."""
    batches = prefetched(_slow, 5, threads)
    assert [batch[0].item() for batch in islice(batches, 6)] == [5, 6, 7, 8, 9, 10]
    batches.close()


def test_the_next_batch_is_made_while_the_caller_works() -> None:
    """After one batch was taken, another is made without being asked for; closing leaves no thread behind."""
    made: list[int] = []
    seen = threading.Event()

    def make(step: int) -> torch.Tensor:
        made.append(step)
        if len(made) == 2:
            seen.set()
        return torch.zeros(1)

    batches = prefetched(make, 0)
    next(batches)
    assert seen.wait(10)
    batches.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("photos")]


def test_unreadable_photos_reach_the_caller(tmp_path: Path) -> None:
    """The sentence of the loader's thread ends the run."""
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    photos = PhotoFolder(tmp_path, 32, seed=3)
    batches = prefetched(lambda step: photos.batch(5 * step, 5), 0)
    with pytest.raises(TrainingError, match="cannot be read"):
        next(batches)
