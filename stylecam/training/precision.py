"""Where training computes, and in which numbers."""

from __future__ import annotations

import torch


def pick_device() -> torch.device:
    """Return the CUDA device if there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def autocast_dtype(precision: str, device: torch.device) -> torch.dtype:
    """Return what convolutions compute in: "bf16", "f32", or "auto": bf16 where the device has it."""
    if precision == "auto":
        has_bf16 = torch.cuda.is_bf16_supported() if device.type == "cuda" else torch.ops.mkldnn._is_mkldnn_bf16_supported()
        return torch.bfloat16 if has_bf16 else torch.float32
    return torch.bfloat16 if precision == "bf16" else torch.float32
