"""Checkpoints: all that is needed to go on, as tensors and JSON, written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from stylecam.core.atomic_io import written_whole
from stylecam.errors import OutputError, TrainingError


def save_checkpoint(path: Path, tensors: dict[str, Tensor], state: dict[str, Any]) -> None:
    """Write tensors and JSON state into one file; a crash leaves the old file or the new one.

    Raises:
        OutputError: it cannot be written, as on a full disk.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path, force=True) as temporary:
            save_file({name: value.detach().cpu().contiguous() for name, value in tensors.items()}, temporary, {"state": json.dumps(state)})
    except (OSError, SafetensorError) as error:
        raise OutputError(f"The checkpoint '{path}' cannot be written ({error}); free some space or choose another folder.") from error


def load_checkpoint(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `save_checkpoint` wrote.

    Raises:
        TrainingError: there is none, or it is damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            state: dict[str, Any] = json.loads(file.metadata()["state"])
            return {name: file.get_tensor(name) for name in names}, state
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise TrainingError(f"The checkpoint '{path}' cannot be read ({error}); start the run again without --resume.") from error
