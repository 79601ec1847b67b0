import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from stylecam import cli
from stylecam.core.mix import StyleMix
from stylecam.core.progress import Progress
from stylecam.engines import select as registry
from stylecam.engines.base import Image
from stylecam.errors import EngineError
from stylecam.packs.store import save_pack
from tests.fakes import FakeEngine, tiny_pack
from tests.unit.capture.clips import write_clip
from tests.unit.offline.make_clips import make_clip
from tests.unit.outputs.clips import read_clip, starts_with_its_index

PACK = tiny_pack()


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[FakeEngine]:
    """Let `open_engine` give fake engines; return the list of those opened."""
    opened: list[FakeEngine] = []

    def open_engine(pack: object, name: str, **options: object) -> FakeEngine:
        opened.append(FakeEngine(PACK.config))
        return opened[-1]

    monkeypatch.setattr(registry, "open_engine", open_engine)
    return opened


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engines: list[FakeEngine]) -> Path:
    """Return the working directory: the pack `tiny`, `clip.mp4`, and a folder `in` of three files, one of them damaged."""
    monkeypatch.chdir(tmp_path)
    save_pack(PACK, Path("tiny"))
    make_clip(Path("clip.mp4"), range(0, 400, 40), sound_ms=400)
    Path("in").mkdir()
    make_clip(Path("in/a.mov"), [0, 40], sound=None)
    Path("in/b.mp4").write_bytes(b"damaged")
    make_clip(Path("in/c.mkv"), [0, 40, 80], sound=None)
    return tmp_path


def _video(*arguments: str) -> int:
    return cli.main(["video", "--pack", "./tiny", *arguments])


def test_stylizes_a_clip(folder: Path, engines: list[FakeEngine], capsys: pytest.CaptureFixture[str]) -> None:
    """Every frame is stylized with the mix; a line on stderr says so, stdout stays empty, the engine is closed."""
    assert _video("clip.mp4", "-o", "out.mp4", "--style", "starry_night=7,great_wave=3") == 0
    before, after = read_clip(Path("clip.mp4")), read_clip(Path("out.mp4"))
    assert after.times == pytest.approx(before.times)
    assert [data for _, data in after.sound] == [data for _, data in before.sound]
    painted = FakeEngine(PACK.config).stylize(before.images[5], PACK.scale_shift(StyleMix.parse("starry_night=0.7,great_wave=0.3")))[0]
    assert np.median(np.abs(after.images[5].astype(int) - painted.astype(int))) < 4
    assert starts_with_its_index(Path("out.mp4"))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("out.mp4: 10 frames, ")
    assert engines[0].closed


def test_calm_keeps_the_painting_where_nothing_moves(folder: Path) -> None:
    """A clip of a wall with a camera's noise: most of the flicker is gone, and the painting is the same one. Off unless asked for."""
    rng = np.random.default_rng(0)
    wall = np.linspace(60, 180, 64)[None, :, None] * np.ones((48, 1, 3))
    write_clip(Path("wall.mkv"), [(wall + rng.normal(0, 3, wall.shape)).round().astype(np.uint8) for _ in range(20)], codec="ffv1")
    for name, *options in (("plain.mp4",), ("calm.mp4", "--calm")):
        assert _video("wall.mkv", "-o", name, "--style", "senecio", *options) == 0
    plain, calm = (np.stack(read_clip(Path(name)).images).astype(int) for name in ("plain.mp4", "calm.mp4"))
    assert np.abs(np.diff(calm[-6:], axis=0)).mean() < 0.4 * np.abs(np.diff(plain[-6:], axis=0)).mean()
    assert np.abs(calm[-1] - plain.mean(0)).mean() < 4


def test_stable_carries_the_stylized_image_along(folder: Path) -> None:
    """A clip of a textured wall with a camera's noise: most of the flicker is gone, and nothing but the two choices is taken."""
    rng = np.random.default_rng(0)
    wall = np.kron(rng.integers(40, 200, (6, 8, 3)), np.ones((8, 8, 1)))
    write_clip(Path("wall.mkv"), [(wall + rng.normal(0, 3, wall.shape)).round().astype(np.uint8) for _ in range(8)], codec="ffv1")
    for name, *options in (("plain.mp4",), ("stable.mp4", "--stable", "best")):
        assert _video("wall.mkv", "-o", name, "--style", "senecio", *options) == 0
    plain, stable = (np.stack(read_clip(Path(name)).images).astype(int) for name in ("plain.mp4", "stable.mp4"))
    assert np.abs(np.diff(stable[-4:], axis=0)).mean() < 0.5 * np.abs(np.diff(plain[-4:], axis=0)).mean()
    assert _video("wall.mkv", "-o", "x.mp4", "--style", "senecio", "--stable", "good") == 2


def test_quality_fast_shows_the_network_half_the_size(folder: Path, engines: list[FakeEngine]) -> None:
    """The clip keeps its size; the statistics of an earlier frame can be used as in the window."""
    write_clip(Path("wide.mkv"), [np.full((96, 128, 3), 90, np.uint8)] * 3, codec="ffv1")
    assert _video("wide.mkv", "-o", "out.mp4", "--style", "senecio", "--quality", "fast", "--steady") == 0
    assert engines[0].calls == [(48, 64, 3)] * 3
    assert read_clip(Path("out.mp4")).images[0].shape == (96, 128, 3)


def test_a_plain_clip_needs_no_engine(folder: Path, engines: list[FakeEngine]) -> None:
    """Strength zero gives the clip itself."""
    assert _video("clip.mp4", "-o", "out.mp4", "--style", "senecio", "--strength", "0") == 0
    assert len(read_clip(Path("out.mp4")).times) == 10
    assert engines == []


def test_the_size_is_the_longer_side(folder: Path, engines: list[FakeEngine]) -> None:
    """It is stylized and saved at that size."""
    assert _video("clip.mp4", "-o", "out.mp4", "--style", "senecio", "--size", "32") == 0
    assert set(engines[0].calls) == {(24, 32, 3)}


def test_a_folder_of_clips(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each goes into the output folder under its name and style; one that is damaged is reported and does not stop the rest."""
    assert _video("in", "clip.mp4", "-o", "out", "--style", "senecio") == 4
    assert sorted(path.name for path in Path("out").iterdir()) == ["a_senecio.mp4", "c_senecio.mp4", "clip_senecio.mp4"]
    err = capsys.readouterr().err
    assert "stylecam: 'in/b.mp4' cannot be read as a clip" in err
    assert err.endswith("stylecam: 1 of 4 clips could not be stylized.\n")


def test_a_screen_gets_a_bar_with_rate_and_time_left(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal each clip has a bar: how far, how long yet, how fast."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TQDM_MININTERVAL", "0")
    assert _video("clip.mp4", "in/c.mkv", "-o", "out", "--style", "senecio") == 0
    err = capsys.readouterr().err
    assert "1/2 clip.mp4" in err
    assert "2/2 c.mkv" in err
    assert "10/10 [" in err
    assert "frame/s]" in err


def test_progress_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line per frame and one at the end, for other programs."""
    assert _video("clip.mp4", "-o", "out.mp4", "--style", "senecio", "--json") == 0
    reports = [Progress.from_json(line) for line in capsys.readouterr().out.splitlines()]
    assert [(report.stage, report.step) for report in reports] == [*(("video", step) for step in range(1, 11)), ("done", 10)]
    assert reports[-1].files == {"video": "out.mp4"}
    assert json.loads(reports[0].to_json())["total"] == 10


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_a_clip_that_plays(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The clip is finished under its name with what was stylized; a sentence says that it is not all, the exit code that it was stopped."""
    stylize, calls, before = FakeEngine.stylize, iter(range(100)), signal.getsignal(number)

    def stylize_and_press(self: FakeEngine, image: Image, *args: object, **options: object) -> object:
        if next(calls) == 3:
            os.kill(os.getpid(), number)
        return stylize(self, image, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(FakeEngine, "stylize", stylize_and_press)
    assert _video("clip.mp4", "-o", "out.mp4", "--style", "senecio") == 130
    assert "stopped; 'out.mp4' plays, but holds only 4 of 10 frames." in capsys.readouterr().err
    assert len(read_clip(Path("out.mp4")).times) == 4
    assert not list(folder.glob("*part*"))
    assert signal.getsignal(number) is before


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("clip.mp4", "-o", "out.mp4"), 2, "Say which style"),
        (("clip.mp4", "-o", "out.mp4", "--style", "stary_night"), 2, "Did you mean starry_night?"),
        (("clip.mp4", "-o", "out.mp4", "--style", "senecio", "--size", "3"), 2, "--size 3 is out of range"),
        (("clip.mp4", "-o", "out.avi", "--style", "senecio"), 2, "does not end as clips do"),
        (("in", "-o", "out.mp4", "--style", "senecio"), 2, "Several clips cannot go into one file"),
        (("none.mp4", "-o", "out.mp4", "--style", "senecio"), 4, "There is no file or folder 'none.mp4'"),
        (("tiny", "-o", "out", "--style", "senecio"), 4, "holds no clips"),
        (("in/b.mp4", "-o", "out.mp4", "--style", "senecio"), 4, "cannot be read as a clip"),
        (("clip.mp4", "-o", "clip.mp4", "--style", "senecio", "--force"), 5, "is the clip to be stylized itself"),
        (("clip.mp4", "-o", "in/c.mp4/x.mp4", "--style", "senecio"), 5, "there is no folder"),
        (("clip.mp4", "in/../clip.mp4", "-o", "out", "--style", "senecio"), 2, "would both be written to"),
        (("clip.mp4", "-o", "clip.mp4/x/", "--style", "senecio"), 5, "is a file, but the results need a folder"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    folder: Path, engines: list[FakeEngine], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    """What, why, what next, and an exit code; nothing is written."""
    assert _video(*arguments) == code
    err = capsys.readouterr().err
    assert sentence in err
    assert err.startswith("stylecam: ")
    assert err.count("\n") == 1
    assert not Path("out.mp4").exists()


def test_nothing_is_overwritten_without_force(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An existing result is kept, and refused before anything is stylized."""
    Path("out.mp4").write_bytes(b"mine")
    assert _video("clip.mp4", "-o", "out.mp4", "--style", "senecio") == 5
    assert Path("out.mp4").read_bytes() == b"mine"
    assert "use --force" in capsys.readouterr().err
    assert _video("clip.mp4", "-o", "out.mp4", "--style", "senecio", "--force") == 0
    assert len(read_clip(Path("out.mp4")).times) == 10


def test_an_engine_that_fails_ends_the_batch(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The other clips would fail as well."""

    def gone(self: FakeEngine, *args: object, **options: object) -> object:
        raise EngineError("The device is gone.")

    monkeypatch.setattr(FakeEngine, "stylize", gone)
    assert _video("in/a.mov", "clip.mp4", "-o", "out", "--style", "senecio") == 6
    assert capsys.readouterr().err == "stylecam: The device is gone.\n"
    assert not Path("out").exists()
