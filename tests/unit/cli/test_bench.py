"""`stylecam bench speed`: its options, and what it prints and writes."""

import json

import pytest

from stylecam.bench.app import imports
from stylecam.bench.speed import measure as speed
from stylecam.bench.speed.report import SpeedReport, SpeedRow
from stylecam.cli import main
from stylecam.core.progress import Progress
from stylecam.packs.library import PackLibrary
from tests.fakes import tiny_pack

ROW = SpeedRow("engine", "openvino", "f32", "tiny", 16, 12, 5.0, 6.0, 200.0, None)


@pytest.fixture
def measured(monkeypatch):
    """Answer without measuring; returns the options that were given."""
    given = {}

    def measure(pack, **options):
        given.update(options, pack=pack.name)
        yield Progress("speed", message="left out onnx: broken.")
        yield Progress("speed", 1, 1, message="16x12")
        yield SpeedReport({"cpu": "Pentium", "cores": 1}, [ROW], None, 100.0)

    monkeypatch.setattr(speed, "measure_speed", measure)
    monkeypatch.setattr(PackLibrary, "load", lambda self, name: tiny_pack(name=name))
    return given


def test_options_reach_the_bench(measured, tmp_path, capsys):
    """Sizes, rounds, threads, pack and peer are passed on; the table goes to stdout, messages to stderr, figures to the file."""
    file = tmp_path / "speed.json"
    options = ["--pack", "mine", "--sizes", "16x12, 8x20", "--rounds", "3", "--threads", "1", "--peer-python", "/p", "--json", str(file)]
    assert main(["bench", "speed", *options]) == 0
    assert measured["pack"] == "mine"
    assert measured["sizes"] == [(16, 12), (8, 20)]
    assert (measured["rounds"], measured["threads"], str(measured["peer_python"])) == (3, 1, "/p")
    out, err = capsys.readouterr()
    assert "| openvino | f32 | tiny | 16x12 | 5.0 ms | 6.0 ms | 200.0 |  |  |  |" in out
    assert err == "left out onnx: broken.\n"
    assert json.loads(file.read_text())["rows"][0]["ms_median"] == 5.0


def test_repeated_runs_give_their_medians(measured, capsys):
    """--repeat measures again and says over how many runs the medians are; none, or too many, are refused."""
    assert main(["bench", "speed", "--no-peer", "--repeat", "3"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Pentium, 1 cores; medians over 3 runs")
    assert err.splitlines()[1] == "run 2 of 3, left out onnx: broken."
    assert main(["bench", "speed", "--no-peer", "--repeat", "0"]) == 2


def test_full_takes_every_size_and_engine(measured):
    """--full goes from a small call to 4K with every precision, mixes and regions, and cannot be had together with --sizes."""
    assert main(["bench", "speed", "--no-peer", "--full"]) == 0
    assert (measured["full"], measured["engines"], measured["sizes"]) == (True, speed.FULL_ENGINES, speed.FULL_SIZES)
    assert main(["bench", "speed", "--no-peer"]) == 0
    assert (measured["full"], measured["engines"]) == (False, speed.ENGINES)
    assert main(["bench", "speed", "--full", "--sizes", "16x12"]) == 2


def test_the_table_is_drawn_too(measured, tmp_path):
    """--plot writes an SVG, and refuses a file that is there."""
    assert main(["bench", "speed", "--no-peer", "--plot", str(tmp_path / "speed.svg")]) == 0
    assert "openvino f32" in (tmp_path / "speed.svg").read_text()
    assert main(["bench", "speed", "--no-peer", "--plot", str(tmp_path / "speed.svg")]) == 5


def test_starts_are_measured(monkeypatch, tmp_path, capsys):
    """`bench import` prints a line per way to start and writes the figures."""
    monkeypatch.setattr(imports, "measure_start", lambda what: imports.Start(what, 0.25, {"numpy": 80.0}))
    assert main(["bench", "import", "--json", str(tmp_path / "starts.json")]) == 0
    assert "stylecam --help: 0.250 s; numpy 80 ms" in capsys.readouterr().out
    assert json.loads((tmp_path / "starts.json").read_text())[0]["seconds"] == 0.25


def test_missing_peer_is_said_once_unless_not_wanted(measured, capsys):
    """Without --peer-python a line says how to compare; --no-peer silences it."""
    main(["bench", "speed"])
    assert "name a python that has it with --peer-python" in capsys.readouterr().err
    main(["bench", "speed", "--no-peer"])
    assert "peer" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sizes", "640"], "'640' is no size"),
        (["--sizes", "0x480"], "'0x480' is no size"),
        (["--sizes", ""], "'' is no size"),
        (["--rounds", "0"], "0 rounds measure nothing"),
    ],
)
def test_wrong_options_are_refused_at_once(measured, capsys, options, message):
    """A size or a number of rounds that makes no sense ends with code 2 before anything is opened."""
    assert main(["bench", "speed", *options]) == 2
    assert message in capsys.readouterr().err
    assert measured == {}


def test_existing_file_is_not_overwritten_by_accident(measured, tmp_path, capsys):
    """An existing file of figures is refused before minutes are spent, and replaced with --force."""
    file = tmp_path / "speed.json"
    file.write_text("mine")
    assert main(["bench", "speed", "--no-peer", "--json", str(file)]) == 5
    assert measured == {}
    assert main(["bench", "speed", "--no-peer", "--json", str(file), "--force"]) == 0
    assert json.loads(file.read_text())["peak_rss_mb"] == 100.0
