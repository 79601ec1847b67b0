import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam import cli
from stylecam.core import process
from stylecam.core.mix import StyleMix
from stylecam.engines import select as registry
from stylecam.errors import EngineError
from stylecam.media.images import read_image
from stylecam.packs.store import save_pack
from tests.fakes import FakeEngine, gradient, tiny_pack

PACK = tiny_pack()
PHOTO = gradient()


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
    """Return the working directory: the pack `tiny`, `photo.png`, and a folder `in` of three files, one of them damaged."""
    monkeypatch.chdir(tmp_path)
    save_pack(PACK, Path("tiny"))
    Image.fromarray(PHOTO).save("photo.png")
    Path("in").mkdir()
    Image.fromarray(PHOTO).save("in/a.png")
    Path("in/b.png").write_bytes(b"damaged")
    Image.fromarray(PHOTO).save("in/c.png")
    return tmp_path


def _still(*arguments: str) -> int:
    return cli.main(["still", "--pack", "./tiny", *arguments])


def _painted(mix: str, *, raw: bool = False) -> np.ndarray:
    return FakeEngine(PACK.config).stylize(PHOTO, PACK.scale_shift(StyleMix.parse(mix), raw=raw))[0]


def test_stylizes_a_photo(folder: Path, engines: list[FakeEngine], capsys: pytest.CaptureFixture[str]) -> None:
    """The mix is stylized into the file; a line on stderr says so, stdout stays empty, the engine is closed."""
    assert _still("photo.png", "-o", "out.png", "--style", "starry_night=0.7,great_wave=0.3") == 0
    np.testing.assert_array_equal(read_image(Path("out.png")).image, _painted("starry_night=0.7,great_wave=0.3"))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("out.png: 32x24, ")
    assert engines[0].closed


def test_weights_are_normalised_unless_raw(folder: Path) -> None:
    """7:3 is the same as 0.7:0.3; with --raw it is not."""
    assert _still("photo.png", "-o", "a.png", "--style", "starry_night=7,great_wave=3") == 0
    assert _still("photo.png", "-o", "b.png", "--style", "starry_night=7,great_wave=3", "--raw") == 0
    np.testing.assert_array_equal(read_image(Path("a.png")).image, _painted("starry_night=0.7,great_wave=0.3"))
    np.testing.assert_array_equal(read_image(Path("b.png")).image, _painted("starry_night=7,great_wave=3", raw=True))


@pytest.mark.parametrize("options", [("--style", "starry_night=0,senecio=0"), ("--style", "senecio", "--strength", "0")])
def test_nothing_asked_for_is_the_photo(folder: Path, engines: list[FakeEngine], options: tuple[str, ...]) -> None:
    """All weights zero, or strength zero, gives the photo bit by bit, and no engine is opened for it."""
    assert _still("photo.png", "-o", "out.png", *options) == 0
    np.testing.assert_array_equal(read_image(Path("out.png")).image, PHOTO)
    assert engines == []


def test_strength_and_colour_reach_the_image(folder: Path) -> None:
    """--strength lets the photo shine through, --keep-color brings back its colours."""
    painted = _painted("senecio").astype(int)
    assert _still("photo.png", "-o", "half.png", "--style", "senecio", "--strength", "0.5") == 0
    assert np.abs(read_image(Path("half.png")).image - (painted + PHOTO) / 2).max() <= 1
    Image.fromarray(PHOTO).convert("L").save("grey.png")
    assert _still("grey.png", "-o", "colour.png", "--style", "senecio", "--keep-color", "1") == 0
    assert np.ptp(read_image(Path("colour.png")).image.astype(int), axis=2).max() <= 1


def test_size_is_the_longer_side(folder: Path, engines: list[FakeEngine]) -> None:
    """--size sets the longer side of what is stylized and saved."""
    assert _still("photo.png", "-o", "out.png", "--style", "senecio", "--size", "64") == 0
    assert engines[0].calls == [(48, 64, 3)]
    assert read_image(Path("out.png")).image.shape == (48, 64, 3)


def test_quality_fast_shows_the_network_half_the_size(folder: Path, engines: list[FakeEngine]) -> None:
    """What is saved has the photo's size; fine is what holds unless it is asked for, and what auto means here."""
    Image.fromarray(gradient(96, 128)).save("photo.png")
    for number, options in enumerate([("--quality", "fast"), (), ("--quality", "auto")]):
        assert _still("photo.png", "-o", f"{number}.png", "--style", "senecio", *options) == 0
        assert read_image(Path(f"{number}.png")).image.shape == (96, 128, 3)
    assert [engine.calls for engine in engines] == [[(48, 64, 3)], [(96, 128, 3)], [(96, 128, 3)]]
    assert _still("photo.png", "-o", "x.png", "--style", "senecio", "--quality", "finest") == 2


def test_folder_is_stylized_but_for_what_is_damaged(folder: Path, engines: list[FakeEngine], capsys: pytest.CaptureFixture[str]) -> None:
    """Those that cannot be read are named and counted and make the exit code 4; the rest is stylized, with one engine."""
    assert _still("in", "photo.png", "-o", "out", "--style", "senecio") == 4
    assert sorted(path.name for path in Path("out").iterdir()) == ["a_senecio.png", "c_senecio.png", "photo_senecio.png"]
    err = capsys.readouterr().err
    assert "stylecam: 'in/b.png' is not an image" in err
    assert err.endswith("stylecam: 1 of 4 images could not be stylized.\n")
    assert len(engines) == 1


def test_terminal_sees_how_far_a_folder_is(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal several images show one bar instead of a line each; failures are reported above it."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert _still("in", "-o", "out", "--style", "senecio") == 4
    err = capsys.readouterr().err
    assert "3/3" in err
    assert "stylecam: 'in/b.png' is not an image" in err
    assert "a_senecio.png" not in err


def test_single_damaged_image_is_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With one image there is nothing to count."""
    assert _still("in/b.png", "-o", "out.png", "--style", "senecio") == 4
    assert capsys.readouterr().err.count("\n") == 1
    assert not Path("out.png").exists()


def test_all_stylizes_every_style(folder: Path) -> None:
    """--all gives one file per style of the pack, each in that style alone."""
    assert _still("photo.png", "-o", "out", "--all") == 0
    assert sorted(path.name for path in Path("out").iterdir()) == sorted(f"photo_{style}.png" for style in PACK.style_ids)
    np.testing.assert_array_equal(read_image(Path("out/photo_great_wave.png")).image, _painted("great_wave"))


def test_streams(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image goes from standard input to standard output, in the format asked for; the messages do not mix with it."""
    stdin, stdout = io.TextIOWrapper(io.BytesIO(Path("photo.png").read_bytes())), io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdin", stdin)
    monkeypatch.setattr(sys, "stdout", stdout)
    assert _still("-", "-o", "-", "--style", "senecio", "--format", "tiff") == 0
    with Image.open(io.BytesIO(stdout.buffer.getvalue())) as file:  # type: ignore[attr-defined]
        assert file.format == "TIFF"
        np.testing.assert_array_equal(np.asarray(file), _painted("senecio"))


@pytest.mark.parametrize(("arguments", "words"), [(("-", "-o", "out.png"), "keyboard"), (("photo.png", "-o", "-"), "screen")])
def test_terminal_is_neither_an_image_nor_a_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    """Waiting for an image from the keyboard, or filling the screen with bytes, is refused with the right way."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert _still(*arguments, "--style", "senecio") in (4, 5)
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("photo.png", "-o", "out.png"), 2, "`stylecam pack info ./tiny` lists the styles"),
        (("photo.png", "-o", "out.png", "--style", "stary_night"), 2, "Did you mean starry_night?"),
        (("photo.png", "-o", "out.png", "--style", "senecio=1,great_wave=-1"), 2, "--raw"),
        (("photo.png", "-o", "out.png", "--style", "senecio=x"), 2, "'x'"),
        (("photo.png", "-o", "out.png", "--style", ""), 2, "without a name"),
        (("photo.png", "-o", "out.png", "--style", "senecio", "--strength", "1.5"), 2, "strength 1.5"),
        (("photo.png", "-o", "out.png", "--style", "senecio", "--keep-color", "nan"), 2, "keep-color nan"),
        (("photo.png", "-o", "out.png", "--style", "senecio", "--size", "0"), 2, "--size 0"),
        (("photo.png", "-o", "out.png", "--style", "senecio", "--size", "1000000"), 2, "--size 1000000"),
        (("photo.png", "-o", "out.xyz", "--style", "senecio"), 2, "does not end as images do"),
        (("photo.png", "-o", "out.png", "--style", "senecio", "--format", "bmp"), 2, "'bmp'"),
        (("photo.png", "-o", "out.png", "--all"), 2, "Several images"),
        (("nowhere.png", "-o", "out.png", "--style", "senecio"), 4, "no file or folder 'nowhere.png'"),
        (("photo.png", "-o", "nowhere/out.png", "--style", "senecio"), 5, "no folder 'nowhere'"),
        (("photo.png", "-o", "photo.png", "--style", "senecio"), 5, "use --force"),
        (("photo.png", "-o", "in/a.png", "--style", "senecio"), 5, "exists already"),
        (("photo.png", "-o", "out.png", "--style", "senecio", "--pack", "./nowhere"), 3, "nowhere"),
    ],
)
def test_every_refusal_is_one_sentence_before_the_engine_is_opened(
    folder: Path, engines: list[FakeEngine], capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, words: str
) -> None:
    """What cannot work is refused at once: one line, its exit code, no engine, no file, and the photo untouched."""
    before = sorted(path.name for path in folder.iterdir())
    assert _still(*arguments) == code
    err = capsys.readouterr().err
    assert err.startswith("stylecam: ")
    assert err.count("\n") == 1
    assert words in err
    assert engines == []
    assert sorted(path.name for path in folder.iterdir()) == before
    np.testing.assert_array_equal(read_image(Path("photo.png")).image, PHOTO)


def test_force_overwrites(folder: Path) -> None:
    """--force replaces what exists, the photo itself too."""
    assert _still("photo.png", "-o", "photo.png", "--style", "senecio", "--force") == 0
    np.testing.assert_array_equal(read_image(Path("photo.png")).image, _painted("senecio"))


def test_engine_that_fails_leaves_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """When the device fails in the middle, the sentence is shown, the engine closed, and nothing written."""
    engine = FakeEngine(PACK.config)

    def fail(*arguments: object, **options: object) -> None:
        raise EngineError("The device is gone.")

    monkeypatch.setattr(engine, "stylize", fail)
    monkeypatch.setattr(registry, "open_engine", lambda *arguments, **options: engine)
    assert _still("photo.png", "-o", "out.png", "--style", "senecio") == 6
    assert capsys.readouterr().err == "stylecam: The device is gone.\n"
    assert engine.closed
    assert not Path("out.png").exists()


def test_image_too_large_for_the_memory_is_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before the machine runs out of memory, the image is refused with what helps."""
    monkeypatch.setattr(process, "available_memory", lambda: 1000)
    assert _still("photo.png", "-o", "out.png", "--style", "senecio") == 4
    assert "GB of memory" in capsys.readouterr().err
    assert not Path("out.png").exists()


def test_options_reach_the_engine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--engine, --device and --precision are passed on as they are."""
    seen: list[tuple[object, ...]] = []

    def open_engine(pack: object, name: str, *, device: str, precision: str, **options: object) -> FakeEngine:
        seen.append((name, device, precision))
        return FakeEngine(PACK.config)

    monkeypatch.setattr(registry, "open_engine", open_engine)
    assert _still("photo.png", "-o", "out.png", "--style", "senecio", "--engine", "onnx", "--device", "directml", "--precision", "f32") == 0
    assert seen == [("onnx", "directml", "f32")]
