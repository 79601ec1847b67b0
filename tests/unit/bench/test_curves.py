"""Reference curves are kept, reused, and give honest counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from stylecam.bench.quality import measure as quality
from stylecam.bench.quality import pairs
from stylecam.bench.quality.lbfgs_reference import Curve, curve_name, read_curve
from stylecam.bench.quality.pairs import PairScore, equivalents_text, fixed_pairs, measure_pairs
from stylecam.core.paths import shipped
from tests.fakes import tiny_pack

VGG = shipped("weights", "vgg16", "vgg16_imagenet_fp16.safetensors")
CURVE = Curve(Path(), "c", (3.0, 2.0, 2.5, 1.0, 0.5), 0)


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Folders of two photos and of the tiny pack's style images, all of 48 px."""
    monkeypatch.setattr(quality, "SIZE_PX", 48)
    monkeypatch.setattr(quality, "STYLE_SIZE_PX", 48)
    names = [f"photos/{name}" for name in "ab"] + [f"paintings/{style}" for style in tiny_pack().style_ids]
    for seed, name in enumerate(names):
        path = tmp_path / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        noise = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), np.uint8)
        Image.fromarray(noise).resize((60, 60), Image.Resampling.BICUBIC).save(path)
    return tmp_path / "photos", tmp_path / "paintings"


def test_equivalents_are_counted_on_the_best_so_far() -> None:
    """The first evaluation at or below the objective counts; beyond the curve or the limit there is only a lower bound."""
    assert CURVE.equivalents(3.5) == (1, True)
    assert CURVE.equivalents(2.2) == (2, True)
    assert CURVE.equivalents(0.5) == (5, True)
    assert CURVE.equivalents(0.4) == (5, False)
    assert CURVE.equivalents(0.5, limit=3) == (3, False)
    assert CURVE.suffices(0.6, 150)
    assert not CURVE.suffices(0.4, 150)
    assert CURVE.suffices(0.4, 5)


def test_a_median_of_bounds_is_a_bound() -> None:
    """A run that did not get there makes the median ">N" only where its true count could change it."""
    assert equivalents_text([(20, True), (30, True)]) == 25
    assert equivalents_text([(150, False), (150, False)]) == ">150"
    assert equivalents_text([(20, True), (30, True), (150, False)]) == 30
    assert equivalents_text([(20, False), (30, True), (40, True)]) == ">30"


def test_pairs_are_fixed() -> None:
    """Every style twice with different photos, photos cycled; the first pair of each style comes first; full is all pairs."""
    chosen = fixed_pairs(32, 12)
    assert len(set(chosen)) == 64
    assert [style for style, _ in chosen[:32]] == list(range(32))
    assert {photo for _, photo in chosen} == set(range(12))
    assert len(set(fixed_pairs(3, 4, full=True))) == 12


def test_a_curve_belongs_to_its_files_contents(folders: tuple[Path, Path]) -> None:
    """Another photo under the same name has another curve."""
    photo, style_image = folders[0] / "a.png", folders[1] / "senecio.png"
    before = curve_name(photo, style_image, VGG, 48, 48, 3, "photo")
    assert before == curve_name(photo, style_image, VGG, 48, 48, 3, "photo") != curve_name(photo, style_image, VGG, 64, 48, 3, "photo")
    assert before != curve_name(photo, style_image, VGG, 48, 48, 3, "noise")
    photo.write_bytes((folders[0] / "b.png").read_bytes())
    assert curve_name(photo, style_image, VGG, 48, 48, 3, "photo") != before


def test_a_stopped_measurement_loses_no_finished_pair(folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in the second pair's run, the first pair's curve is there; the next measurement computes only the others, which descend."""
    started: list[str] = []
    compute = pairs.compute_curve

    def watched(folder: Path, name: str, *arguments: object, **options: object) -> object:
        started.append(name)
        return compute(folder, name, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pairs, "compute_curve", watched)
    curves = tmp_path / "curves"
    photos = sorted(folders[0].iterdir())[:1]
    pack = tiny_pack(("starry_night", "great_wave"))
    run = measure_pairs(pack, photos, folders[1], VGG, curves, evaluations=5)
    while len(started) < 2:
        next(run)
    run.close()
    assert [path.stem for path in curves.glob("*.json")] == started[:1]

    first = started.pop(0)
    started.clear()
    scores = [report for report in measure_pairs(pack, photos, folders[1], VGG, curves, evaluations=5) if isinstance(report, PairScore)]
    assert len(scores) == 2
    assert first not in started
    assert len(started) == 1
    for path in curves.glob("*.json"):
        curve = read_curve(curves, path.stem)
        assert curve is not None
        assert min(curve.losses) < curve.losses[0]
    for score in scores:
        assert 1 <= score.evaluations <= 5
        assert score.checker_excess > 0
        assert score.border_ratio > 0
        assert -1 <= score.saturated <= 1


def test_a_damaged_curve_is_made_again(tmp_path: Path) -> None:
    """A file cut off by a full disk counts as not there."""
    (tmp_path / "c.json").write_text('{"losses": [1.0, 0.')
    assert read_curve(tmp_path, "c") is None


def test_noise_is_another_start(folders: tuple[Path, Path], tmp_path: Path) -> None:
    """From noise the first loss is that of noise, far above the photo's, and the run descends from there."""
    photos, curves = sorted(folders[0].iterdir())[:1], tmp_path / "curves"
    firsts = {}
    for start in ("photo", "noise"):
        run = measure_pairs(tiny_pack(), photos, folders[1], VGG, curves, evaluations=4, start=start)
        score = next(report for report in run if isinstance(report, PairScore))
        run.close()
        assert min(score.curve.losses) < score.curve.losses[0]
        firsts[start] = score.curve.losses[0]
    assert firsts["noise"] > 1.2 * firsts["photo"]
