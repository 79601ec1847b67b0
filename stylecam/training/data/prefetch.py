"""Batches made ahead, so that no step waits for a photo."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor

from torch import Tensor


def prefetched(make: Callable[[int], Tensor], first_step: int, threads: int = 1) -> Generator[Tensor]:
    """Yield `make(first_step)`, the next, and so on without end; close it when done.

    One batch more than there are threads is in the making while the caller works. Which photos a step gets does not depend on
    `threads`.

    Raises:
        TrainingError: the photos cannot be read.
    """
    with ThreadPoolExecutor(threads, thread_name_prefix="photos") as pool:
        pending: deque[Future[Tensor]] = deque()
        step = first_step
        try:
            while True:
                while len(pending) <= threads:
                    pending.append(pool.submit(make, step))
                    step += 1
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
