from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from stylecam.capture import frame_number
from stylecam.core.paths import shipped
from stylecam.core.progress import Progress
from stylecam.errors import EngineError, InputError, OutputError
from stylecam.offline import clips
from stylecam.offline.clips import convert_clip
from stylecam.outputs.parts import PartFile
from tests.unit.offline.make_clips import make_clip
from tests.unit.outputs.clips import Clip, read_clip, starts_with_its_index

TICK_S = 1 / 10_000  # MP4 keeps times at least so exactly


def invert(image: np.ndarray) -> np.ndarray:
    """Stylize by arithmetic."""
    return 255 - image


def _convert(source: Path, **options: Any) -> tuple[Clip, Progress]:
    reports = list(convert_clip(source, source.with_name("out.mp4"), invert, **options))
    assert starts_with_its_index(source.with_name("out.mp4"))
    assert not list(source.parent.glob("*.part*"))
    return read_clip(source.with_name("out.mp4")), reports[-1]


def _same_times(left: Clip, right: Clip) -> None:
    assert [float(time) for time in left.times] == pytest.approx([float(time) for time in right.times], abs=TICK_S)


def _same_sound(left: Clip, right: Clip) -> None:
    assert [data for _, data in left.sound] == [data for _, data in right.sound]
    assert [float(time) for time, _ in left.sound] == pytest.approx([float(time) for time, _ in right.sound], abs=TICK_S)


def _difference(left: np.ndarray, right: np.ndarray) -> float:
    """Return the mean difference: colours bleed by a pixel where patches meet."""
    return float(np.abs(left.astype(int) - right.astype(int)).mean())


def test_every_frame_is_stylized_at_its_time_and_the_sound_is_copied(tmp_path: Path) -> None:
    """Count, times, length and every byte of sound are as before; one report per frame and one at the end."""
    source = make_clip(tmp_path / "in.mp4")
    reports = list(convert_clip(source, tmp_path / "out.mp4", invert))
    before, after = read_clip(source), read_clip(tmp_path / "out.mp4")
    assert len(after.times) == 25
    _same_times(after, before)
    _same_sound(after, before)
    assert after.seconds == pytest.approx(before.seconds, abs=0.04)
    assert _difference(after.images[7], 255 - before.images[7]) < 3
    assert [report.step for report in reports[:-1]] == list(range(1, 26))
    assert {report.total for report in reports} == {25}
    assert (reports[-1].stage, reports[-1].files, reports[-1].message) == ("done", {"video": str(tmp_path / "out.mp4")}, "")


def test_uneven_times_are_kept(tmp_path: Path) -> None:
    """Phones record as the light allows: no frame is doubled, moved or dropped."""
    source = make_clip(tmp_path / "in.mp4", [0, 33, 66, 150, 151, 400, 900, 933], sound=None)
    clip, _ = _convert(source)
    _same_times(clip, read_clip(source))
    assert len(clip.times) == 8
    assert clip.sound == []


@pytest.mark.parametrize("rotation", [90, -90, 180])
def test_turned_clips_come_out_in_display_orientation(tmp_path: Path, rotation: int) -> None:
    """A phone held in portrait writes frames that lie on their side, and a note to turn them; the stylized clip needs no such note."""
    source = make_clip(tmp_path / "in.mp4", rotation=rotation, sound=None)
    clip, _ = _convert(source)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert next(container.decode(video=0)).rotation == 0
    image = clip.images[0]
    assert image.shape == ((48, 64, 3) if rotation == 180 else (64, 48, 3))
    corner = {90: image[-4, 4], -90: image[4, -4], 180: image[-4, -4]}[rotation]  # counter-clockwise, as libav counts
    assert corner[0] < corner[1]  # red, inverted
    assert abs(int(image[32, 24][0]) - int(image[32, 24][1])) < 12


def test_odd_sizes(tmp_path: Path) -> None:
    """A clip that no common H.264 could be is stylized all the same."""
    clip, _ = _convert(make_clip(tmp_path / "in.mkv", size=(63, 47), codec="ffv1", pix_fmt="yuv444p", sound=None))
    assert clip.images[0].shape == (48, 64, 3)
    assert len(clip.times) == 25


def test_the_size_can_be_chosen(tmp_path: Path) -> None:
    """The longer side is as asked, the other follows, both even; it is stylized at that size."""
    clip, _ = _convert(make_clip(tmp_path / "in.mp4", size=(64, 48), sound=None), size_px=32)
    assert clip.images[0].shape == (24, 32, 3)


def test_late_sound_stays_late(tmp_path: Path) -> None:
    """Sound that begins half a second behind the first frame does so afterwards: no drift."""
    source = make_clip(tmp_path / "in.mp4", sound_from_ms=500)
    clip, _ = _convert(source)
    _same_sound(clip, read_clip(source))
    assert float(clip.sound[0][0]) == pytest.approx(0.5, abs=0.03)


def test_late_frames_stay_late(tmp_path: Path) -> None:
    """The same the other way round."""
    source = make_clip(tmp_path / "in.mp4", range(400, 1400, 40))
    clip, _ = _convert(source)
    _same_times(clip, read_clip(source))
    _same_sound(clip, read_clip(source))


def test_a_transport_stream_begins_at_nought_in_step(tmp_path: Path) -> None:
    """Its clock begins anywhere; frame and sound keep their distance."""
    source = make_clip(tmp_path / "in.ts")
    before = read_clip(source)
    clip, _ = _convert(source)
    assert len(clip.times) == 25
    with av.open(str(tmp_path / "out.mp4")) as container:
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
    assert sound.shape[1] == pytest.approx(48_000, abs=2100)
    assert 0.2 < np.abs(sound).max() < 0.5
    assert float(clip.times[0] - clip.sound[0][0]) == pytest.approx(float(before.times[0] - before.sound[0][0]), abs=0.001)
    assert 0 <= min(clip.times[0], clip.sound[0][0]) < 0.1
    assert [float(b - a) for a, b in zip(clip.times, clip.times[1:], strict=False)] == pytest.approx([0.04] * 24, abs=0.001)


@pytest.mark.parametrize(("ending", "sound"), [("avi", "pcm_s16le"), ("mkv", "flac")])
def test_sound_that_mp4_cannot_hold_is_encoded(tmp_path: Path, ending: str, sound: str) -> None:
    """PCM and FLAC become AAC of the same length, in step."""
    source = make_clip(tmp_path / f"in.{ending}", sound=sound)
    clip, _ = _convert(source)
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples == pytest.approx(48_000, abs=2100)
    assert float(clip.sound[0][0]) == pytest.approx(0, abs=0.03)
    assert len(clip.times) == 25


def test_ten_bits_and_hdr(tmp_path: Path) -> None:
    """A 10-bit clip is stylized; one that says it is HDR is pressed into the ordinary range, neither black nor burnt out."""
    source = make_clip(tmp_path / "in.mp4", pix_fmt="yuv420p10le", sound=None)
    clip, _ = _convert(source)
    assert _difference(clip.images[3], 255 - read_clip(source).images[3]) < 3
    hdr = {"preset": "ultrafast", "x264-params": "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"}
    clip, _ = _convert(make_clip(tmp_path / "hdr.mp4", pix_fmt="yuv420p10le", sound=None, options=hdr), force=True)
    assert len(clip.times) == 25
    assert 20 < 255 - clip.images[9].mean() < 250


def test_a_stopped_conversion_leaves_what_was_stylized(tmp_path: Path) -> None:
    """Closing the generator, as Ctrl-C does, finishes the file: it plays, up to there, with its sound."""
    source = make_clip(tmp_path / "in.mp4")
    reports = convert_clip(source, tmp_path / "out.mp4", invert)
    for _ in range(10):
        next(reports)
    reports.close()
    clip = read_clip(tmp_path / "out.mp4")
    assert len(clip.times) == 10
    assert clip.sound
    assert starts_with_its_index(tmp_path / "out.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


def test_stopping_before_the_first_frame_leaves_nothing(tmp_path: Path) -> None:
    """There is nothing to keep."""

    def stop(image: np.ndarray) -> np.ndarray:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(convert_clip(make_clip(tmp_path / "in.mp4"), tmp_path / "out.mp4", stop))
    assert [path.name for path in tmp_path.iterdir()] == ["in.mp4"]


def test_a_failing_engine_leaves_what_was_stylized(tmp_path: Path) -> None:
    """The error says where."""
    calls = iter(range(100))

    def paint(image: np.ndarray) -> np.ndarray:
        if next(calls) == 5:
            raise EngineError("The device is gone.")
        return image

    with pytest.raises(EngineError, match=r"The device is gone\. What was stylized before, 5 frames, is in '.*out\.mp4'"):
        list(convert_clip(make_clip(tmp_path / "in.mp4"), tmp_path / "out.mp4", paint))
    assert len(read_clip(tmp_path / "out.mp4").times) == 5


def test_a_clip_cut_short_is_stylized_as_far_as_it_goes(tmp_path: Path) -> None:
    """What can be read is stylized; the last report says how many frames were lost."""
    whole = make_clip(
        tmp_path / "whole.mp4",
        range(0, 4000, 40),
        sound=None,
        options={"preset": "ultrafast", "g": "10", "crf": "1"},
        container_options={"movflags": "faststart"},
    )
    data = whole.read_bytes()
    source = tmp_path / "in.mp4"
    source.write_bytes(data[: len(data) * 2 // 3])
    clip, report = _convert(source)
    assert 20 < len(clip.times) < 100
    assert report.values["lost"] == 100 - len(clip.times)
    assert report.message == f"damaged: {100 - len(clip.times)} frames could not be read and are left out"


def test_a_damaged_place_is_stepped_over(tmp_path: Path) -> None:
    """Bytes gone bad in the middle cost frames there, not the rest."""
    source = make_clip(tmp_path / "in.mkv", range(0, 4000, 40), codec="ffv1", sound=None)
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    source.write_bytes(data)
    clip, _ = _convert(source)
    assert len(clip.times) > 50
    assert clip.times[-1] > Fraction(39, 10)


@pytest.mark.parametrize("data", [b"", b"this is no clip" * 100])
def test_what_is_no_clip_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    """And no file is made."""
    (tmp_path / "in.mp4").write_bytes(data)
    with pytest.raises(InputError, match=r"in\.mp4"):
        list(convert_clip(tmp_path / "in.mp4", tmp_path / "out.mp4", invert))
    assert not (tmp_path / "out.mp4").exists()


def test_only_sound_is_a_sentence(tmp_path: Path) -> None:
    """A song is no clip."""
    with av.open(str(tmp_path / "in.m4a"), "w", format="mp4") as container:
        stream: Any = container.add_stream("aac", rate=48_000)
        stream.layout = "mono"
        block = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.float32), format="fltp", layout="mono")
        block.rate = 48_000
        container.mux(stream.encode(block))
        container.mux(stream.encode(None))
    with pytest.raises(InputError, match="no video"):
        list(convert_clip(tmp_path / "in.m4a", tmp_path / "out.mp4", invert))


def test_a_full_disk_keeps_what_was_stylized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says where it lies, and it plays."""
    write, space = PartFile.write, [60_000]

    def limited(self: PartFile, data: bytes) -> int:
        space[0] -= len(data)
        if space[0] < 0:
            raise OSError(28, "No space left on device")
        return write(self, data)

    def noise(image: np.ndarray) -> np.ndarray:
        return np.random.default_rng(0).integers(0, 255, image.shape, np.uint8)

    source = make_clip(tmp_path / "in.mp4", range(0, 20_000, 40), sound_ms=20_000)
    monkeypatch.setattr(PartFile, "write", limited)
    with pytest.raises(OutputError, match=r"the disk is full\. What was written before plays as it is") as refused:
        list(convert_clip(source, tmp_path / "out.mp4", noise))
    assert str(tmp_path / "out.part.mp4") in str(refused.value)
    assert len(read_clip(tmp_path / "out.part.mp4").times) > 10
    assert not (tmp_path / "out.mp4").exists()


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    """A file that took the name meanwhile is kept; the report tells the name that was used instead."""
    source = make_clip(tmp_path / "in.mp4", [0, 40], sound=None)

    def run(**options: Any) -> Iterator[Progress]:
        return convert_clip(source, tmp_path / "out.mp4", invert, **options)

    (tmp_path / "out.mp4").write_bytes(b"mine")
    assert list(run())[-1].files == {"video": str(tmp_path / "out (2).mp4")}
    assert (tmp_path / "out.mp4").read_bytes() == b"mine"
    assert list(run(force=True))[-1].files == {"video": str(tmp_path / "out.mp4")}
    assert len(read_clip(tmp_path / "out.mp4").times) == 2


@pytest.mark.parametrize(("rate", "nearest"), [(22_254, 22_050), (11_127, 11_025), (37_800, 32_000), (192_000, 96_000)])
def test_odd_rates_of_sound_are_brought_to_the_nearest(tmp_path: Path, rate: int, nearest: int) -> None:
    """Old Macs and laboratories record at rates that AAC has not; the tone keeps its pitch and length."""
    with av.open(str(tmp_path / "in.mov"), "w") as container:
        video: Any = container.add_stream("mjpeg", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuvj420p"
        audio: Any = container.add_stream("pcm_s16le", rate=rate)
        audio.layout = "mono"
        for index in range(25):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            frame.pts = index
            container.mux(video.encode(frame))
        tone = (np.sin(np.arange(rate) * 2 * np.pi * 440 / rate) * 9000).astype(np.int16)
        block = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
        block.rate, block.pts = rate, 0
        for stream, data in ((audio, block), (audio, None), (video, None)):
            container.mux(stream.encode(data))
    _convert(tmp_path / "in.mov")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.audio[0].rate == nearest
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)[0]
    assert len(sound) / nearest == pytest.approx(1.0, abs=0.15)
    middle = sound[len(sound) // 4 : 3 * len(sound) // 4]
    crossings = int((np.diff(np.sign(middle)) != 0).sum())
    assert crossings / 2 / (len(middle) / nearest) == pytest.approx(440, rel=0.03)


def test_what_a_clip_says_of_itself_is_kept(tmp_path: Path) -> None:
    """Languages, which sound is the default, title, date of recording and chapters; nothing of how the old file was made."""
    with av.open(str(tmp_path / "in.mp4"), "w") as container:
        container.metadata.update({"title": "Holiday", "creation_time": "2024-05-06T07:08:09.000000Z"})
        chapters = [("Beach", 0, 200), ("Dinner", 200, 400)]
        base = Fraction(1, 1000)
        container.set_chapters(
            [
                {"id": number, "start": begin, "end": end, "time_base": base, "metadata": {"title": title}}
                for number, (title, begin, end) in enumerate(chapters)
            ]
        )
        video: Any = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sounds: list[Any] = []
        for language, disposition in (("deu", 0), ("eng", 1)):
            audio: Any = container.add_stream("aac", rate=48_000)
            audio.layout, audio.disposition = "mono", disposition
            audio.metadata["language"] = language
            sounds.append(audio)
        for index in range(10):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            frame.pts = index
            container.mux(video.encode(frame))
        for audio in sounds:
            block = av.AudioFrame.from_ndarray(np.zeros((1, 19_200), np.float32), format="fltp", layout="mono")
            block.rate, block.pts = 48_000, 0
            container.mux(audio.encode(block))
            container.mux(audio.encode(None))
        container.mux(video.encode(None))
    _convert(tmp_path / "in.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert [stream.language for stream in container.streams.audio] == ["deu", "eng"]
        assert [int(stream.disposition) & 1 for stream in container.streams.audio] == [0, 1]
        assert container.metadata["title"] == "Holiday"
        found = container.chapters()
        assert [each["metadata"]["title"] for each in found] == ["Beach", "Dinner"]
        assert [float(each["start"] * each["time_base"]) for each in found if each["time_base"]] == pytest.approx([0.0, 0.2], abs=0.03)
        assert container.metadata["creation_time"].startswith("2024-05-06T07:08:09")


def test_names_with_colons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A colon makes no address of a name, relative ones included, for the clip and for its result."""
    monkeypatch.chdir(tmp_path)
    source = make_clip(Path("./in.mp4"), [0, 40], sound=None).rename("12:30 clip.mp4")
    reports = list(convert_clip(source, Path("take:1.mp4"), invert))
    assert reports[-1].files == {"video": "take:1.mp4"}
    assert len(read_clip(Path("./take:1.mp4").resolve()).times) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["12:30 clip.mp4", "take:1.mp4"]


def test_a_very_long_name(tmp_path: Path) -> None:
    """A result whose name just fits is written, though ".part" would not fit."""
    target = tmp_path / f"{'n' * 243}_plain.mp4"
    list(convert_clip(make_clip(tmp_path / "in.mp4", [0, 40], sound=None), target, invert))
    assert len(read_clip(target).times) == 2


def test_subtitles_that_are_left_out_are_said(tmp_path: Path) -> None:
    """MP4 holds few kinds of them; nobody should miss them without knowing why."""
    with av.open(str(tmp_path / "in.mkv"), "w") as container:
        video: Any = container.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        words: Any = container.add_mux_stream("subrip")
        for index in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            frame.pts = index
            container.mux(video.encode(frame))
        packet = av.Packet(b"Hello")
        packet.stream, packet.time_base, packet.pts, packet.dts, packet.duration = words, Fraction(1, 1000), 0, 0, 300
        container.mux(packet)
        container.mux(video.encode(None))
    _, report = _convert(tmp_path / "in.mkv")
    assert report.message == "1 subtitle track is left out"


def test_the_number_in_the_demo_clips_corner_is_not_stylized(tmp_path: Path) -> None:
    """The frames of the clip that ships come without the mark by which latency is measured."""
    conversion = clips._Conversion(shipped("assets", "clips", "demo.mp4"), tmp_path / "out.mp4", None, 1, force=False)
    image, _ = next(conversion.frames())
    assert frame_number.read(image) is None
