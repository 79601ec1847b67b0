"""The shell's options of the window: slips are said before anything is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from stylecam.cli import main


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--mix", "the_skream=1"], 2, "Did you mean the_scream"),
        (["--mix", "the_scream=much"], 2, "not a number"),
        (["--engine", "openvine"], 2, "Did you mean openvino"),
        (["--device", "intel-gqu"], 2, "Did you mean intel-gpu"),
        (["--device", "mps", "--engine", "onnx"], 2, "choose --engine torch"),
        (["--frames", "-3"], 2, "--frames"),
        (["--size", "5"], 2, "--size"),
        (["--hold-fps", "-1"], 2, "--hold-fps"),
        (["--camera-size", "720p"], 2, "write it like 1280x720@30"),
        (["--camera-size", "1x1"], 2, "No camera delivers 1x1@30"),
        (["--trace"], 2, "--stats"),
        (["--moves", "-1"], 2, "--moves"),
        (["--moves", "3"], 2, "--trace"),
        (["--no-window"], 2, "goes with --virtual-camera or --record"),
        (["--scene", "a", "--mix", "senecio"], 2, "give one of them"),
        (["--scene", "none.json"], 4, "cannot be read"),
        (["--scene", "Waves"], 2, "You have kept none yet"),
        (["--virtual-camera-size", "1x1"], 2, "Choose one of"),
        (["--fade", "21"], 2, "from 0 to 20 (s)"),
        (["--pack", "live33"], 3, "Did you mean live32"),
        (["--screenshot", "/no/such/folder/x.png"], 5, "create it first"),
        (["--stats", "/no/such/folder/x.json"], 5, "create it first"),
    ],
)
def test_a_slip_is_one_sentence(options: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code and sentence, no traceback, no window."""
    assert main(options) == code
    error = capsys.readouterr().err
    assert sentence in error
    assert len(error.splitlines()) == 1


def test_a_pack_of_the_last_time_that_is_gone_is_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qapp: object) -> None:
    """The window opens with the pack that ships and says so; settings of a run for an image are left alone."""
    from stylecam.app import settings
    from stylecam.gui import main as gui_main

    monkeypatch.setenv("STYLECAM_HOME", str(tmp_path))
    settings.save(settings.Settings(pack="gone"), tmp_path / "config")
    monkeypatch.setattr("stylecam.render.budget.ThreadBudget.apply", lambda self: None)  # it would hold for all tests
    jobs: list[gui_main.WindowJob] = []
    monkeypatch.setattr(gui_main, "run_window", lambda job: jobs.append(job) or 0)
    assert main([]) == 0
    assert jobs[0].pack_name == "live32"
    assert "gone" in jobs[0].notice
    assert main(["--screenshot", str(tmp_path / "x.png"), "--source", "pattern"]) == 0
    assert jobs[1].settings == settings.Settings()
    assert jobs[1].frames == 1
    assert jobs[1].save_settings(settings.Settings(source="x")) == ""
    assert settings.load(tmp_path / "config")[0].pack == "gone"
