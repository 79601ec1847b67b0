"""The bench of training times every part of a real step and writes nothing but its figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from stylecam.bench.speed.training import TrainingReport, markdown_table
from stylecam.cli import main

REPORT = TrainingReport({}, "bfloat16", "cpu", 4, 256, 20, {"wait for photos": 1.0, "forward": 99.0}, 100.0, 30.0, 450.0)


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """Two style images, two photos, crops of 32 pixels."""
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    for kind in ("photos", "paintings"):
        (tmp_path / kind).mkdir()
        for i in range(2):
            Image.fromarray(rng.integers(0, 255, (64, 64, 3), np.uint8)).save(tmp_path / kind / f"{i}.png")
    words = f"bench training --photos {tmp_path}/photos --styles {tmp_path}/paintings --batch 1 --size 32 --steps 2 --plain-steps 1"
    return words.split()


def test_every_part_is_timed(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Parts are positive and add up to no more than the whole step; the ratio is that of the two loops; no pack appears."""
    assert main([*command, "--json", str(tmp_path / "figures.json")]) == 0
    data = json.loads((tmp_path / "figures.json").read_text())
    assert list(data["parts_ms"]) == ["wait for photos", "forward", "loss network", "backward", "optimizer"]
    assert min(data["parts_ms"].values()) > 0
    assert data["ratio"] == pytest.approx(data["plain_ms"] / data["step_ms"])
    assert data["loader_ms"] > 0
    assert "| whole step |" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures.json", "paintings", "photos"]


def test_temporal_loss_and_no_plain_loop(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the temporal consistency loss its part is listed; without the plain loop no ratio is claimed."""
    assert main([*command, "--plain-steps", "0", "--calm"]) == 0
    out = capsys.readouterr().out
    assert "| calm |" in out
    assert "plain" not in out


def test_the_table_says_shares_and_the_ratio() -> None:
    """450 ms against 100 ms is 4.5 times."""
    table = markdown_table(REPORT)
    assert "| forward | 99.0 ms | 99% |" in table
    assert "4.5 times" in table


def test_nothing_to_time_is_a_slip(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Zero steps measure nothing."""
    assert main([*command, "--steps", "0"]) == 2
    assert "At least one step" in capsys.readouterr().err
