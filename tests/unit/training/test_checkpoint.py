"""A checkpoint is whole or the one before it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from stylecam.errors import OutputError, TrainingError
from stylecam.training import checkpoint


def test_a_checkpoint_survives_the_disk(tmp_path: Path) -> None:
    """Tensors bit for bit, and the state."""
    tensors = {"a": torch.rand(3, 4), "b": torch.tensor(7.0)}
    checkpoint.save_checkpoint(tmp_path / "run" / "c.safetensors", tensors, {"step": 3, "curve": [[1.5, 2.5]]})
    read, state = checkpoint.load_checkpoint(tmp_path / "run" / "c.safetensors")
    assert state == {"step": 3, "curve": [[1.5, 2.5]]}
    assert all(torch.equal(read[name], tensors[name]) for name in tensors)
    assert [p.name for p in (tmp_path / "run").iterdir()] == ["c.safetensors"]


def test_a_failed_write_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk in the middle of writing is an OutputError, the old checkpoint still loads, and no debris stays."""
    path = tmp_path / "c.safetensors"
    checkpoint.save_checkpoint(path, {"a": torch.zeros(2)}, {"step": 1})

    def full(tensors: object, name: Path, metadata: object) -> None:
        name.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(OutputError, match="the disk is full"):
        checkpoint.save_checkpoint(path, {"a": torch.ones(2)}, {"step": 2})
    assert checkpoint.load_checkpoint(path)[1] == {"step": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["c.safetensors"]


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_checkpoint_is_a_sentence(tmp_path: Path, damage: bytes | None) -> None:
    """Empty, wrong or missing: say so and how to start again."""
    path = tmp_path / "c.safetensors"
    if damage is not None:
        path.write_bytes(damage)
    with pytest.raises(TrainingError, match="start the run again without --resume"):
        checkpoint.load_checkpoint(path)
