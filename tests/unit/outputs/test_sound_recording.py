"""Sound in recordings: where it stands in the file, whatever clocks, devices and crashes do."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from stylecam.capture.sample_clock import SampleClock
from stylecam.core.frame import Frame
from stylecam.core.sound import SoundChunk, SoundFormat, SoundTap
from stylecam.outputs.clip_formats import CLIP_FORMATS
from stylecam.outputs.parts import finish_leftovers
from stylecam.outputs.recorder import Recorder
from stylecam.outputs.sound_track import Alignment
from tests.unit.outputs.clips import grey, read_clip

SOUND = SoundFormat(48_000, 1)
FLASHES_S = (0.6, 1.4, 2.4)
_NS = 1_000_000_000
_BEGIN_NS = 7 * _NS


def beeps(seconds: float) -> NDArray[np.int16]:
    """A tone of 60 ms at every flash, else silence, (n, 1)."""
    time = np.arange(round(seconds * SOUND.rate_hz)) / SOUND.rate_hz
    loud = np.any([(time >= at) & (time < at + 0.06) for at in FLASHES_S], axis=0)
    return (20_000 * np.sin(2 * np.pi * 1000 * time) * loud).astype(np.int16)[:, None]


def record(recorder: Recorder, tap: SoundTap, seconds: float, *, late_s: float = 0.1, silent_after_s: float = 99.0) -> None:
    """Record flashes and beeps: 25 frames a second that come `late_s` after their sound, which comes in chunks of 20 ms."""
    sound, fed = beeps(seconds), 0
    for number in range(round(seconds * 25)):
        now_s = number / 25 + late_s
        while fed < len(sound) and (fed + 960) / SOUND.rate_hz <= min(now_s, silent_after_s):
            tap.put(SoundChunk(sound[fed : fed + 960], _BEGIN_NS + fed * _NS // SOUND.rate_hz))
            fed += 960
        flash = any(at <= number / 25 + 0.001 < at + 0.06 for at in FLASHES_S)
        time_ns = _BEGIN_NS + number * 40_000_000
        recorder.write(Frame(grey(250 if flash else 20), number, time_ns, time_ns))


def onsets(path: Path) -> tuple[list[float], list[float], float]:
    """Return when flashes and beeps begin, in seconds, and how long the sound is."""
    flashes, samples, begins_s = [], [], None
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        for frame in container.decode(video, audio):
            if isinstance(frame, av.VideoFrame):
                flashes.append((float(frame.pts * video.time_base), frame.to_ndarray(format="gray").mean() > 128))
            else:
                begins_s = float(frame.pts * frame.time_base) if begins_s is None else begins_s
                values = frame.to_ndarray().astype(float)
                samples.append(values.reshape(-1) / (1 if np.abs(values).max() <= 1.5 else 32768))
                rate = frame.sample_rate
    assert begins_s is not None
    row = np.concatenate(samples)
    loud = np.abs(row) > 0.15
    starts = [at for at in np.flatnonzero(loud) if not loud[max(0, at - 2000) : at].any()]
    lit = [time for at, (time, on) in enumerate(flashes) if on and not flashes[at - 1][1]]
    return lit, [begins_s + at / rate for at in starts], begins_s + len(row) / rate


@pytest.mark.parametrize(
    "name", ["h264", "vp9", "ffv1", pytest.param("hevc", marks=pytest.mark.slow), pytest.param("av1", marks=pytest.mark.slow)]
)
def test_flash_and_beep_are_one(tmp_path: Path, name: str) -> None:
    """In every format a beep is heard within a hundredth of a second of its flash, and the sound is as long as the frames."""
    kind, tap = CLIP_FORMATS[name], SoundTap(SOUND)
    recorder = Recorder(tmp_path / f"a{kind.suffix}", kind=kind, listen=lambda _: tap)
    record(recorder, tap, 3.0)
    recorder.close()
    lit, heard, seconds = onsets(recorder.paths[0])
    assert lit == pytest.approx(FLASHES_S, abs=0.02)
    assert heard == pytest.approx(lit, abs=0.01)
    assert seconds == pytest.approx(3.0, abs=0.03)


@pytest.mark.parametrize("name", ["h264", "vp9", "ffv1"])
def test_other_rates_and_two_channels_are_taken(tmp_path: Path, name: str) -> None:
    """A device that knows 44,100 Hz only, and two channels: Opus cannot have that rate, and is given another."""
    tap, kind = SoundTap(SoundFormat(44_100, 2)), CLIP_FORMATS[name]
    recorder = Recorder(tmp_path / f"a{kind.suffix}", kind=kind, listen=lambda _: tap)
    tone = (9000 * np.sin(2 * np.pi * 441 * np.arange(88_200) / 44_100)).astype(np.int16)
    for number in range(20):
        row = tone[number * 4410 : (number + 1) * 4410]
        tap.put(SoundChunk(np.stack([row, 0 * row], 1), number * 100_000_000))
        recorder.write(Frame(grey(9), number, 0, number * 100_000_000))
    recorder.close()
    with av.open(str(recorder.paths[0])) as container:
        resampler = av.AudioResampler("fltp", "stereo", 48_000)
        rows = [each.to_ndarray() for frame in container.decode(audio=0) for each in resampler.resample(frame)]
    left, right = np.concatenate(rows, axis=1)
    assert len(left) / 48_000 == pytest.approx(2.0, abs=0.05)
    assert np.abs(left[4800:-4800]).max() == pytest.approx(9000 / 32768, rel=0.1)
    assert np.abs(right[4800:-4800]).max() < 0.02
    spectrum = np.abs(np.fft.rfft(left[:48_000]))
    assert abs(int(spectrum.argmax()) - 441) <= 1


def test_sound_can_be_moved(tmp_path: Path) -> None:
    """An offset of 120 ms lets beeps come so much later; it may be changed while recording."""
    tap = SoundTap(SOUND)
    recorder = Recorder(tmp_path / "a.mp4", listen=lambda _: tap, offset_ms=lambda: 120.0)
    record(recorder, tap, 3.0)
    recorder.close()
    lit, heard, _ = onsets(recorder.paths[0])
    assert heard == pytest.approx([time + 0.12 for time in lit], abs=0.01)


def test_a_device_that_vanishes_costs_nothing(tmp_path: Path) -> None:
    """After 1.8 of 4 seconds no sound comes any more: frames go on, the file plays while it grows, silence is as long as they are."""
    tap = SoundTap(SOUND)
    recorder = Recorder(tmp_path / "a.mp4", listen=lambda _: tap)
    record(recorder, tap, 4.0, silent_after_s=1.8)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes((tmp_path / "a.part.mp4").read_bytes())
    assert read_clip(copy).times[-1] > 4 - 2
    recorder.close()
    lit, heard, seconds = onsets(recorder.paths[0])
    assert len(lit) == 3
    assert heard == pytest.approx(lit[:2], abs=0.01)
    assert seconds == pytest.approx(4.0, abs=0.03)


def test_no_sound_is_no_track(tmp_path: Path) -> None:
    """Where nothing can be listened to, the clip has frames alone."""
    recorder = Recorder(tmp_path / "a.mp4")
    recorder.write(Frame(grey(9), 0, 0, 0))
    recorder.close()
    with av.open(str(recorder.paths[0])) as container:
        assert not container.streams.audio


def test_drift_and_jitter_stay_within_40_ms() -> None:
    """Ten minutes of a device whose clock runs 0.02 % fast, with callbacks up to 15 ms late and a second lost in the middle."""
    rng, rate, n = np.random.default_rng(0), 48_000, 4800
    clock, alignment = SampleClock(rate), Alignment(SoundFormat(rate, 1), 0)
    worst = 0.0
    for number in range(6000):
        true_s = number * n / (rate * 1.0002) + (1.0 if number > 3000 else 0.0)
        heard_ns = clock.time_of(n, round((true_s + rng.uniform(0, 0.015)) * _NS))
        row = alignment.place(SoundChunk(np.zeros((n, 1), np.int16), heard_ns))
        begins = alignment.position - min(len(row), n)
        worst = max(worst, abs(begins / rate - true_s))
    assert worst < 0.04
    assert alignment.position / rate == pytest.approx(6000 * n / rate / 1.0002 + 1, abs=0.04)


def test_sound_from_before_the_first_frame_is_cut() -> None:
    """A chunk that began earlier loses its beginning, and one that ended earlier all of it."""
    alignment = Alignment(SoundFormat(1000, 1), 10 * _NS)
    ramp = np.arange(100, dtype=np.int16)[:, None]
    assert len(alignment.place(SoundChunk(ramp, 9 * _NS))) == 0
    assert alignment.place(SoundChunk(ramp, 10 * _NS - 60_000_000))[:, 0].tolist() == list(range(60, 100))


KILLED = """
import sys, time
from pathlib import Path
from stylecam.core.sound import SoundTap
from stylecam.outputs.recorder import Recorder
from tests.unit.outputs.test_sound_recording import SOUND, record
tap = SoundTap(SOUND)
recorder = Recorder(Path(sys.argv[1]), listen=lambda _: tap)
record(recorder, tap, 6.0)
print("recording", flush=True)
time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9")
def test_a_killed_recording_keeps_its_sound(tmp_path: Path, repository: Path) -> None:
    """After kill -9, whatever its name is, the part is finished with flashes and beeps still together."""
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "my name.mp4")], cwd=repository, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"recording\n"
        finally:
            process.send_signal(signal.SIGKILL)
    assert finish_leftovers(tmp_path) == [tmp_path / "my name.mp4"]
    lit, heard, seconds = onsets(tmp_path / "my name.mp4")
    assert heard == pytest.approx(lit, abs=0.01)
    assert len(lit) == 3
    assert seconds > 6 - 2
