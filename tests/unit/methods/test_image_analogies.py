"""Image analogies: filters are found from one pair, in the order of scan lines, coherently; commands refuse in a sentence."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from stylecam.cli import main
from stylecam.core.paths import shipped
from stylecam.media.images import read_srgb
from stylecam.methods import image_analogies
from stylecam.methods.color_transfer import luminance
from stylecam.methods.image_analogies import AnalogyConfig, _Level, _Planes, analogy, smoothed

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def photo(name: str = "coffee.jpg", side: int = 64) -> Pixels:
    """Return a small photo."""
    return cv2.resize(read_srgb(shipped("assets", "photos", name)), (side, side - 8), interpolation=cv2.INTER_AREA)


def made(a: Pixels, a_prime: Pixels, b: Pixels, **options: float) -> Pixels:
    """Return the finished B'."""
    *_, (_, image) = analogy(a, a_prime, b, AnalogyConfig(**options))  # type: ignore[arg-type]
    assert image is not None
    return image


def test_nothing_done_to_a_does_nothing_to_b() -> None:
    """Where A' is A and B too, B' is nearly B, but for its border."""
    a = photo(side=64)
    assert np.abs(made(a, a, a, kappa=0, levels=2).astype(float) - a)[8:-8, 8:-8].mean() < 2


def test_a_frame_is_not_taken_along() -> None:
    """A dark frame around A', as scans of style images have, does not frame B'."""
    a = photo(side=80)
    framed = cv2.copyMakeBorder(a[2:-2, 2:-2], 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    b = np.full((40, 40, 3), 200, np.uint8)
    assert made(framed, framed, b, levels=1)[0].mean() > 150


def test_filters_are_found() -> None:
    """From a photo and its blurred copy, another photo is blurred; from one and its negative, another becomes a negative."""
    a, b = photo(side=112), photo("chelsea.jpg", 48)
    blurred = cv2.GaussianBlur(b, (0, 0), 2).astype(float)
    found = made(a, cv2.GaussianBlur(a, (0, 0), 2), b, kappa=0).astype(float)
    assert np.abs(found - blurred).mean() < 0.8 * np.abs(b - blurred).mean()
    negative = made(a, 255 - a, b, kappa=0)
    assert np.corrcoef(luminance(negative).ravel(), luminance(255 - b).ravel())[0, 1] > 0.85


def level(kappa: float) -> _Level:
    """Return a level without coarser ones, of a style image and a photo."""
    style = read_srgb(shipped("assets", "paintings", "starry_night.jpg"))[200:248, 300:348, :1].astype(np.float32) / 255
    b = photo(side=40)[..., :1].astype(np.float32) / 255
    return _Level(_Planes(cv2.GaussianBlur(style, (0, 0), 2)[..., None], style, b, 1.0), None, kappa)


def test_diagonals_are_scan_lines() -> None:
    """Pixels that are made together come out as they do one by one, line by line."""
    together, alone = level(2), level(2)
    assert [*together.fill()][-1] == 40 * 32
    for pixel in range(40 * 32):
        alone._make(np.array([pixel]))
    np.testing.assert_array_equal(together.sources, alone.sources)


def test_coherence_beats_chance_and_grows_with_kappa() -> None:
    """Chosen places fit far better than random ones; with kappa, more pixels continue their left neighbour."""
    shares, costs = [], []
    for kappa in (0.0, 10.0):
        made_level = level(kappa)
        list(made_level.fill())
        sources = made_level.sources.reshape(32, 40)
        shares.append((np.diff(sources, axis=1) == 1).mean())
        wanted = np.array([made_level._known + image_analogies.causal(made_level.result, np.arange(1280)) @ made_level._causal_axes])[0]
        wanted -= made_level._causal_mean @ made_level._causal_axes
        costs.append(((made_level._features[made_level.sources] - wanted) ** 2).sum(1).mean())
        chance = np.random.default_rng(0).permutation(made_level._features)[:1280]
        assert costs[-1] < (0.3 if kappa == 0 else 0.5) * ((chance - wanted) ** 2).sum(1).mean()
    assert shares[1] > 2 * shares[0]
    assert costs[1] < (1 + 10) * costs[0]  # the price that kappa allows


def test_light_and_contrast_of_the_pair_do_not_matter() -> None:
    """A pair that is darker and flatter gives nearly the same result: its light is remapped to B's."""
    a, b = photo(side=64), photo("chelsea.jpg", 32)
    dark = (a * 0.5 + 30).astype(np.uint8)
    plain, remapped = made(a, a, b).astype(float), made(dark, dark, b).astype(float)
    assert np.median(np.abs(plain - remapped)) <= 2  # a few pixels choose otherwise


def test_texture_by_numbers() -> None:
    """From a map of two colours and two textures, a new map is filled with the same textures, each in its place."""
    a = np.zeros((40, 40, 3), np.uint8)
    a[:, 20:] = (255, 0, 0)
    stripes, checks = (np.arange(40) % 4 < 2)[:, None, None], (np.indices((40, 40)).sum(0) % 6 < 3)[..., None]
    warm, cold = np.where(stripes, (250, 180, 160), (200, 150, 150)), np.where(checks, (0, 0, 90), (20, 60, 60))
    a_prime = np.where(a[..., :1] > 0, warm, cold).astype(np.uint8)
    b = np.zeros((24, 30, 3), np.uint8)
    b[12:] = (255, 0, 0)
    image = made(a, a_prime, b, numbers=True, levels=2)
    assert {tuple(pixel) for pixel in image.reshape(-1, 3)} <= {tuple(pixel) for pixel in a_prime.reshape(-1, 3)}
    assert (image[14:] >= 150).mean() > 0.95
    assert (image[:10] < 100).mean() > 0.95


def test_smoothed_keeps_edges() -> None:
    """Fine strokes go, a strong edge stays."""
    image = np.zeros((32, 32, 3), np.uint8)
    image[:, 16:] = 200
    image[::2] += 20
    flat = smoothed(image, 4).astype(int)
    assert flat[8:24, :12].std() < 2
    assert flat[16, 20, 0] - flat[16, 11, 0] > 180


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory with a pair and an image."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(photo(side=40)).save("a.png")
    Image.fromarray(255 - photo(side=40)).save("a2.png")
    Image.fromarray(photo("chelsea.jpg", 32)).save("b.png")
    return tmp_path


def test_the_command(folder: Path) -> None:
    """It writes B' at B's size, or at the one asked for, and overwrites nothing."""
    assert main(["analogy", "a.png", "a2.png", "b.png", "-o", "o.png"]) == 0
    assert read_srgb(Path("o.png")).shape == (24, 32, 3)
    assert main(["analogy", "a.png", "a2.png", "b.png", "-o", "o.png"]) == 5
    assert main(["analogy", "a.png", "a.png", "b.png", "-o", "s.png", "--size", "48", "--blur", "2", "--numbers"]) == 0
    assert read_srgb(Path("s.png")).shape == (36, 48, 3)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("a.png", "b.png", "b.png"), 4, "same size"),
        (("a.png", "nowhere.png", "b.png"), 4, "nowhere.png"),
        (("a.png", "a2.png", "b.png", "--kappa", "-1"), 2, "--kappa -1"),
        (("a.png", "a2.png", "b.png", "--levels", "0"), 2, "--levels 0"),
        (("a.png", "a2.png", "b.png", "--pair-size", "5"), 2, "--pair-size 5"),
        (("a.png", "a2.png", "b.png", "--blur", "99"), 2, "--blur 99"),
    ],
)
def test_refusals_are_sentences(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, words: str
) -> None:
    """What cannot work is refused in one line, with its exit code and no file."""
    assert main(["analogy", *arguments, "-o", "o.png"]) == code
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not Path("o.png").exists()


def test_too_little_memory_is_said_before(monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before minutes of work, with what would help."""
    monkeypatch.setattr(image_analogies, "available_memory", lambda: 1000)
    assert main(["analogy", "a.png", "a2.png", "b.png", "-o", "o.png"]) == 4
    assert "smaller --size" in capsys.readouterr().err


def test_ctrl_c_keeps_the_coarser_level(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Stopped in the second level, the first one is written at full size, and said to be that."""
    begun: list[int] = []
    fill = _Level.fill

    def stopping(self: _Level) -> object:
        begun.append(1)
        if len(begun) == 2:
            raise KeyboardInterrupt
        yield from fill(self)

    monkeypatch.setattr(_Level, "fill", stopping)
    assert main(["analogy", "a.png", "a2.png", "b.png", "-o", "o.png", "--levels", "2"]) == 130
    assert "level 1 of 2" in capsys.readouterr().err
    assert read_srgb(Path("o.png")).shape == (24, 32, 3)
