"""CUDA graphs: of an image size that keeps coming, all kernels are recorded once and then launched in one call.

A frame of the live network is some eighty small kernels. Launched one by one they cost the processor more time than a fast GPU needs to
run them. Written without a GPU at hand: what decides is tested with fakes, the recording itself is NOT YET RUN on a GPU.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stylecam.engines.compiled import KEPT_SIZES

#: So often a size is stylized kernel by kernel before it is recorded: for one still a recording, several frames long, would be wasted.
EAGER_CALLS = 3
# cuDNN and cuBLAS prepare themselves for a shape and a stream when they first meet it, which must not happen while recording.
_WARM_UP_RUNS = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recording:
    """What was recorded: `replay` computes from the inputs' present content and writes into `output`."""

    replay: Callable[[], None]
    output: Tensor


Capture: TypeAlias = Callable[[Callable[[], Tensor]], Recording]


def capture_on_cuda(work: Callable[[], Tensor]) -> Recording:
    """Run `work` a few times, then record it, on a stream of its own."""
    current, side = torch.cuda.current_stream(), torch.cuda.Stream()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    side.wait_stream(current)
    with torch.cuda.stream(side):
        for _ in range(_WARM_UP_RUNS):
            work()
    current.wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    try:
        # "thread_local": another thread may be computing on this GPU, and its allocations are no fault of the recording.
        with torch.cuda.graph(graph, stream=side, capture_error_mode="thread_local"):
            output = work()
    finally:
        torch.cuda.set_stream(current)  # where recording fails, torch does not do it
    return Recording(graph.replay, output)


class GraphRunner:
    """Calls `forward` on the device with arrays from the host, from a recording as soon as it is worth one.

    The last `KEPT_SIZES` sizes are remembered; each recording holds a network's working memory. If recording or replaying fails once,
    all goes on kernel by kernel for good, and `trouble` is a sentence about it.

    Args:
        forward: takes one tensor per array, returns one; the same kernels for the same shapes.
        device: where it runs.
        capture: records a call.
    """

    def __init__(self, forward: Callable[..., Tensor], device: torch.device, capture: Capture = capture_on_cuda) -> None:
        self.trouble = ""
        self._forward, self._device, self._capture = forward, device, capture
        self._sizes: OrderedDict[tuple[tuple[int, ...], ...], int | _Recorded] = OrderedDict()  # counts calls until it is recorded

    def __call__(self, *arrays: NDArray[Any]) -> NDArray[Any]:
        """Return the result as an array that is the caller's to keep.

        Raises:
            RuntimeError: the device failed without a recording too.
        """
        if not self.trouble:
            try:
                recorded = self._recorded(arrays)
                if recorded is not None:
                    return recorded(arrays)
            except RuntimeError as error:  # torch's own errors, out of memory among them, are all of this kind
                self._give_up(error)
        return self._forward(*(on_device(array, self._device) for array in arrays)).cpu().numpy()

    def close(self) -> None:
        """Give back the recordings and their memory."""
        self._sizes.clear()

    def _recorded(self, arrays: Sequence[NDArray[Any]]) -> _Recorded | None:
        size = tuple(array.shape for array in arrays)
        state = self._sizes.pop(size, 0)
        while len(self._sizes) >= KEPT_SIZES:
            self._sizes.popitem(last=False)  # before recording: its memory may be needed
        if isinstance(state, int):
            state = state + 1 if state < EAGER_CALLS else _Recorded(self._forward, arrays, self._device, self._capture)
        self._sizes[size] = state
        return None if isinstance(state, int) else state

    def _give_up(self, error: RuntimeError) -> None:
        self._sizes.clear()
        reason = (str(error).splitlines() or [type(error).__name__])[0]  # torch appends paragraphs of advice for programmers
        self.trouble = f"torch runs without CUDA graphs, which is slower, because recording one failed ({reason})."
        _log.warning(self.trouble)


class _Recorded:
    """A recording with its inputs on the device, and a page-locked array for each: only from such are copies asynchronous."""

    def __init__(self, forward: Callable[..., Tensor], arrays: Sequence[NDArray[Any]], device: torch.device, capture: Capture) -> None:
        self._device = device
        self._inputs = [on_device(array, device) for array in arrays]
        self._staging = [self._page_locked(each) for each in self._inputs]
        self._recording = capture(lambda: forward(*self._inputs))

    def __call__(self, arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
        for array, staging, taken in zip(arrays, self._staging, self._inputs, strict=True):
            np.copyto(staging.numpy(), array)
            taken.copy_(staging, non_blocking=True)
        self._recording.replay()
        # Fresh, for it becomes the caller's; torch keeps page-locked memory that was given back, so this costs nothing.
        result = self._page_locked(self._recording.output)
        result.copy_(self._recording.output, non_blocking=True)
        if self._device.type == "cuda":
            torch.cuda.current_stream(self._device).synchronize()
        return result.numpy()

    def _page_locked(self, like: Tensor) -> Tensor:
        return torch.empty(like.shape, dtype=like.dtype, pin_memory=self._device.type == "cuda")


def on_device(array: NDArray[Any], device: torch.device) -> Tensor:
    """Copy an array to the device."""
    # `np.array`: torch refuses negative strides and warns about read-only arrays.
    return torch.from_numpy(np.array(array)).to(device)
