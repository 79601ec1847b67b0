"""Where training computes, and in which numbers."""

from __future__ import annotations

import os
import time
from functools import cache

import torch
import torch.nn.functional as F

_GPU_LOADERS = 8
#: bf16 is taken where a convolution in it, with its gradient, takes at most this share of the time in f32.
_WORTH = 0.8


def pick_device() -> torch.device:
    """Return the CUDA device if there is one, else the processor; on CUDA, let it choose fast algorithms for fixed sizes."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    return torch.device("cuda")


def autocast_dtype(precision: str, device: torch.device) -> torch.dtype:
    """Return what the network's convolutions compute in.

    "auto" is bf16 where it is quicker than f32 (on processors a convolution is timed: many claim bf16 and only imitate it), else fp16 on
    CUDA and f32 on processors.
    """
    if precision == "auto":
        if device.type == "cuda":
            return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
        return torch.bfloat16 if bf16_pays() else torch.float32
    return {"bf16": torch.bfloat16, "fp16": torch.float16, "f32": torch.float32}[precision]


@cache
def bf16_pays() -> bool:
    """Say whether this processor computes convolutions much faster in bf16 than in f32; measured once, in a tenth of a second."""
    times = {dtype: float("inf") for dtype in (torch.float32, torch.bfloat16)}
    for _ in range(4):  # in turn, the quickest of each: another program's moment does not decide
        for dtype, best in times.items():
            times[dtype] = min(best, _convolution_s(dtype))
    return times[torch.bfloat16] < _WORTH * times[torch.float32]


def _convolution_s(dtype: torch.dtype) -> float:
    """Return the seconds of one convolution of the usual size with its gradient."""
    x = torch.ones(2, 64, 64, 64, dtype=dtype).contiguous(memory_format=torch.channels_last).requires_grad_()
    weight = torch.full((64, 64, 3, 3), 0.01, dtype=dtype).contiguous(memory_format=torch.channels_last)
    begun = time.perf_counter()
    y = F.conv2d(x, weight, padding=1)
    torch.autograd.grad(y, x, y.detach())
    return time.perf_counter() - begun


def loss_dtype(dtype: torch.dtype) -> torch.dtype:
    """Return what the loss network computes in beside a network in `dtype`: its Gram sums overflow fp16, whose largest is 65,504."""
    return torch.float32 if dtype == torch.float16 else dtype


def loader_threads(device: torch.device) -> int:
    """Return how many threads prepare photos: one beside a training processor, several to feed a GPU."""
    return 1 if device.type == "cpu" else min(_GPU_LOADERS, os.cpu_count() or 1)
