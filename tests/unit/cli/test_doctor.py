"""`stylecam doctor`: one report, and an exit code that scripts can use."""

import json

import pytest

from stylecam.app.doctor import diagnostics
from stylecam.cli import main

ENGINE = {"name": "onnx", "error": "", "device": "CPU", "precision": "f32", "note": "", "start_s": 0.3, "frame_ms": 20.0}


@pytest.fixture(params=[True, False], ids=["works", "broken"])
def working(request, monkeypatch):
    """Let the one engine of the report work, or not."""
    engine = ENGINE if request.param else {"name": "onnx", "error": "It is broken."}
    monkeypatch.setattr(diagnostics, "check_engine", lambda *_: engine)
    monkeypatch.setattr(diagnostics, "device_report", lambda _: [{"device": "mps", "engine": "torch", "needs": "a Mac", "error": "no."}])
    return request.param


def test_report_and_exit_code(working, capsys):
    """All sections are printed; the exit code is 0 if an engine works, else 6."""
    assert main(["doctor"]) == (0 if working else 6)
    out, err = capsys.readouterr()
    for section in ("machine", "packs", "engines", "devices", "recording", "folders"):
        assert f"{section}\n" in out
    assert ("onnx: works" in out) == working
    assert ("onnx: DOES NOT WORK. It is broken." in out) != working
    assert err == ""


def test_json_is_all_that_is_printed(working, capsys):
    """--json prints one object for programs, with the same exit code."""
    assert main(["doctor", "--json"]) == (0 if working else 6)
    report = json.loads(capsys.readouterr().out)
    assert report.keys() == {"machine", "packs", "engines", "devices", "recording", "virtual camera", "folders"}
