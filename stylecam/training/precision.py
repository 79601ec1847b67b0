"""Where training computes, and in which numbers."""

from __future__ import annotations

import os

import torch

_GPU_LOADERS = 8


def pick_device() -> torch.device:
    """Return the CUDA device if there is one, else the processor; on CUDA, let it choose fast algorithms for fixed sizes."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    return torch.device("cuda")


def autocast_dtype(precision: str, device: torch.device) -> torch.dtype:
    """Return what the network's convolutions compute in.

    "auto" is bf16 where the device itself has it, else fp16 on CUDA and f32 on processors.
    """
    if precision == "auto":
        if device.type == "cuda":
            return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
        return torch.bfloat16 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else torch.float32
    return {"bf16": torch.bfloat16, "fp16": torch.float16, "f32": torch.float32}[precision]


def loss_dtype(dtype: torch.dtype) -> torch.dtype:
    """Return what the loss network computes in beside a network in `dtype`: its Gram sums overflow fp16, whose largest is 65,504."""
    return torch.float32 if dtype == torch.float16 else dtype


def loader_threads(device: torch.device) -> int:
    """Return how many threads prepare photos: one beside a training processor, several to feed a GPU."""
    return 1 if device.type == "cpu" else min(_GPU_LOADERS, os.cpu_count() or 1)
