"""Style transfer by optimisation: the pixels themselves go downhill on an objective (Gatys, Ecker, Bethge 2015, arXiv 1508.06576)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Method = Literal["lbfgs", "adam"]
METHODS: tuple[Method, ...] = ("lbfgs", "adam")

#: Mean change of a pixel, of full scale, that L-BFGS tries first; torch's own first step would be ten thousand times smaller.
_FIRST_STEP = 0.01
#: Bytes that the memory of L-BFGS may take; it holds two images per remembered step.
_HISTORY_BYTES = 400_000_000
_HISTORY_STEPS = 50
_LEAST_HISTORY_STEPS = 3
#: Up to so many values the last three evaluations are remembered, beyond only the last: it costs now and then an evaluation.
_FEW_VALUES = 9_000_000
#: An iteration that improves the best loss by less than this share counts as stalled.
_STALLED = 1e-7
#: Restarts in a row that bring nothing: the bottom is reached as far as float32 can tell.
_MAX_VAIN_RESTARTS = 2


@dataclass(frozen=True, eq=False)
class Descent:
    """One iteration.

    `losses` are those of its evaluations in order (a line search may take several), `evaluations` how many there were so far,
    `best_loss` and `image` (1, 3, H, W, in [0, 1]) the lowest so far, `restarts` how often the line search had to be restarted.
    """

    losses: tuple[float, ...]
    evaluations: int
    best_loss: float
    image: Tensor
    restarts: int


class _Evaluator:
    """Counts evaluations, remembers the best image, and does not evaluate the same pixels twice.

    torch's L-BFGS asks for the loss again at the start of each step, where the last line search has just been.
    """

    def __init__(self, loss: Callable[[Tensor], Tensor], u: Tensor, scale: float) -> None:
        self._loss, self._u, self._scale = loss, u, scale
        self._remembered = 3 if u.numel() <= _FEW_VALUES else 1
        self._recent: list[tuple[Tensor, Tensor, Tensor]] = []  # pixels, loss, gradient of the last evaluations
        self.losses: list[float] = []
        self.best_loss, self.best = float("inf"), u.detach().clone()

    def __call__(self) -> Tensor:
        for pixels, value, gradient in self._recent:
            if torch.equal(pixels, self._u):
                self._u.grad = gradient.clone()
                return value
        with torch.enable_grad():
            value = self._loss(self._u * self._scale)
            gradient = torch.autograd.grad(value, self._u)[0].contiguous()  # L-BFGS takes flat views
        value = value.detach()
        self._u.grad = gradient.clone()
        self._recent = [*self._recent, (self._u.detach().clone(), value, gradient)][-self._remembered :]
        self.losses.append(value.item())
        if self.losses[-1] < self.best_loss:
            self.best_loss, self.best = self.losses[-1], self._u.detach().clone()
        return value


def descend(
    loss: Callable[[Tensor], Tensor], start: Tensor, evaluations: int, *, method: Method = "lbfgs", learning_rate: float = 0.02
) -> Iterator[Descent]:
    """Lower `loss` by changing the pixels of `start`; yields after each iteration, until there were `evaluations` or more.

    L-BFGS searches lines by the strong Wolfe conditions; where a search fails, it is restarted from the best image without its
    memory. It ends early when restarts bring nothing any more. As in the paper the pixels are free while they are optimised: a
    yielded image is the best one clamped to [0, 1], a yielded loss is that of the free one.

    Args:
        loss: maps an image (1, 3, H, W) to a scalar.
        start: (1, 3, H, W) in [0, 1]; not changed.
        evaluations: of the loss with its gradient; the last line search may go over by a few.
        method: "lbfgs" or "adam".
        learning_rate: Adam's step, of full scale.
    """
    scale = _FIRST_STEP * start.numel() if method == "lbfgs" else 1.0
    u = (start.detach() / scale).contiguous().clone(memory_format=torch.contiguous_format).requires_grad_()  # L-BFGS takes flat views
    evaluate = _Evaluator(loss, u, scale)
    optimizer = _optimizer(u, method, learning_rate)
    restarts = vain = 0
    while len(evaluate.losses) < evaluations and vain <= _MAX_VAIN_RESTARTS:
        before, best_before = len(evaluate.losses), evaluate.best_loss
        optimizer.step(evaluate)  # type: ignore[arg-type] # torch says float where L-BFGS takes a tensor
        if method == "lbfgs":
            improved = evaluate.best_loss < best_before * (1 - _STALLED) or best_before == float("inf")
            vain = 0 if improved else vain + 1
            if not improved:
                restarts += 1
                with torch.no_grad():
                    u.copy_(evaluate.best)
                optimizer = _optimizer(u, method, learning_rate)
        losses = tuple(evaluate.losses[before:])
        if losses:
            yield Descent(losses, len(evaluate.losses), evaluate.best_loss, (evaluate.best * scale).clamp(0, 1), restarts)


def memory_bytes(values: int) -> int:
    """Return about how much memory L-BFGS takes for so many values: its history, the line search, the last and the best images."""
    return 4 * values * (2 * _history_steps(values) + 18)


def _history_steps(values: int) -> int:
    return max(_LEAST_HISTORY_STEPS, min(_HISTORY_STEPS, _HISTORY_BYTES // (2 * 4 * values)))


def _optimizer(u: Tensor, method: Method, learning_rate: float) -> torch.optim.Optimizer:
    if method == "adam":
        return torch.optim.Adam([u], lr=learning_rate)
    return torch.optim.LBFGS(
        [u],
        max_iter=1,
        max_eval=1000,
        history_size=_history_steps(u.numel()),
        tolerance_grad=0.0,
        tolerance_change=1e-10,
        line_search_fn="strong_wolfe",
    )
