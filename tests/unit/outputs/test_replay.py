"""The last seconds: kept within bounds, and saved as clips and loops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from stylecam.core.frame import Frame
from stylecam.core.recording_params import FORMAT, LOOP_FORMAT, SOUND
from stylecam.core.sound import SoundChunk, SoundTap
from stylecam.errors import OutputError
from stylecam.outputs.registry import SinkRequest
from stylecam.outputs.replay import Moment, Replay
from stylecam.outputs.save_moment import save_clip, save_loop
from tests.unit.outputs.clips import frame, grey, read_clip
from tests.unit.outputs.test_sound_recording import FLASHES_S, beeps, onsets
from tests.unit.outputs.test_sound_recording import SOUND as SOUND_FORMAT

_NS = 1_000_000_000


def request(folder: Path, values: dict[Any, Any] | None = None) -> SinkRequest:
    """Ask for files in this folder."""
    return SinkRequest(folder, ("senecio",), option=lambda param: (values or {}).get(param, param.default))


def test_the_oldest_frames_go(tmp_path: Path) -> None:
    """No more than the seconds that are to be kept, and no more than the memory that is to be used."""
    replay = Replay(seconds=2.0)
    for ms in range(0, 5000, 100):
        replay.write(frame(ms))
    moment = replay.moment()
    assert moment.seconds == pytest.approx(2.0, abs=0.11)
    assert moment.frames[-1][0] == 4900 * 1_000_000
    noise = np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8)
    replay = Replay(max_bytes=100_000)
    for ms in range(0, 5000, 100):
        replay.write(frame(ms, noise))
    assert 50_000 < replay.bytes <= 100_000
    replay.close()
    assert replay.bytes == 0
    assert replay.moment() == Moment(())


def test_half_a_minute_fits_into_its_memory() -> None:
    """The bound is what the docs promise: 150 MB with the sound, whatever frames look like."""
    replay = Replay()
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    for ms in range(0, 1000, 100):
        replay.write(frame(ms, noise))
    assert replay.bytes > 2_000_000  # so 30 seconds of it would not fit
    assert replay._max_bytes + 31 * 48_000 * 2 * 2 < 150_000_000


def test_the_last_seconds_become_a_clip_with_sound(tmp_path: Path) -> None:
    """Every frame that was kept, at its time, with the beeps at their flashes."""
    tap = SoundTap(SOUND_FORMAT)
    replay = Replay(lambda _: tap)
    sound = beeps(3.0)
    for number in range(75):
        time_ns = 5 * _NS + number * 40_000_000
        tap.put(SoundChunk(sound[number * 1920 : (number + 1) * 1920], time_ns))
        lit = any(at <= number / 25 + 0.001 < at + 0.06 for at in FLASHES_S)
        replay.write(Frame(grey(250 if lit else 20), number, time_ns, time_ns))
    (path,) = save_clip(replay.moment(), request(tmp_path, {SOUND: True}))
    assert len(read_clip(path).times) == 75
    lit_s, heard_s, seconds = onsets(path)
    assert len(lit_s) == 3
    assert heard_s == pytest.approx(lit_s, abs=0.01)
    assert seconds == pytest.approx(3.0, abs=0.03)
    (silent,) = save_clip(replay.moment().last(0.2), request(tmp_path, {SOUND: False, FORMAT: "png"}))
    assert len(list(silent.glob("*.png"))) == 6


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_the_last_seconds_become_a_loop(tmp_path: Path, kind: str) -> None:
    """A small image that moves for ever, at 12.5 frames per second at most, as long as the moment was."""
    replay = Replay()
    for ms in range(0, 1000, 40):
        image = grey(20, 640, 360)
        image[:, ms // 5 : ms // 5 + 40] = 250
        replay.write(frame(ms, image))
    path = save_loop(replay.moment(), request(tmp_path, {LOOP_FORMAT: kind}))
    assert path.suffix == f".{kind}"
    with PillowImage.open(path) as image:
        assert image.format == kind.upper()
        assert image.info["loop"] == 0
        assert image.size == (480, 270)
        shown_ms, bands = 0, []
        for at in range(image.n_frames):
            image.seek(at)
            image.load()
            shown_ms += image.info["duration"]
            bands.append(float(np.flatnonzero(np.asarray(image.convert("L"))[100] > 128).mean()))
    assert shown_ms == pytest.approx(1000, abs=50)
    assert len(bands) == 13
    np.testing.assert_allclose(np.diff(bands), 80 / 5 * 480 / 640, atol=1.5)


def test_a_loop_takes_the_end_of_a_moment() -> None:
    """Of the last half minute the last five seconds."""
    moment = Moment(tuple((ms * 1_000_000, b"") for ms in range(0, 20_000, 40)))
    assert moment.last(5.0).seconds == pytest.approx(5.0, abs=0.05)
    assert moment.last(5.0).frames[-1] == moment.frames[-1]


def test_nothing_kept_is_a_sentence(tmp_path: Path) -> None:
    """Which says what to switch on; no file is made."""
    for save in (save_clip, save_loop):
        with pytest.raises(OutputError, match="switch on 'Keep the last 30 seconds'"):
            save(Moment(()), request(tmp_path))
    assert list(tmp_path.iterdir()) == []
