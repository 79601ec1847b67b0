"""What recordings may be written as."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from stylecam.core.recording_params import FORMAT, FORMATS, NAME_PATTERN, RECORD_FOLDER
from stylecam.core.sound import SoundFormat, SoundTap
from stylecam.errors import OutputError
from stylecam.outputs import recorder as recorder_module
from stylecam.outputs.clip_formats import CLIP_FORMATS, available_formats
from stylecam.outputs.image_sequence import ImageSequence
from stylecam.outputs.parts import finish_leftovers
from stylecam.outputs.recorder import Recorder, make
from stylecam.outputs.registry import SinkRequest
from tests.fakes import gradient
from tests.unit.outputs.clips import frame, read_clip

CODECS = {"h264": "h264", "hevc": "hevc", "av1": "av1", "vp9": "vp9", "ffv1": "ffv1"}


def request(where: Path, name: str, **values: str) -> SinkRequest:
    """Ask for a recording in this format."""
    named = {FORMAT: name, RECORD_FOLDER: values.get("folder", ""), NAME_PATTERN: values.get("pattern", NAME_PATTERN.default)}
    return SinkRequest(where, ("senecio",), option=lambda param: named.get(param, param.default))


@pytest.mark.parametrize("name", CODECS)
def test_each_format_keeps_frames_and_times(tmp_path: Path, name: str) -> None:
    """The codec that was asked for, every frame at its time; the part plays while it grows; only the finished file is left."""
    sink = make(request(tmp_path, name))
    assert isinstance(sink, Recorder)
    times_ms = [*range(0, 3000, 40), 3500]
    for ms in times_ms:
        sink.write(frame(ms))
    (part,) = tmp_path.iterdir()
    copy = tmp_path / f"copy{part.suffix}"
    copy.write_bytes(part.read_bytes())
    assert read_clip(copy).times[-1] > 1.5
    copy.unlink()
    sink.close()
    (finished,) = tmp_path.iterdir()
    assert finished == sink.paths[0]
    assert finished.suffix == CLIP_FORMATS[name].suffix
    clip = read_clip(finished)
    assert [float(time) for time in clip.times] == pytest.approx([ms / 1000 for ms in times_ms], abs=0.001)
    with av.open(str(finished)) as container:
        assert container.streams.video[0].codec.canonical_name == CODECS[name]
        if name == "hevc":
            assert container.streams.video[0].codec_context.codec_tag == "hvc1"


def test_a_time_lapse_plays_faster(tmp_path: Path) -> None:
    """A minute in three seconds, with 30 frames per second of those that came, and no sound though there is one."""
    tap = SoundTap(SoundFormat())
    recorder = Recorder(tmp_path / "a.mp4", speed=20, listen=lambda _: tap)
    for ms in range(0, 60_000, 100):
        recorder.write(frame(ms))
    recorder.close()
    clip = read_clip(tmp_path / "a.mp4")
    assert clip.seconds == pytest.approx(3, abs=0.1)
    assert len(clip.times) == pytest.approx(86, abs=2)  # of ten frames a second every seventh
    assert min(np.diff([float(time) for time in clip.times])) >= 1 / 30.1
    assert clip.sound == []


def test_ffv1_loses_nothing(tmp_path: Path) -> None:
    """Every pixel is as it was."""
    sink = make(request(tmp_path, "ffv1"))
    for ms in (0, 40):
        sink.write(frame(ms, gradient(48, 64)))
    sink.close()
    np.testing.assert_array_equal(read_clip(next(tmp_path.iterdir())).images[1], gradient(48, 64))


def test_a_torn_webm_is_rescued(tmp_path: Path) -> None:
    """A part of another kind than MP4 that a crash left is finished too."""
    sink = make(request(tmp_path, "vp9"))
    for ms in range(0, 3000, 40):
        sink.write(frame(ms))
    (part,) = tmp_path.iterdir()
    data = part.read_bytes()
    sink.close()
    next(tmp_path.iterdir()).unlink()
    (tmp_path / "holiday.part.webm").write_bytes(data[:-50])
    assert finish_leftovers(tmp_path) == [tmp_path / "holiday.webm"]
    assert read_clip(tmp_path / "holiday.webm").times[-1] > 1


def test_a_part_torn_in_a_fragments_header_is_rescued(tmp_path: Path) -> None:
    """Libav reads no file that ends there: that header is cut off, and all before it is kept."""
    sink = make(request(tmp_path, "h264"))
    for ms in range(0, 4000, 40):
        sink.write(frame(ms))
    (part,) = tmp_path.iterdir()
    data = part.read_bytes()
    sink.close()
    next(tmp_path.iterdir()).unlink()
    (tmp_path / "stylecam torn.part.mp4").write_bytes(data[: data.rindex(b"moof") + 40])
    assert finish_leftovers(tmp_path) == [tmp_path / "stylecam torn.mp4"]
    assert read_clip(tmp_path / "stylecam torn.mp4").times[-1] > 2


def test_images_are_written_as_they_are(tmp_path: Path) -> None:
    """A folder with numbered PNG files, and a list with which ffmpeg plays them at their times."""
    sink = make(request(tmp_path, "png"))
    assert isinstance(sink, ImageSequence)
    for ms in (0, 40, 240):
        sink.write(frame(ms, gradient(48, 64)))
    sink.close()
    assert sink.result == f"Recorded 3 images in {sink.folder}."
    names = sorted(path.name for path in sink.folder.iterdir())
    assert names == ["frame_000001.png", "frame_000002.png", "frame_000003.png", "frames.ffconcat"]
    image = cv2.imread(str(sink.folder / names[2]))
    assert image is not None
    np.testing.assert_array_equal(image[..., ::-1], gradient(48, 64))
    with av.open(str(sink.folder / "frames.ffconcat"), options={"safe": "0"}) as container:
        times = [float(each.pts * each.time_base) for each in container.decode(video=0)]
    assert times == pytest.approx([0, 0.04, 0.24], abs=0.02)


def test_names_and_folders_are_the_users(tmp_path: Path) -> None:
    """A pattern's fields are filled in, and the folder of the settings is used; no pattern leads out of it."""
    sink = make(request(tmp_path / "usual", "h264", folder=str(tmp_path / "mine"), pattern="../{styles} take"))
    sink.write(frame(0))
    sink.close()
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*.mp4")] == [Path("mine/_senecio take.mp4")]


def test_a_format_that_is_not_built_in_is_not_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyAV lacks an encoder the format is missing from the list, and asking for it is a sentence."""
    assert set(available_formats()) <= set(FORMATS)
    real = av.Codec

    def codec(name: str, mode: str) -> object:
        if name == "libx265":
            raise av.codec.codec.UnknownCodecError(name)
        return real(name, mode)

    monkeypatch.setattr(av, "Codec", codec)
    assert "hevc" not in available_formats()
    with pytest.raises(OutputError, match=r"PyAV here cannot write hevc; choose another format: h264, "):
        make(request(tmp_path, "hevc"))


def test_a_disk_that_fills_ends_the_recording_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the disk is full: the sentence says why, and the clip is finished under its name."""
    free = [1_000_000_000]
    monkeypatch.setattr(recorder_module, "_LOOK_AT_DISK_S", 0.0)
    monkeypatch.setattr(recorder_module.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free[0]}))
    recorder = Recorder(tmp_path / "a.mp4")
    for ms in range(0, 400, 40):
        recorder.write(frame(ms))
    free[0] = 199_000_000
    with pytest.raises(OutputError, match="ended because the disk is nearly full"):
        recorder.write(frame(400))
    recorder.close()
    assert len(read_clip(tmp_path / "a.mp4").times) == 11
