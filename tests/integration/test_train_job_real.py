"""The Train dialog's job with the real trainer: it reports, is stopped and kept, goes on, and what it made can be painted with."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from stylecam.app.child_job import DONE, STOPPED
from stylecam.app.training.job import TrainJob
from stylecam.app.training.runs import TrainRequest, new_run
from stylecam.core import paths
from stylecam.core.mix import StyleMix
from stylecam.packs.ops import overlay
from stylecam.packs.store import load_pack, save_pack
from tests.fakes import tiny_pack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def until(condition: Callable[[], object], timeout_s: float = 200.0) -> None:
    """Wait for the trainer."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_the_real_trainer_is_followed_stopped_and_gone_on_with(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports with a loss come; a stop keeps a style that works with the pack's network; resuming ends it, and the time paused is free."""
    command = [sys.executable, "-m", "stylecam", "train", "add-style", "--help"]
    told = subprocess.run(command, capture_output=True, text=True, cwd=repository, check=False)
    if "--until-stdin-closes" not in told.stdout:
        pytest.skip("this version has no `train add-style --until-stdin-closes`")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    save_pack(tiny_pack(), tmp_path / "tiny")
    photo = repository / "assets" / "photos" / "chelsea.jpg"
    request = TrainRequest("my_cat", "My cat", "Me", str(tmp_path / "tiny"), minutes=0.15, stroke_scale=0.3)
    run = new_run(request, photo)
    first = TrainJob(run)
    try:
        until(lambda: first.status().curve or first.status().is_over)
        assert not first.status().is_over, first.status().problem
        first.pause()
        time.sleep(10)  # more than the whole time that it has
        assert not first.status().is_over
        first.resume()
        first.stop()
        until(lambda: first.status().is_over)
    finally:
        first.close(60.0)
    assert (first.status().state, first.status().problem) == (STOPPED, "")
    pack = overlay(tiny_pack(), load_pack(paths.user_packs() / "my_cat.stylepack", trunk=tiny_pack()))
    assert np.isfinite(pack.scale_shift(StyleMix({"my_cat": 1.0}))).all()
    assert pack.styles[-1].title == "My cat"
    second = TrainJob(run)
    try:
        until(lambda: second.status().is_over)
    finally:
        second.close(60.0)
    assert (second.status().state, second.status().problem) == (DONE, "")
    assert second.status().curve[0][0] > first.status().curve[-1][0] - 1
    assert Path(second.status().files["preview"]).is_file()
