"""Flicker: what changes though nothing moved, for us and for the baseline."""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from stylecam.bench.peer import clips as peer_clips
from stylecam.bench.quality import flicker
from stylecam.bench.quality.flicker import FlickerReport, flicker_of, measure_flicker, smoothed
from stylecam.bench.quality.motion import Clip, synthetic_clips
from stylecam.bench.quality.true_flow import true_pairs
from stylecam.cli import main
from stylecam.errors import InputError, UsageError
from tests.fakes import FakeEngine, gradient, tiny_pack
from tests.unit.capture.clips import write_clip

CHILD = """
import sys
import numpy as np
frames = np.load(sys.argv[1])
for style in range(2):
    np.save(sys.argv[2], 255 - frames if style else frames // 2)
    print(style, flush=True)
    sys.stdin.readline()
"""


def photo(seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Return soft blotches."""
    noise = np.random.default_rng(seed).integers(0, 256, (20, 30, 3), np.uint8)
    return cv2.resize(noise, (120, 80), interpolation=cv2.INTER_CUBIC)


def clip(frames: int = 4) -> Clip:
    """A pan over a photo, without noise."""
    return synthetic_clips([gradient(60, 90)], 48, 32, frames, noise=0)[0]


def test_a_style_that_follows_the_motion_does_not_flicker() -> None:
    """Exchanging colours, however wild, does not flicker; a texture that stays behind while the photo moves is not."""
    moving = clip()
    following, change = flicker_of(moving, [255 - frame for frame in moving.frames])
    texture = np.random.default_rng(0).integers(0, 60, moving.frames[0].shape)
    stuck, _ = flicker_of(moving, [np.asarray((frame.astype(int) // 2 + texture).clip(0, 255), np.uint8) for frame in moving.frames])
    assert following < 0.05
    assert stuck > 5 * following
    assert 0 < change < 1


def test_doing_little_is_no_excuse() -> None:
    """Flicker counts in relation to how much was stylized at all."""
    moving = clip()
    rng = np.random.default_rng(0)
    noise = [rng.normal(0, 4, frame.shape) for frame in moving.frames]
    faint, _ = flicker_of(moving, [np.asarray((f + n).clip(0, 255), np.uint8) for f, n in zip(moving.frames, noise, strict=True)])
    bold, _ = flicker_of(moving, [np.asarray((255 - f + n).clip(0, 255), np.uint8) for f, n in zip(moving.frames, noise, strict=True)])
    assert faint > 5 * bold


def test_smoothing_keeps_a_part_of_the_frame_before() -> None:
    """As the baseline's video command does it."""
    images = [np.full((1, 1, 3), value, np.uint8) for value in (0, 100, 100)]
    assert [int(image[0, 0, 0]) for image in smoothed(images, 0.5)] == [0, 50, 75]


def test_temporal_smoothing_is_measured_as_the_window_does_it() -> None:
    """A still camera with noise: the stylized clip hardly changes any more. The first frame is as stylized."""
    still = synthetic_clips([gradient(60, 90)], 48, 32, 8)[3]
    stylized = [np.asarray(255 - frame, np.uint8) for frame in still.frames]
    smooth = flicker.temporally_smoothed(still.frames, stylized)
    np.testing.assert_array_equal(smooth[0], stylized[0])
    assert flicker_of(still, smooth)[0] < 0.5 * flicker_of(still, stylized)[0]


def test_styles_and_the_peer_are_compared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A row per style, the baseline's plain and smoothed; medians, the ratio, and all of it as JSON."""
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    monkeypatch.setattr(peer_clips, "_SCRIPT", script)
    pack = tiny_pack()
    *progress, report = measure_flicker(pack, FakeEngine(pack.config), [clip()], peer_python=Path(sys.executable))
    assert isinstance(report, FlickerReport)
    ours = [(what, style) for what in ("pack", "pack, smoothed") for style in pack.style_ids]
    assert [(row.what, row.style) for row in report.rows[: len(ours) + 1]] == [*ours, ("peer", "peer 00")]
    assert report.median.keys() == {"pack", "pack, smoothed", "peer", "peer, smoothed"}
    assert report.ratio == pytest.approx(report.median["pack"] / report.median["peer"], abs=0.01)
    assert len(progress) == len(pack.style_ids) + 1
    assert json.loads(json.dumps(report.to_json()))["clips"] == ["pan"]


def test_a_python_without_the_baseline_is_reported(tmp_path: Path) -> None:
    """With its own last line."""
    with pytest.raises(UsageError, match="styletransfer"):
        list(peer_clips.stylize_with_peer(Path(sys.executable), np.zeros((1, 4, 4, 3), np.uint8), tmp_path))
    with pytest.raises(UsageError, match="cannot be started"):
        list(peer_clips.stylize_with_peer(tmp_path / "python", np.zeros((1, 4, 4, 3), np.uint8), tmp_path))


def test_the_command_prints_a_table_and_writes_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The shipped pack, one style, tiny frames."""
    command = ["bench", "flicker", "--styles", "senecio", "--size", "64x48", "--frames", "3", "--json", str(tmp_path / "f.json")]
    assert main(command) == 0
    assert "senecio" in capsys.readouterr().out
    figures = json.loads((tmp_path / "f.json").read_text())
    assert figures["clips"] == ["pan", "zoom", "layers", "exposure", "demo"]
    assert 0 < figures["rows"][0]["flicker"] < 2


@pytest.mark.parametrize("wrong", [["--size", "320"], ["--frames", "2"], ["--styles", "nobody"]])
def test_wrong_options_are_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and a sentence."""
    assert main(["bench", "flicker", *wrong]) == 2
    assert capsys.readouterr().err


def test_the_peers_script_needs_nothing_of_ours() -> None:
    """It runs where stylecam is not installed."""
    imports = [line for line in peer_clips._SCRIPT.read_text().splitlines() if line.startswith(("import", "from"))]
    assert imports
    assert "stylecam" not in "".join(imports)
    assert flicker.PEER_SMOOTHING == 0.5


def test_results_of_other_methods_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A clip that was stylized before is compared with its own: one that is another all over in every frame flickers more than a copy."""
    frames = [np.roll(photo(0)[:48, :64], 2 * t, 1) for t in range(5)]
    rng = np.random.default_rng(0)
    boiling = [(frame // 2 + rng.integers(0, 80, frame.shape, np.uint8)).astype(np.uint8) for frame in frames]
    for name, images in (("clip", frames), ("still", [255 - frame for frame in frames]), ("boiling", boiling)):
        write_clip(tmp_path / f"{name}.mp4", images)
    options = ["--clip", str(tmp_path / "clip.mp4"), "--result", str(tmp_path / "still.mp4"), "--result", str(tmp_path / "boiling.mp4")]
    assert main(["bench", "flicker", *options, "--size", "64x48", "--frames", "5", "--json", str(tmp_path / "f.json")]) == 0
    still, boils = (row["flicker"] for row in json.loads((tmp_path / "f.json").read_text()))
    assert boils > 2 * still
    assert "still.mp4" in capsys.readouterr().out
    assert main(["bench", "flicker", "--result", "x.mp4"]) == 2
    assert "--clip" in capsys.readouterr().err


def test_pairs_with_true_flow(tmp_path: Path) -> None:
    """A pair is read as two frames whose known flow leads back; a file that is cut short is refused, and so is an empty folder."""
    before, now = photo(1)[:40, :60], photo(1)[:40, 3:63]
    Image.fromarray(now).save(tmp_path / "a_img0.png")
    Image.fromarray(before).save(tmp_path / "a_img1.png")
    flow = np.broadcast_to(np.float32([3, 0]), (40, 60, 2))
    (tmp_path / "a_flow.flo").write_bytes(struct.pack("<fii", 202021.25, 60, 40) + flow.astype("<f4").tobytes())
    (clip,) = true_pairs(tmp_path)
    assert clip.name == "a"
    assert clip.visible[0][:, :56].all()
    assert not clip.visible[0][:, 57:].any()
    np.testing.assert_array_equal(clip.flows[0], flow)
    (tmp_path / "a_flow.flo").write_bytes(b"PIEH")
    with pytest.raises(InputError, match="cut short"):
        true_pairs(tmp_path)
    with pytest.raises(InputError, match="no pairs"):
        true_pairs(tmp_path / "nowhere")
