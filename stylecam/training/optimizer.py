"""The optimizer: Adam alone, or Muon for the kernels between the network's ends and Adam for the rest."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim import Adam, Muon

#: Kernels with fewer channels than this on either side, those at the network's ends, stay with Adam.
LEAST_CHANNELS = 16
_BETAS = (0.9, 0.99)
_STATE = {"adam": ("exp_avg", "exp_avg_sq", "step"), "muon": ("momentum_buffer",)}


class Optimizer:
    """Adam, or both: Muon (Jordan et al. 2024) makes the steps of a kernel's matrix orthogonal, so that no direction is learned last.

    Muon's steps are scaled to the size of Adam's (Liu et al. 2025, arXiv 2502.16982), so that one learning rate serves both.

    Args:
        groups: group → name → parameter, each group with a learning rate of its own; parameters must keep their memory while the
            optimizer lives.
        kind: one of `training.config.OPTIMIZERS`.
    """

    def __init__(self, groups: Mapping[str, Mapping[str, nn.Parameter]], kind: str) -> None:
        self._names = {name: p for group in groups.values() for name, p in group.items()}
        kernels = {name: p for name, p in self._names.items() if kind == "muon" and p.ndim == 4 and min(p.shape[:2]) >= LEAST_CHANNELS}
        self._matrices = {name: nn.Parameter(_matrix(kernel.detach())) for name, kernel in kernels.items()}
        others = {name: p for name, p in self._names.items() if name not in kernels}
        adam = Adam(
            [{"params": [p for n, p in g.items() if n in others], "name": key} for key, g in groups.items()], betas=_BETAS, fused=True
        )
        self._kinds: dict[str, tuple[torch.optim.Optimizer, dict[str, nn.Parameter]]] = {"adam": (adam, others)}
        if self._matrices:
            in_groups = [{"params": [self._matrices[n] for n in g if n in kernels], "name": key} for key, g in groups.items()]
            muon = Muon(in_groups, weight_decay=0.0, adjust_lr_fn="match_rms_adamw")
            self._kinds["muon"] = (muon, self._matrices)

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for parameter in self._names.values():
            parameter.grad = None

    def step(self, scaler: torch.amp.GradScaler, rates: Mapping[str, float], clip_norm: float) -> bool:
        """Move the parameters along their gradients, which are clipped to a norm; False, and nothing moves, if these are not finite.

        Args:
            scaler: that scaled the loss.
            rates: learning rate of each group, of this step.
            clip_norm: largest norm of the gradient.
        """
        for name, matrix in self._matrices.items():
            gradient = self._names[name].grad
            matrix.grad = None if gradient is None else _matrix(gradient)
        optimizers = [optimizer for optimizer, _ in self._kinds.values()]
        for optimizer in optimizers:
            scaler.unscale_(optimizer)
        norm = nn.utils.clip_grad_norm_([p for _, owned in self._kinds.values() for p in owned.values()], clip_norm)
        finite = bool(torch.isfinite(norm))
        for optimizer in optimizers if finite else ():
            for group in optimizer.param_groups:
                group["lr"] = rates[group["name"]]
            scaler.step(optimizer)
        scaler.update()
        return finite

    def tensors(self) -> dict[str, Tensor]:
        """Return the optimizer's state by name; empty before the first step."""
        return {
            f"{kind}.{key}.{name}": optimizer.state[parameter][key]
            for kind, (optimizer, owned) in self._kinds.items()
            for name, parameter in owned.items()
            if parameter in optimizer.state
            for key in _STATE[kind]
        }

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take copies of what `tensors` returned; what it lacks starts from zero."""
        for kind, (optimizer, owned) in self._kinds.items():
            optimizer.state.clear()
            for name, parameter in owned.items():
                found = {key: tensors[f"{kind}.{key}.{name}"] for key in _STATE[kind] if f"{kind}.{key}.{name}" in tensors}
                if found:
                    optimizer.state[parameter] = {key: _like(parameter, value) for key, value in found.items()}


def _like(parameter: Tensor, value: Tensor) -> Tensor:
    """Return a copy with the parameter's order of memory, in which the fused optimizer goes through both."""
    return torch.empty_like(parameter).copy_(value) if value.shape == parameter.shape else value.to(parameter.device, copy=True)


def _matrix(kernel: Tensor) -> Tensor:
    """Return a kernel (out, in, h, w) as a matrix (out, h · w · in), in the same memory if it is channels last, which ours are."""
    return kernel.permute(0, 2, 3, 1).flatten(1)
