"""Clips by optimisation: strokes stay on what moves, further passes go on from what there is, and a stop keeps complete frames."""

from __future__ import annotations

import signal
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from stylecam.cli import main
from stylecam.core.paths import loss_network
from stylecam.errors import UsageError
from stylecam.media.flow import warp
from stylecam.methods import optimization, video_optimization
from stylecam.methods.optimization import GatysConfig
from stylecam.methods.temporal_targets import FrameStore
from stylecam.methods.video_optimization import ClipConfig, _neighbours, stylize_frames, temporal_loss
from stylecam.perceptual.vgg import LossNetwork
from tests.unit.capture.clips import write_clip
from tests.unit.outputs.clips import read_clip

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
MOVE = 2


def texture(seed: int, height: int, width: int) -> Pixels:
    """Return soft blotches with something to see everywhere."""
    noise = np.random.default_rng(seed).integers(0, 256, (height // 4, width // 4, 3), np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def pan(count: int = 3) -> list[Pixels]:
    """Return a pan by whole pixels."""
    wide = texture(0, 32, 64)
    return [np.ascontiguousarray(wide[:, MOVE * t : MOVE * t + 40]) for t in range(count)]


def config(**options: float) -> ClipConfig:
    """Return one of few iterations on few layers."""
    gatys = GatysConfig(4, content_layers={"relu2_1": 1.0}, style_layers={"relu1_1": 1.0, "relu2_1": 1.0}, style_size_px=32)
    return ClipConfig(gatys=gatys, iterations=3, **options)  # type: ignore[arg-type]


def stylized(folder: Path, how: ClipConfig) -> list[Pixels]:
    """Return the frames of the pan stylized."""
    folder.mkdir()
    store = FrameStore(folder)
    for frame in pan():
        store.add_photo(frame)
    reports = list(stylize_frames(store, texture(1, 48, 48), loss_network(), how))
    assert (reports[-1].step, reports[-1].total) == (3 * how.passes, 3 * how.passes)
    return [store.result(index) for index in range(store.results)]


def flicker(frames: list[Pixels]) -> float:
    """Return how far each frame is from the one before, moved."""
    here, there = np.s_[6:-6, 6 : -6 - MOVE], np.s_[6:-6, 6 + MOVE : -6]
    return float(np.mean([np.abs(b[here].astype(float) - a[there]).mean() for a, b in pairwise(frames)]))


def test_the_temporal_loss_is_a_weighted_mean_of_squares() -> None:
    """Two warped frames, one of which counts in a quarter of the image."""
    x, weights = torch.full((1, 3, 4, 4), 0.5), torch.zeros(4, 4)
    weights[:2, :2] = 1
    found = [(torch.full((1, 3, 4, 4), 0.4), torch.ones(4, 4)), (torch.zeros(1, 3, 4, 4), weights)]
    assert float(temporal_loss(x, found)) == pytest.approx(0.01 + 0.25 / 4)
    assert float(temporal_loss(x, [])) == 0


@pytest.mark.slow
def test_the_temporal_loss_holds_strokes(tmp_path: Path) -> None:
    """With a strong temporal weight a pan flickers less than without; each frame is stylized, none a mere copy of the photo."""
    free, held = (stylized(tmp_path / str(weight), config(temporal_weight=weight)) for weight in (0.0, 3000.0))
    assert flicker(held) < 0.8 * flicker(free)
    for frame, photo in zip(held, pan(), strict=True):
        assert np.abs(frame.astype(float) - photo).mean() > 5


@pytest.mark.slow
def test_the_first_frame_is_made_alone_and_others_begin_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame begins with the one before, warped; one that shows another scene begins alone again."""
    begun: list[Pixels] = []
    descend = video_optimization.descend

    def noted(loss: object, start: torch.Tensor, count: int) -> object:
        begun.append((start[0] * 255).round().byte().permute(1, 2, 0).numpy())
        return descend(loss, start, count)  # type: ignore[arg-type]

    monkeypatch.setattr(video_optimization, "descend", noted)
    frames = stylized(tmp_path / "a", config())
    assert len(begun) == 2
    back = np.broadcast_to(np.float32([MOVE, 0]), (32, 40, 2))
    assert np.abs(begun[0].astype(float) - warp(frames[0], back))[8:-8, 8:-8].mean() < 6
    store = FrameStore(tmp_path)
    store.add_photo(pan()[0])
    store.add_photo(texture(7, 32, 40))
    list(stylize_frames(store, texture(1, 48, 48), loss_network(), config()))
    assert len(begun) == 2


def test_passes_go_there_and_back() -> None:
    """Forwards the neighbours are earlier frames, backwards later ones, the nearest first, within the clip."""
    assert _neighbours(5, (1, 2, 4), 7, backwards=False) == [4, 3, 1]
    assert _neighbours(5, (1, 2, 4), 7, backwards=True) == [6]
    assert _neighbours(0, (1, 2, 4), 7, backwards=False) == []


@pytest.mark.slow
def test_large_frames_go_by_tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No frame is looked at as a whole beyond the size that is for stills, and nothing else comes out of it."""
    whole = stylized(tmp_path / "whole", config())
    seen, look = [], LossNetwork.__call__

    def noted(network: LossNetwork, x: torch.Tensor, layers: list[str]) -> dict[str, torch.Tensor]:
        seen.append(x.shape[-2] * x.shape[-1])
        return look(network, x, layers)

    monkeypatch.setattr(LossNetwork, "__call__", noted)
    monkeypatch.setattr(optimization, "_WHOLE_PX", 1000)
    monkeypatch.setattr(optimization, "_TILE_PX", 16)
    tiled = stylized(tmp_path / "tiled", config())
    assert max(seen) < 32 * 40
    assert np.abs(tiled[-1].astype(int) - whole[-1]).max() <= 3


@pytest.mark.slow
def test_a_second_pass_changes_the_first_frame(tmp_path: Path) -> None:
    """Backwards, the frames learn of what comes later."""
    one, two = (stylized(tmp_path / str(passes), config(passes=passes)) for passes in (1, 2))
    assert not np.array_equal(one[0], two[0])
    assert flicker(two) < 1.2 * flicker(one)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory with a clip and a style image."""
    monkeypatch.chdir(tmp_path)
    write_clip(Path("clip.mkv"), pan(), codec="ffv1")
    Image.fromarray(texture(1, 48, 48)).save("style.png")
    return tmp_path


COMMAND = ["video", "clip.mkv", "-o", "out.mp4", "--method", "optimization", "--style-image", "style.png", "--style-size", "32"]
COMMAND += ["--iterations", "2", "--first-iterations", "2"]


@pytest.mark.slow
def test_the_command_writes_a_clip(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every frame is there at its time, and a line says so."""
    assert main([*COMMAND]) == 0
    before, after = read_clip(Path("clip.mkv")), read_clip(Path("out.mp4"))
    assert after.times == pytest.approx(before.times)
    assert after.images[0].shape == (32, 40, 3)
    assert capsys.readouterr().err.startswith("out.mp4: 3 frames, ")
    assert main([*COMMAND]) == 5  # it is there already


@pytest.mark.slow
def test_ctrl_c_keeps_complete_frames(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in the third frame, the clip holds two and plays; before the first is complete, nothing is written."""
    targets = video_optimization.targets

    def stopping(store: FrameStore, index: int, others: list[int]) -> object:
        if index == stop_at:
            signal.raise_signal(signal.SIGINT)
        return targets(store, index, others)

    monkeypatch.setattr(video_optimization, "targets", stopping)
    stop_at = 0
    assert main([*COMMAND]) == 130
    assert "nothing was written" in capsys.readouterr().err
    assert not Path("out.mp4").exists()
    stop_at = 2
    assert main([*COMMAND]) == 130
    assert "2 of 3 frames" in capsys.readouterr().err
    assert len(read_clip(Path("out.mp4")).images) == 2


def test_ctrl_c_while_the_clip_is_read(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A long clip is not read to its end first; nothing is written."""
    add, added = FrameStore.add_photo, []

    def stopping(store: FrameStore, image: NDArray[np.uint8]) -> None:
        signal.raise_signal(signal.SIGINT)
        added.append(1)
        add(store, image)

    monkeypatch.setattr(FrameStore, "add_photo", stopping)
    assert main([*COMMAND]) == 130
    assert len(added) == 1
    assert "nothing was written" in capsys.readouterr().err
    assert not Path("out.mp4").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("clip.mkv", "--method", "optimization"), 2, "--style-image"),
        (("clip.mkv", "clip.mkv", "--method", "optimization", "--style-image", "style.png"), 2, "one clip"),
        (("clip.mkv", "--method", "optimization", "--style-image", "style.png", "--style", "senecio"), 2, "leave out --style"),
        (("clip.mkv", "--method", "optimization", "--style-image", "nowhere.png"), 4, "nowhere.png"),
        (("nowhere.mp4", "--method", "optimization", "--style-image", "style.png"), 4, "nowhere.mp4"),
        (("text.jpg", "--method", "optimization", "--style-image", "style.png"), 4, "no frame that can be decoded"),
        (("clip.mkv", "--method", "optimization", "--style-image", "style.png", "--passes", "0"), 2, "--passes 0"),
        (("clip.mkv", "--style-image", "style.png", "--style", "senecio"), 2, "--method optimization"),
        (("clip.mkv", "--method", "optimization", "--style-image", "style.png", "--calm"), 2, "--calm"),
    ],
)
def test_refusals_are_sentences(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, words: str
) -> None:
    """What cannot work is refused in one line, with its exit code and no file."""
    Path("text.jpg").write_text("no image")
    assert main(["video", *arguments, "-o", "o.mp4"]) == code
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
    assert not Path("o.mp4").exists()


@pytest.mark.parametrize("options", [{"iterations": 0}, {"temporal_weight": -1.0}, {"passes": 99}, {"references": (2, 1)}])
def test_what_cannot_work_is_refused(options: dict[str, object]) -> None:
    """By the configuration itself, for programs too."""
    with pytest.raises(UsageError):
        ClipConfig(**options)  # type: ignore[arg-type]
