"""Run by torchrun, or alone: `train full` on tiny material in float32, and what gradients and weights came out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from stylecam.cli import main
from stylecam.training import loop, precision

if __name__ == "__main__":
    folder, name, batch = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    torch.set_num_threads(1)
    precision.bf16_pays.cache_clear()
    precision.bf16_pays = lambda: False  # type: ignore[assignment] # two processes may measure differently, and bf16 has three digits
    seen: dict[str, torch.Tensor] = {}
    step = loop.Loop.step

    def watched(self: loop.Loop, photos: torch.Tensor) -> None:
        """Do a step, and keep the first gradients and the latest weights."""
        step(self, photos)
        for key, parameter in self.task.model.named_parameters():
            if parameter.grad is not None:
                seen.setdefault(f"first.{key}", parameter.grad.clone())
            seen[f"weights.{key}"] = parameter.detach().clone()

    loop.Loop.step = watched  # type: ignore[method-assign]
    words = ["--photos", f"{folder}/photos", "--styles", f"{folder}/styles", "--run", f"{folder}/run-{name}", "-o", f"{folder}/{name}"]
    numbers = ["--steps", "3", "--batch", batch, "--size", "32", "--style-size", "32", "--learning-rate", "1e-3", "--json"]
    numbers += ["--large-share", "0"]  # large batches are whole photos for each process, not a part of one process's
    code = main(["train", "full", *words, *numbers, "--loss-network", f"{folder}/loss_network.safetensors"])
    save_file({key: value.contiguous() for key, value in seen.items()}, folder / f"{name}-{os.environ.get('RANK', '0')}.st")
    sys.exit(code)
