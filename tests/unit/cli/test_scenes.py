"""Scenes from the shell: stills and clips, judged by what is in the files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from stylecam import cli
from stylecam.control.scene_file import scenes_json
from stylecam.control.scenes import Scene
from stylecam.core.mix import StyleMix
from stylecam.core.params import STRENGTH, RenderParams
from stylecam.effects.mirror import MIRROR
from stylecam.effects.posterize import POSTERIZE
from stylecam.engines import select as registry
from stylecam.media.images import read_srgb
from stylecam.packs.store import save_pack
from tests.fakes import FakeEngine, gradient, tiny_pack
from tests.unit.capture.clips import write_clip
from tests.unit.outputs.clips import read_clip

PACK = tiny_pack()
PHOTO = gradient(48, 64)
GREY = np.full((48, 64, 3), 120, np.uint8)
A = Scene.of(RenderParams(StyleMix({"starry_night": 1.0, "rembrandt": 0.5})), "Waves", pack="studio")
B = Scene.of(RenderParams(StyleMix({"senecio": 1.0}), {STRENGTH: 0.5, POSTERIZE: 0.5, MIRROR: True}), "Paris", "everything")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory: a pack, a photo, a clip of a second, the user's scenes and a file of them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STYLECAM_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(registry, "open_engine", lambda pack, name, **options: FakeEngine(PACK.config))
    save_pack(PACK, Path("tiny"))
    write_clip(Path("photo.mkv"), [GREY] * 26, codec="ffv1")
    (tmp_path / "home" / "data").mkdir(parents=True)
    (tmp_path / "home" / "data" / "scenes.json").write_text(json.dumps(scenes_json({1: A, 4: B})))
    Path("show.json").write_text(json.dumps(scenes_json({2: B, 3: A})))
    import cv2

    cv2.imwrite("photo.png", PHOTO[..., ::-1])
    return tmp_path


def run(*arguments: str) -> int:
    """Run the program with the small pack."""
    return cli.main([arguments[0], "--pack", "./tiny", *arguments[1:]])


def expected(mix: str, photo: np.ndarray) -> np.ndarray:
    """Return the photo as the fake engine stylizes it."""
    return FakeEngine(PACK.config).stylize(photo, PACK.scale_shift(StyleMix.parse(mix)))[0]


def test_a_still_in_a_scene(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By name, with what the pack lacks said; an option that is given beside it wins over the scene's."""
    assert run("still", "photo.png", "-o", "a.png", "--scene", "waves") == 0
    assert np.array_equal(read_srgb(Path("a.png")), expected("starry_night", PHOTO))
    assert "Scene 'Waves' is shown without rembrandt, of the pack studio" in capsys.readouterr().err
    assert run("still", "photo.png", "-o", "b.png", "--scene", "show.json", "--strength", "1", "--posterize", "0") == 0
    assert np.array_equal(read_srgb(Path("b.png")), expected("senecio", PHOTO))
    assert "'show.json' holds 2 scenes; the first, Paris, is used: name another as in 'show.json#Waves'" in capsys.readouterr().err


def test_a_still_takes_one_way_of_saying_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A style and a scene together are refused, and so is a scene that is not there."""
    assert run("still", "photo.png", "-o", "a.png", "--scene", "waves", "--style", "senecio") == 2
    assert "not allowed with" in capsys.readouterr().err
    assert run("still", "photo.png", "-o", "a.png", "--scene", "Wavs") == 2
    assert "Did you mean Waves" in capsys.readouterr().err


def images(path: str) -> np.ndarray:
    """Return the frames of a clip."""
    return np.stack(read_clip(Path(path)).images).astype(int)


@pytest.mark.slow
def test_a_clip_turns_from_one_scene_into_another(folder: Path) -> None:
    """First and last frames equal those of the plain scenes, all between differ; twice the same, byte for byte."""
    whole = ("--strength", "1", "--posterize", "0")
    for name, *scenes in (("a.mp4", "--scene", "1"), ("b.mp4", "--scene", "Paris"), ("ab.mp4", "--scenes", "Waves@0,Paris@0.8")):
        assert run("video", "photo.mkv", "-o", name, *scenes, *whole) == 0
    assert run("video", "photo.mkv", "-o", "again.mp4", "--scenes", "1@0,show.json#paris@0.8", *whole) == 0
    a, b, ab = images("a.mp4"), images("b.mp4"), images("ab.mp4")
    assert np.abs(ab[0] - a[0]).mean() < 2
    assert np.abs(ab[-1] - b[-1]).mean() < 2
    assert np.abs(a[-1] - b[-1]).mean() > 5
    assert len({int(image.mean()) for image in ab}) > 10
    assert np.array_equal(images("again.mp4"), ab)


def test_a_cut_in_a_clip(folder: Path) -> None:
    """With --fade 0 the scene changes from one frame to the next, also with temporal smoothing."""
    options = ("--fade", "0", "--strength", "1", "--posterize", "0", "--calm")
    assert run("video", "photo.mkv", "-o", "cut.mp4", "--scenes", "1@0,4@0.5", *options) == 0
    clip = read_clip(Path("cut.mp4"))
    number = next(number for number, seconds in enumerate(clip.times) if seconds >= 0.5)
    cut = images("cut.mp4")
    assert np.abs(cut[number - 1] - expected("starry_night", GREY)).mean() < 3
    assert np.abs(cut[number] - expected("senecio", GREY)).mean() < 3


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "scenes that you kept"),
        (("--style", "senecio", "--fade", "1"), "--fade goes with --scenes"),
        (("--scenes", "Waves"), "names no scene and time"),
        (("--scenes", "1@2,2@1"), "There is no scene '2'"),
        (("--scenes", "1@2,4@1"), "each later than the one before"),
        (("--scenes", "1@0", "--fade", "30"), "from 0 to 20"),
    ],
)
def test_a_slip_is_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], says: str) -> None:
    """Before anything is opened."""
    assert run("video", "photo.mkv", "-o", "out.mp4", *options) == 2
    assert says in capsys.readouterr().err
    assert not Path("out.mp4").exists()
