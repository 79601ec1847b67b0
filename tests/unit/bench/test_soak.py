"""The soak: what it calls a miss, and a short one of the real window."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stylecam.bench.app import soak as app_soak
from stylecam.bench.app.soak import SoakReport, soak, summarise
from stylecam.bench.app.soak_material import write_packs
from stylecam.cli import main
from stylecam.core.progress import Progress
from stylecam.errors import EngineError
from stylecam.packs.library import load_pack

SOUND = {
    "rss_mb": 400.0, "threads": 11.0, "handles": 9.0, "oldest_frames": 2.0, "late": 5.0, "exceptions": 0.0, "frames": 500.0, "fps": 20.0
}  # fmt: skip


def reports(last: dict[str, float] | None = None, *, rests: int = 8, message: str = "") -> list[Progress]:
    """Return the reports of a run: a minute of work and two reports of a rest, again and again; the last rest and the end have `last`."""
    found = []
    for rest in range(rests):
        values = {**SOUND, **(last or {} if rest == rests - 1 else {}), "rests": float(rest)}
        begun = 70.0 * rest
        found.append(Progress("busy", 0, 0, begun, {**values, "rss_mb": 500.0 + rest}))
        found += [Progress("rest", 0, 0, begun + 60 + i, {**values, "threads": values["threads"] + 3 * i}) for i in range(2)]
    return [*found, Progress("end", 0, 0, 70.0 * rests, {**SOUND, **(last or {}), "rests": float(rests)}, message=message)]


def test_a_sound_run_misses_nothing() -> None:
    """Threads that are just ending at a rest are not counted; windows are told one by one."""
    report = summarise(reports(), seed=7)
    assert report.misses == ()
    assert (report.rss_mb, report.threads, report.handles, report.rests) == ((400.0, 400.0), (11, 11), (9, 9), 8)
    assert report.windows_mb == tuple(500.0 + rest for rest in range(8))
    assert json.loads(json.dumps(report.to_json()))["seed"] == 7
    assert "oldest frame" in str(report)


@pytest.mark.parametrize(
    ("last", "miss"),
    [
        ({"threads": 12.0}, "1 more threads"),
        ({"handles": 11.0}, "2 more open files"),
        ({"oldest_frames": 4.0}, "4 frames old"),
        ({"late": 6.0}, "6 of 500 frames were drawn late"),
        ({"exceptions": 1.0}, "1 exceptions, the last: ValueError"),
    ],
)
def test_each_limit_bites(last: dict[str, float], miss: str) -> None:
    """One thread, file, late frame or exception is a miss, and the sentence says which."""
    (found,) = summarise(reports(last, message="ValueError")).misses
    assert miss in found


def test_memory_that_grows_is_a_miss() -> None:
    """By more than three percent between the thirds of the rests after warm-up; what grows in warming up does not count."""
    grown = [Progress(r.stage, 0, 0, r.seconds, {**r.values, "rss_mb": 400 + r.values["rests"] * 5}) for r in reports()]
    assert any("memory changed by +" in miss for miss in summarise(grown).misses)
    warmed = [Progress(r.stage, 0, 0, r.seconds, {**r.values, "rss_mb": 300.0 if r.seconds < 100 else 400.0}) for r in reports()]
    assert summarise(warmed).misses == ()


def test_a_run_that_is_too_short_compares_nothing() -> None:
    """Rather than dividing what is not there."""
    with pytest.raises(EngineError, match="too few"):
        summarise(reports(rests=1))


def test_the_packs_of_a_soak_are_two_kinds(tmp_path: Path) -> None:
    """One has the network of the pack, the other an engine of its own."""
    pack = load_pack("live32")
    few, other = map(load_pack, write_packs(pack, tmp_path))
    assert few.network == pack.network != other.network
    assert set(few.style_ids) < set(pack.style_ids)


def test_the_command_fails_with_what_was_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The report is printed and written, the sentence says what does not hold, and the exit code is not zero."""
    found: list[SoakReport] = [summarise(reports(), 5)]
    monkeypatch.setattr(app_soak, "soak", lambda minutes, seed, pack: iter([Progress("rest", values={**SOUND, "rests": 0.0}), *found]))
    assert main(["bench", "soak", "--minutes", "1", "--seed", "5", "--json", str(tmp_path / "soak.json")]) == 0
    assert json.loads((tmp_path / "soak.json").read_text())["misses"] == []
    found[0] = summarise(reports({"handles": 11.0}))
    assert main(["bench", "soak", "--minutes", "1"]) == 1
    out, err = capsys.readouterr()
    assert "open files" in out
    assert "The soak failed: 2 more open files at the end." in err
    assert main(["bench", "soak", "--minutes", "0"]) == 2


@pytest.mark.slow
def test_the_real_window_stands_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of source, packs, recordings and controls at random: nothing is raised, left open or late. Memory warms up for longer."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    run: Iterator[Progress | SoakReport] = soak(0.5, 3, pack="live32", change_s=3.0, changes_per_rest=3)
    *progress, report = run
    assert isinstance(report, SoakReport)
    assert [miss for miss in report.misses if not miss.startswith("memory")] == []
    assert report.frames > 50
    assert {item.stage for item in progress if isinstance(item, Progress)} >= {"busy", "rest", "end"}
