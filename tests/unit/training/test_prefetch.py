"""Batches are made ahead, in order, the same for any number of threads."""

from __future__ import annotations

import threading
import time
from itertools import islice
from pathlib import Path
from typing import Any, cast

import pytest
import torch

from stylecam.errors import TrainingError
from stylecam.training.data.dataset import PhotoFolder
from stylecam.training.data.prefetch import prefetched


class _Slow:
    """Batches that take a while, the first ones longest."""

    def batch(self, first: int, count: int) -> torch.Tensor:
        time.sleep(0.03 / (1 + first))
        return torch.full((count,), float(first))


@pytest.mark.parametrize("threads", [1, 3])
def test_batches_come_in_order_whoever_is_done_first(threads: int) -> None:
    """Step 5 of batches of two begins at photo 10, and the next ones follow."""
    batches = prefetched(cast(Any, _Slow()), 5, 2, threads)
    assert [batch[0].item() for batch in islice(batches, 6)] == [10, 12, 14, 16, 18, 20]
    batches.close()


def test_the_next_batch_is_made_while_the_caller_works() -> None:
    """After one batch was taken, another is made without being asked for; closing leaves no thread behind."""
    made: list[int] = []
    seen = threading.Event()

    class Photos:
        def batch(self, first: int, count: int) -> torch.Tensor:
            made.append(first)
            if len(made) == 2:
                seen.set()
            return torch.zeros(count)

    batches = prefetched(cast(Any, Photos()), 0, 1)
    next(batches)
    assert seen.wait(10)
    batches.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("photos")]


def test_unreadable_photos_reach_the_caller(tmp_path: Path) -> None:
    """The sentence of the loader's thread ends the run."""
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    batches = prefetched(PhotoFolder(tmp_path, 32, seed=3), 0, 5)
    with pytest.raises(TrainingError, match="cannot be read"):
        next(batches)
