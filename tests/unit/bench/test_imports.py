"""How long the program takes to start."""

import pytest

from stylecam.bench.app import imports
from stylecam.bench.app.imports import measure_start
from stylecam.errors import EngineError


def test_a_start_is_timed_and_its_packages_named(monkeypatch):
    """The time is of the whole process; the modules that are imported stand in the list with their own time."""
    monkeypatch.setitem(imports.STARTS, "a start", ("-c", "import stylecam.core.mix, numpy"))
    monkeypatch.setattr(imports, "_REPEATS", 1)
    start = measure_start("a start", slowest=3)
    assert 0.01 < start.seconds < 60
    assert "numpy" in start.slowest_ms
    assert len(start.slowest_ms) == 3


def test_a_start_that_fails_is_reported(monkeypatch):
    """With the program's own last line."""
    monkeypatch.setitem(imports.STARTS, "a start", ("-c", "raise SystemExit('no such thing')"))
    with pytest.raises(EngineError, match="exit code 1: no such thing"):
        measure_start("a start")
