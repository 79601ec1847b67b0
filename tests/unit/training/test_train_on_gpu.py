"""The script for rented GPUs plans within its time, keeps what it has, and says in a sentence what is wrong."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from stylecam.bench.speed.training import TrainingReport, measure_training
from stylecam.packs.store import load_pack
from stylecam.training.data.dataset import PhotoFolder
from stylecam.training.tasks.identity import IdentityConfig

REPORT = TrainingReport({}, "f32", "cpu", 1, 32, 1, {}, 50.0, 1.0, None)


@pytest.fixture
def script(repository: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with the smallest settings."""
    torch.set_num_threads(1)
    spec = importlib.util.spec_from_file_location("train_on_gpu", repository / "scripts" / "train_on_gpu.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "CONFIG", replace(module.CONFIG, style_size_px=48, report_every=1, precision="f32"))
    monkeypatch.setattr(module, "IDENTITY", IdentityConfig(steps=1, batch=1, size_px=32))
    monkeypatch.setattr(module, "measure_training", lambda job, steps, plain: iter([REPORT]))
    return module


@pytest.fixture
def material(tmp_path: Path) -> Path:
    """Eight photos and two style images."""
    rng = np.random.default_rng(0)
    for kind, count in (("photos", 8), ("styles", 2)):
        (tmp_path / kind).mkdir()
        for i in range(count):
            Image.fromarray(rng.integers(0, 255, (400, 500, 3), np.uint8)).save(tmp_path / kind / f"{i}.png")
    return tmp_path


def _train(script: ModuleType, material: Path, *more: str) -> int:
    words = f"train --photos {material}/photos --styles {material}/styles -o {material}/pack --batch 1 --size 32"
    return int(script.main([*words.split(), *more]))


def test_gathered_photos_are_small_and_within_the_limit(script: ModuleType, material: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Copies have a short side of 288 pixels, fill no more than asked, and a broken photo is left out."""
    (material / "photos" / "broken.jpg").write_bytes(b"no photo")
    command = ["gather", "--photos", str(material / "photos"), "-o", str(material / "small")]
    assert script.main([*command, "--mib", "0.5"]) == 0
    copies = list((material / "small").iterdir())
    assert 2 <= len(copies) < 8
    assert sum(copy.stat().st_size for copy in copies) <= 2**19
    with Image.open(copies[0]) as copy:
        assert min(copy.size) == 288
    assert PhotoFolder(material / "small", 32, 0).sample(0).shape == (3, 32, 32)
    assert script.main(command) == 2
    assert "not empty" in capsys.readouterr().err


def test_steps_fill_the_time_less_the_reserve(script: ModuleType) -> None:
    """25 minutes at 50 ms are 27,600 steps; a machine that manages a handful is refused."""
    assert script.plan_steps(0.05, 25 * 60) == 27_600
    with pytest.raises(script.UsageError, match="more --minutes"):
        script.plan_steps(5.0, 25 * 60)


def test_too_little_memory_halves_the_batch(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of memory at 16 and 8, it goes on with 4; when not even one image fits, that is a sentence."""
    config = script.CONFIG
    seen: list[int] = []

    def measure(job: Any, steps: int, plain: int) -> Iterator[TrainingReport]:
        seen.append(job.config.batch)
        if job.config.batch > limit:
            raise torch.OutOfMemoryError("CUDA out of memory")
        yield REPORT

    monkeypatch.setattr(script, "measure_training", measure)
    job = script.TrainJob(config, None, None, (), None, None, None, "", "", "")
    limit = 4
    fitted, seconds = script.fitting(job)
    assert (seen, fitted.config.batch, seconds) == ([16, 8, 4], 4, 0.05)
    limit = 0
    with pytest.raises(script.UsageError, match="memory"):
        script.fitting(job)


def test_a_run_writes_a_pack_with_its_identity_row(
    script: ModuleType, material: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Timed, planned, trained, fitted: the pack's recipe tells both stages."""
    monkeypatch.setattr(script, "TIMED_STEPS", 1)
    monkeypatch.setattr(script, "measure_training", measure_training)
    monkeypatch.setattr(script, "plan_steps", lambda step_s, left_s: 2)
    assert _train(script, material, "--cpu") == 0
    stages = load_pack(material / "pack").recipe["stages"]
    assert [stage["steps_done"] for stage in stages] == [2, 1]
    assert "identity row" in capsys.readouterr().out
    assert _train(script, material, "--cpu") == 2
    assert "already exists" in capsys.readouterr().err


def test_at_the_deadline_the_pack_is_kept(script: ModuleType, material: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that turned slow: training stops at the first report after the deadline and writes what it has."""
    monkeypatch.setattr(script, "plan_steps", lambda step_s, left_s: 100_000)
    begun = time.monotonic()
    assert _train(script, material, "--cpu", "--minutes", "0.001") == 0
    assert time.monotonic() - begun < 60
    assert load_pack(material / "pack").recipe["stages"][0]["steps_done"] == 1


def test_without_a_gpu_it_says_so(
    script: ModuleType, material: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody rents a GPU to train on its processor by mistake; missing photos are a sentence as well."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert _train(script, material) == 2
    assert "finds no GPU" in capsys.readouterr().err
    assert not (material / "pack").exists()
    assert script.main(["gather", "--photos", str(material / "styles" / "none"), "-o", str(material / "x")]) == 2
    assert "no photo" in capsys.readouterr().err
