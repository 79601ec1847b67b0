"""Several processes that train one network, started by `torchrun`: each takes its part of every batch, and the gradients are averaged.

Without `torchrun` there is one process, and all of this does nothing. The network is small (live32's gradients have 2 MB), so they travel
in one piece after the backward pass; DistributedDataParallel, which sends them layer by layer meanwhile, would gain next to nothing and
wrap the model.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import torch
import torch.distributed as dist
from torch import Tensor, nn

from stylecam.errors import UsageError


def start() -> None:
    """Join the other processes that `torchrun` started, over NCCL on GPUs and gloo on processors; nothing without it.

    Raises:
        UsageError: they cannot be reached.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) < 2 or dist.is_initialized():
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    try:
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    except (RuntimeError, ValueError, KeyError) as error:
        raise UsageError(f"The other processes cannot be reached ({str(error).splitlines()[0]}); start all with torchrun.") from error


def stop() -> None:
    """Leave the other processes."""
    if dist.is_initialized():
        dist.destroy_process_group()


def size() -> int:
    """Return how many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Return the number of this process; 0 reports and writes."""
    return dist.get_rank() if dist.is_initialized() else 0


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Give all processes the mean of their gradients, which is the gradient of the whole batch's mean loss."""
    if size() == 1:
        return
    owned = list(parameters)
    flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in owned])
    dist.all_reduce(flat)
    flat /= size()
    for parameter, part in zip(owned, torch.split(flat, [p.numel() for p in owned]), strict=True):
        gradient = part.view(parameter.shape)
        # In the parameter's order of memory, as a backward pass leaves it.
        parameter.grad = torch.empty_like(parameter).copy_(gradient)


def from_first(value: float) -> float:
    """Return the first process's number in all of them: clocks differ, and all must end at the same step."""
    if size() == 1:
        return value
    number = _on_device(value)
    dist.broadcast(number, 0)
    return float(number.item())


def any_of(flag: bool) -> bool:
    """Say whether the flag is set in one of the processes."""
    if size() == 1:
        return flag
    number = _on_device(float(flag))
    dist.all_reduce(number)
    return bool(number.item() > 0)


def _on_device(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64, device="cuda" if dist.get_backend() == "nccl" else "cpu")
