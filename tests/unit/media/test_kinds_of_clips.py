"""For each clip that was once shown or written wrongly, others of its kind: clocks, last frames, streams, turns, colours, transparency."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from PIL import Image

from stylecam.capture.video_file import VideoFile
from stylecam.errors import InputError
from stylecam.offline.clips import convert_clip
from stylecam.training.data.clips import random_frame
from tests.unit.media.odd_clips import BLUE, GREY, LIME, RED, encode, plain, quarters
from tests.unit.media.test_decode import video, window, written

RAMP = [plain((60 + 3 * number,) * 3) for number in range(25)]


def early_sound(path: Path, codec: str) -> Path:
    """Write a clip of a second whose sound begins a second before its frames."""
    with av.open(str(path), "w", options={"avoid_negative_ts": "disabled"}) as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        audio: Any = container.add_stream(codec, rate=44_100)
        audio.layout = "mono"
        for number, image in enumerate(RAMP):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        for begin in range(0, 88_200, 1152):
            block = AudioFrame.from_ndarray(np.zeros((1, 1152), np.int16), format="s16p", layout="mono")
            block.rate, block.time_base, block.pts = 44_100, Fraction(1, 44_100), begin - 44_100
            container.mux(audio.encode(block))
        container.mux(audio.encode(None))
    return path


@pytest.mark.parametrize(("name", "codec", "early_s"), [("a.ts", "mp2", 1.0), ("a.mkv", "libmp3lame", 1.0), ("a.mp4", "libmp3lame", 0.0)])
def test_sound_that_begins_below_zero_stays_in_step(tmp_path: Path, name: str, codec: str, early_s: float) -> None:
    """Where only the sound begins early, it stays as early as it was (an MP4 hides what comes before zero)."""
    times, lasts, sounds = written(video(early_sound(tmp_path / name, codec))[1])
    assert len(times) == 25
    assert float(lasts) == pytest.approx(1.0, abs=0.05)
    first = float(sounds[0].pts * sounds[0].time_base)
    assert float(times[0]) - first == pytest.approx(early_s, abs=0.06)


@pytest.mark.parametrize("begin_ms", [2**31 - 500, 2**32 - 500])
def test_an_flv_whose_clock_overflows(tmp_path: Path, begin_ms: int) -> None:
    """Its 32 bits run over after 24.8 and 49.7 days; the frames follow each other all the same."""
    path = encode(tmp_path / "a.flv", RAMP, codec="flv")
    data, at = bytearray(path.read_bytes()), 13
    while at + 11 <= len(data):
        told = int.from_bytes(data[at + 4 : at + 7]) | data[at + 7] << 24
        time = (told + begin_ms) % 2**32
        data[at + 4 : at + 7], data[at + 7] = (time & 0xFFFFFF).to_bytes(3), time >> 24
        at += 11 + int.from_bytes(data[at + 1 : at + 4]) + 4
    path.write_bytes(data)
    times, lasts, _ = written(video(path)[1])
    assert [float(b - a) for a, b in pairwise(times)] == pytest.approx([0.04] * 24, abs=0.002)
    assert float(lasts) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mpg", "mpeg2video"), ("a.vob", "mpeg2video"), ("a.m2ts", "libx264"), ("a.mkv", "libx264"), ("a.gif", "gif")]
)
def test_pieces_of_any_kind_that_were_joined(tmp_path: Path, name: str, codec: str) -> None:
    """Two seconds of frames, one after the other, in the window and in `video`."""
    piece = encode(tmp_path / f"piece{name[1:]}", RAMP, codec=codec, pix_fmt="rgb8" if codec == "gif" else "yuv420p").read_bytes()
    (tmp_path / name).write_bytes(piece * 2)
    assert [frame.media_ns for frame in window(tmp_path / name)] == pytest.approx([40_000_000 * n for n in range(50)], abs=2_000_000)
    times, lasts, _ = written(video(tmp_path / name)[1])
    assert len(times) == 50
    assert float(lasts) == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [("a.avi", "mjpeg", "yuvj420p"), ("b.avi", "mpeg4", "yuv420p"), ("a.flv", "flv", "yuv420p"), ("a.apng", "", "")],
)
def test_the_last_frame_stands_its_time_in_older_kinds_too(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    """Slides of 1, 1 and 5 seconds make 7, nothing counts as damaged, and in a loop the window shows the last as long."""
    path, colors = tmp_path / name, (RED, LIME, BLUE)
    if codec:
        encode(path, [plain(color) for color in colors], times_ms=[0, 1000, 2000], last_ms=5000, codec=codec, pix_fmt=pix_fmt)
    else:
        pages = [Image.fromarray(plain(color)) for color in colors]
        pages[0].save(path, save_all=True, append_images=pages[1:], duration=[1000, 1000, 5000], format="PNG")
    report = list(convert_clip(path, tmp_path / "o.mp4", lambda image: image))[-1]
    assert report.message == ""
    assert float(written(tmp_path / "o.mp4")[1]) == pytest.approx(7.0, abs=0.03)
    source = VideoFile(path, loop=True)
    source.open()
    again = [frame.media_ns / 1e9 for frame in (source.read() for _ in range(4)) if frame is not None]
    source.close()
    assert again == pytest.approx([0, 1, 2, 7], abs=0.03)


@pytest.mark.parametrize(("name", "codec"), [("a.avi", "mpeg4"), ("a.flv", "flv")])
def test_one_that_was_cut_short_does_not_stand_still(tmp_path: Path, name: str, codec: str) -> None:
    """Its header tells the length that it had; the last frame that is left is not held until then."""
    noise = np.random.default_rng(0)
    path = encode(tmp_path / name, [noise.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(50)], codec=codec)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    times, lasts, _ = written(video(path)[1])
    assert 10 < len(times) < 45
    assert float(lasts) == pytest.approx(len(times) * 0.04, abs=0.05)


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_uneven_times_make_no_wrong_length(tmp_path: Path, name: str) -> None:
    """Slides of 0.5, 4, 0.1, 2 and 1 seconds last as long as their frames do, whatever asks for the length."""
    times_ms = [0, 500, 4500, 4600, 6600]
    target = video(encode(tmp_path / name, RAMP[:5], times_ms=times_ms, last_ms=1000))[1]
    times, lasts, _ = written(target)
    assert [float(time) for time in times] == pytest.approx([ms / 1000 for ms in times_ms], abs=0.002)
    assert float(lasts) == pytest.approx(7.6, abs=0.02)
    with av.open(str(target)) as container:
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(7.6, abs=0.02)


def test_an_animated_avif_plays(tmp_path: Path) -> None:
    """It also holds its first frame alone, which is not the clip."""
    pages = [Image.fromarray(plain(color)) for color in (RED, LIME, BLUE)]
    pages[0].save(tmp_path / "a.avif", save_all=True, append_images=pages[1:], duration=[1000, 1000, 5000])
    times, lasts, _ = written(video(tmp_path / "a.avif")[1])
    assert len(times) == 3
    assert float(lasts) == pytest.approx(7.0, abs=0.03)


def covered(path: Path, *, frames: bool) -> Path:
    """Write sound with a cover of another colour than the frames that there may be."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=25) if frames else None
        if stream is not None:
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        audio: Any = container.add_stream("aac", rate=44_100)
        audio.layout = "mono"
        cover: Any = container.add_stream("mjpeg", rate=25)
        cover.width = cover.height = 400
        cover.pix_fmt, cover.disposition = "yuvj420p", 1 << 10
        front = av.VideoFrame.from_ndarray(plain(RED, 400, 400), format="rgb24")
        front.pts = 0
        container.mux([*cover.encode(front), *cover.encode(None)])
        if stream is not None:
            for number in range(5):
                frame = av.VideoFrame.from_ndarray(plain(LIME), format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        block = AudioFrame.from_ndarray(np.zeros((1, 8820), np.float32), format="fltp", layout="mono")
        block.rate, block.pts = 44_100, 0
        container.mux([*audio.encode(block), *audio.encode(None)])
    return path


def test_a_cover_is_never_the_video(tmp_path: Path) -> None:
    """An MP4 with a large cover shows its frames; a song with a cover has no video; a Matroska's attachment is none."""
    frames = window(covered(tmp_path / "a.mp4", frames=True))
    assert (len(frames), frames[0].image.shape) == (5, (48, 64, 3))
    with pytest.raises(InputError, match="has no video, only sound"):
        window(covered(tmp_path / "song.mp4", frames=False))
    with av.open(str(tmp_path / "b.mkv"), "w") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        Image.fromarray(plain(RED, 400, 400)).save(tmp_path / "cover.jpg")
        container.add_attachment("cover.jpg", "image/jpeg", (tmp_path / "cover.jpg").read_bytes())
        frame = av.VideoFrame.from_ndarray(plain(LIME), format="rgb24")
        frame.pts = 0
        container.mux([*stream.encode(frame), *stream.encode(None)])
    assert window(tmp_path / "b.mkv")[0].image.shape == (48, 64, 3)


def test_turns_that_stand_elsewhere(tmp_path: Path) -> None:
    """A mirror in the header of the whole file, not of its track; a turn in Matroska."""
    data = bytearray(encode(tmp_path / "m.mp4", [quarters()] * 2).read_bytes())
    at = data.index(b"mvhd") + 40
    data[at : at + 4] = (-65_536).to_bytes(4, signed=True)
    (tmp_path / "a.mov").write_bytes(data)
    image = window(tmp_path / "a.mov")[0].image.astype(int)
    seen = [image[y, x] for y in (12, 36) for x in (16, 48)]
    assert max(np.abs(one - other).max() for one, other in zip(seen, (BLUE, RED, LIME, GREY), strict=True)) < 30
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.set_display_rotation(90)
        frame = av.VideoFrame.from_ndarray(quarters(), format="rgb24")
        frame.pts = 0
        container.mux([*stream.encode(frame), *stream.encode(None)])
    seen_offline, target = video(tmp_path / "a.mkv")
    assert window(tmp_path / "a.mkv")[0].image.shape == seen_offline[0].shape == (64, 48, 3)
    with av.open(str(target)) as container:
        assert next(container.decode(video=0)).rotation == 0  # the turn is in the pixels now


@pytest.mark.parametrize(
    ("width", "height", "matrix"), [(720, 576, 5), (704, 480, 5), (1280, 544, 1), (1920, 800, 1), (1080, 1920, 1)], ids=str
)
def test_untagged_clips_of_every_shape(tmp_path: Path, width: int, height: int, matrix: int) -> None:
    """Television's sizes mean BT.601; a wide-screen one of few lines, and one on its side, BT.709; for training too."""
    path = encode(tmp_path / "a.mp4", [np.full((height, width, 3), (200, 60, 40), np.uint8)], matrix=matrix)
    for image in (window(path)[0].image, video(path)[0][0], np.asarray(random_frame(path, np.random.default_rng(0)))):
        assert np.abs(image[5, 5].astype(int) - (200, 60, 40)).max() <= 3


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "tags", "matrix", "color", "seen"),
    [
        ("libx264", "yuv420p", {"colorspace": 1, "color_primaries": 12, "color_trc": 1}, 1, (40, 200, 60), (0, 201, 0)),
        ("libx264", "yuv420p10le", {"colorspace": 9, "color_primaries": 9, "color_trc": 15}, 9, (40, 200, 60), (0, 210, 0)),
        ("ffv1", "gbrp10le", {"colorspace": 0, "color_primaries": 9, "color_trc": 16}, None, (148,) * 3, (234,) * 3),
        ("libx264", "yuv420p", {"colorspace": 7, "color_primaries": 7, "color_trc": 7}, 7, (40, 200, 60), (40, 200, 60)),
        ("libx264", "yuv420p", {"colorspace": 1, "color_primaries": 1, "color_trc": 8}, 1, (128,) * 3, (188,) * 3),
    ],
    ids=["display p3", "bt.2020 of 12 bits", "pq as rgb", "smpte 240", "linear light"],
)
def test_other_gamuts_and_curves(
    tmp_path: Path, codec: str, pix_fmt: str, tags: dict[str, int], matrix: int | None, color: Any, seen: tuple[int, ...]
) -> None:
    """All come out in BT.709 (linear light in sRGB's curve), and the written clip says so."""
    path = encode(tmp_path / "a.mkv", [plain(color)] * 2, codec=codec, pix_fmt=pix_fmt, tags=tags, matrix=matrix)
    assert np.abs(window(path)[0].image[5, 5].astype(int) - seen).max() <= 4
    with av.open(str(video(path)[1])) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_primaries, frame.color_trc) == (1, 1, 1)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.mov", "prores_ks", "yuva444p10le"),
        ("b.mov", "qtrle", "argb"),
        ("c.mov", "png", "rgba"),
        ("a.mkv", "ffv1", "yuva420p"),
        ("a.avi", "huffyuv", "bgra"),
        ("b.mkv", "libvpx-vp9", "yuva420p"),
    ],
)
def test_transparency_of_every_codec_is_white(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    """What is hidden behind it is not seen, neither in the window nor in `video` nor in training."""
    image = np.zeros((48, 64, 4), np.uint8)
    image[...] = (255, 0, 255, 0)
    image[12:36, 16:48] = (30, 160, 60, 255)
    path = encode(tmp_path / name, [image] * 2, codec=codec, pix_fmt=pix_fmt)
    for seen in (window(path)[0].image, video(path)[0][0], np.asarray(random_frame(path, np.random.default_rng(0)))):
        assert seen[2, 2].tolist() == [255, 255, 255]
        assert np.abs(seen[24, 32].astype(int) - (30, 160, 60)).max() < 12


def test_a_photo_given_as_a_clip_is_said_to_be_one(tmp_path: Path) -> None:
    """`video` does what it was asked for, and names the command that was probably meant."""
    Image.fromarray(plain(RED)).save(tmp_path / "a.jpg")
    report = list(convert_clip(tmp_path / "a.jpg", tmp_path / "o.mp4", lambda image: image))[-1]
    assert report.message == "it is a single image, of which `stylecam still` makes an image"


def test_a_clock_of_nanoseconds(tmp_path: Path) -> None:
    """Frames that stand for seconds are written, though MP4 counts a frame's time in 32 bits, which hold four seconds of nanoseconds."""
    path, tick = tmp_path / "a.nut", Fraction(1, 10**9)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.codec_context.time_base = 64, 48, "yuv444p", tick
        for time_s, color in zip((0, 7, 14, 21), (RED, LIME, BLUE, GREY), strict=True):
            frame = av.VideoFrame.from_ndarray(plain(color), format="rgb24").reformat(format="yuv444p")
            frame.pts, frame.time_base = time_s * 10**9, tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    times, lasts, _ = written(video(path)[1])
    assert [round(float(time), 3) for time in times] == [0, 7, 14, 21]
    assert float(lasts) == pytest.approx(21.04, abs=0.01)


@pytest.mark.parametrize("codec", ["libx264", "mpeg2video"])
def test_pixels_whose_proportions_change_are_letterboxed(tmp_path: Path, codec: str) -> None:
    """Television goes from 4:3 to 16:9 at one size of frames: each part is seen in its own proportions, within the first one's size."""
    shapes = []
    for aspect in (Fraction(1), Fraction(16, 9)):
        path = tmp_path / f"{aspect.numerator}.ts"
        encode(path, [plain(RED, 96, 72)] * 10, codec=codec, tags={"sample_aspect_ratio": aspect}, options={"bf": "0"})
        shapes.append(path.read_bytes())
    (tmp_path / "a.ts").write_bytes(b"".join(shapes))
    frames = [frame.image for frame in window(tmp_path / "a.ts")]
    assert {image.shape for image in frames} == {(72, 96, 3)}
    seen = [int((image[:, 48, 0] > 100).sum()) for image in (frames[0], frames[8], frames[-1])]
    assert seen[:2] == [72, 72]
    assert seen[2] == pytest.approx(72 * (9 / 16 if codec == "libx264" else (4 / 3) / 2.21), abs=2)  # MPEG-2 has but four


@pytest.mark.parametrize(("matrix", "primaries"), [(10, 9), (12, 9), (12, 1), (13, 1)])
def test_matrices_with_a_near_relative(tmp_path: Path, matrix: int, primaries: int) -> None:
    """Constant luminance, or a matrix derived from the primaries: a grey is that grey, and nothing fails."""
    tags = {"colorspace": matrix, "color_primaries": primaries, "color_trc": 1}
    path = encode(tmp_path / "a.mkv", [plain(GREY)] * 2, codec="ffv1", pix_fmt="yuv444p", tags=tags)
    assert np.abs(window(path)[0].image.astype(int) - 128).max() <= 2


@pytest.mark.parametrize("matrix", [11, 14, 15, 16, 17])
def test_matrices_that_nothing_here_knows_are_a_sentence(tmp_path: Path, matrix: int) -> None:
    """Wrong colours would be silent; window, `video` and training say what it is."""
    path = encode(tmp_path / "a.mkv", [plain(GREY)] * 2, codec="ffv1", pix_fmt="yuv444p", tags={"colorspace": matrix})
    with pytest.raises(InputError, match=r"a\.mkv' cannot be read: its colours are coded in a way that is not read"):
        window(path)
    with pytest.raises(InputError, match="its colours are coded in a way"):
        list(convert_clip(path, tmp_path / "out.mp4", lambda image: image))
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize("name", ["notes.txt", "read.nfo", "art.ans"])
def test_a_text_is_no_clip(tmp_path: Path, name: str) -> None:
    """FFmpeg would draw its letters; a clip that is called so is one."""
    (tmp_path / name).write_text("three days at the sea\n" * 99)
    with pytest.raises(InputError, match="is a text, not a clip"):
        window(tmp_path / name)
    encode(tmp_path / "a.mp4", RAMP[:2]).rename(tmp_path / name)
    assert len(window(tmp_path / name)) == 2


@pytest.mark.parametrize("codec", ["libx264", "mpeg2video"])
def test_a_hole_in_a_transport_stream_is_said(tmp_path: Path, codec: str) -> None:
    """Television that a weak signal cut: what is left plays at its times, and the user learns that something is missing."""
    noise = np.random.default_rng(0)
    path = encode(tmp_path / "a.ts", [noise.integers(0, 100, (48, 64, 3), np.uint8) for _ in range(50)], codec=codec, options={"g": "12"})
    whole = list(convert_clip(path, tmp_path / "whole.mp4", lambda image: image))[-1]
    assert whole.message == ""
    data = path.read_bytes()
    (tmp_path / "b.ts").write_bytes(data[: len(data) * 2 // 5 // 188 * 188] + data[len(data) // 2 // 188 * 188 :])
    done = list(convert_clip(tmp_path / "b.ts", tmp_path / "out.mp4", lambda image: image))[-1]
    assert done.message == "frames are missing in 1 place: the clip is damaged there"
    assert float(written(tmp_path / "out.mp4")[1]) == pytest.approx(2.0, abs=0.05)
