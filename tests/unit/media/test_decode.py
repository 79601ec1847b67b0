"""One decoder: the window and `video` see the same, whatever a clip's clock, colours, turns and fields are."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from stylecam.capture.video_file import VideoFile
from stylecam.core.frame import Frame
from stylecam.errors import InputError
from stylecam.media.decode import Clip, open_clip
from stylecam.offline.clips import convert_clip
from stylecam.training.data.clips import random_frame
from tests.unit.media.odd_clips import BLUE, GREY, LIME, RED, encode, joined, plain, quarters, with_matrix

HDR = {"colorspace": 9, "color_primaries": 9, "color_range": 1}


def window(path: Path) -> list[Frame]:
    """Return all frames as the window gets them."""
    source = VideoFile(path)
    source.open()
    frames = [frame for frame in iter(source.read, None) if frame is not None]
    source.close()
    return frames


def video(path: Path) -> tuple[list[np.ndarray], Path]:
    """Return all frames as `stylecam video` gets them, and the clip that it writes from them unchanged."""
    seen: list[np.ndarray] = []

    def note(image: np.ndarray) -> np.ndarray:
        seen.append(image.copy())
        return image

    target = path.with_name(f"{path.name}.out.mp4")
    list(convert_clip(path, target, note))
    return seen, target


def written(path: Path) -> tuple[list[Fraction], Fraction, list[Any]]:
    """Return the times of a clip's decoded frames in seconds, how long it lasts, and its packets of sound."""
    with av.open(str(path)) as container:
        times = [frame.pts * frame.time_base for frame in container.decode(video=0) if frame.pts is not None and frame.time_base]
        stream = container.streams.video[0]
        assert stream.duration is not None
        assert stream.time_base is not None
        lasts = stream.duration * stream.time_base
    with av.open(str(path)) as container:
        sounds = [packet for packet in container.demux(audio=0) if packet.size] if container.streams.audio else []
    return times, lasts, sounds


def interlaced(path: Path) -> Path:
    """Write a clip in which a white bar moves from field to field."""
    images = []
    for number in range(10):
        image = np.zeros((48, 64, 3), np.uint8)
        for field in (0, 1):
            left = (2 * number + field) * 3
            image[field::2, left : left + 10] = 255
        images.append(image)
    flags = (1 << 18) | (1 << 29)  # AV_CODEC_FLAG_INTERLACED_DCT, AV_CODEC_FLAG_INTERLACED_ME
    return encode(path, images, codec="mpeg2video", tags={"flags": flags, "bit_rate": 4_000_000})


def two_sizes(path: Path) -> Path:
    """Write a transport stream whose frames change from wide to tall."""
    data = encode(path.with_name("wide.ts"), [plain(RED, 128, 64)] * 10).read_bytes()
    path.write_bytes(data + encode(path.with_name("tall.ts"), [plain(BLUE, 64, 128)] * 10).read_bytes())
    return path


def transparent(path: Path) -> Path:
    """Write an animated PNG with a disc on nothing; the nothing hides magenta."""
    images = []
    for number in range(5):
        image = Image.new("RGBA", (64, 48), (255, 0, 255, 0))
        ImageDraw.Draw(image).ellipse((10 + 2 * number, 10, 40 + 2 * number, 40), fill=(30, 160, 60, 255))
        images.append(image)
    images[0].save(path, save_all=True, append_images=images[1:], duration=100, loop=0, format="PNG")
    return path


HD = np.full((720, 1280, 3), (200, 60, 40), np.uint8)
MAKERS: dict[str, Any] = {
    "small": lambda p: encode(p / "a.mp4", [quarters()] * 3),
    "untagged 720p": lambda p: encode(p / "a.mp4", [HD] * 2, matrix=1),
    "hlg": lambda p: encode(p / "a.mp4", [plain((191,) * 3)] * 3, pix_fmt="yuv420p10le", tags={**HDR, "color_trc": 18}, matrix=9),
    "pq": lambda p: encode(p / "a.mp4", [plain((148,) * 3)] * 3, pix_fmt="yuv420p10le", tags={**HDR, "color_trc": 16}, matrix=9),
    "bt.2020": lambda p: encode(p / "a.mp4", [plain((40, 200, 60))] * 3, tags={**HDR, "color_trc": 1}, matrix=9),
    "full range": lambda p: encode(p / "a.mkv", [quarters()] * 3, codec="ffv1", tags={"color_range": 2}),
    "mirrored": lambda p: with_matrix(encode(p / "m.mp4", [quarters()] * 3), p / "a.mp4", -1, 0, 0, 1),
    "turned and mirrored": lambda p: with_matrix(encode(p / "m.mp4", [quarters()] * 3), p / "a.mp4", 0, 1, 1, 0),
    "wide pixels": lambda p: encode(p / "a.mp4", [quarters()] * 3, tags={"sample_aspect_ratio": Fraction(4, 3)}),  # type: ignore[dict-item]
    "interlaced": lambda p: interlaced(p / "a.mpg"),
    "two sizes": lambda p: two_sizes(p / "a.ts"),
    "transparent": lambda p: transparent(p / "a.apng"),
    "joined": lambda p: joined(p / "a.ts", 0, 0),
    "wrapped clock": lambda p: joined(p / "a.ts", 95_441_000),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_window_and_video_see_the_same(tmp_path: Path, kind: str) -> None:
    """Byte for byte, frame by frame."""
    path = MAKERS[kind](tmp_path)
    live, (offline, _) = window(path), video(path)
    assert len(live) == len(offline) > 0
    for frame, image in zip(live, offline, strict=True):
        np.testing.assert_array_equal(frame.image, image)


@pytest.mark.parametrize(
    ("kind", "seen", "within"),
    [
        ("untagged 720p", (200, 60, 40), 3),
        ("hlg", (234, 234, 234), 4),
        ("pq", (234, 234, 234), 4),
        ("bt.2020", (0, 210, 0), 4),
        ("transparent", (255, 255, 255), 0),
    ],
)
def test_colours_are_what_they_should_be(tmp_path: Path, kind: str, seen: tuple[int, int, int], within: int) -> None:
    """In the window, and so in `video`; and in training."""
    path = MAKERS[kind](tmp_path)
    assert np.abs(window(path)[1].image[5, 5].astype(int) - seen).max() <= within
    assert np.abs(np.asarray(random_frame(path, np.random.default_rng(0)))[5, 5].astype(int) - seen).max() <= within


@pytest.mark.parametrize(
    ("matrix", "corners"),
    [
        ((1, 0, 0, 1), (RED, BLUE, GREY, LIME)),
        ((-1, 0, 0, 1), (BLUE, RED, LIME, GREY)),
        ((1, 0, 0, -1), (GREY, LIME, RED, BLUE)),
        ((-1, 0, 0, -1), (LIME, GREY, BLUE, RED)),
        ((0, 1, -1, 0), (GREY, RED, LIME, BLUE)),
        ((0, -1, 1, 0), (BLUE, LIME, RED, GREY)),
        ((0, 1, 1, 0), (RED, GREY, BLUE, LIME)),
        ((0, -1, -1, 0), (LIME, BLUE, GREY, RED)),
        ((0, 0, 0, 0), (RED, BLUE, GREY, LIME)),
    ],
)
def test_every_display_matrix(tmp_path: Path, matrix: tuple[int, int, int, int], corners: tuple[tuple[int, int, int], ...]) -> None:
    """Turned, mirrored, and both: above left, above right, below left, below right. One that means nothing is left alone."""
    path = with_matrix(encode(tmp_path / "m.mp4", [quarters(96, 48)] * 2), tmp_path / "a.mp4", *matrix)
    image = window(path)[0].image
    assert image.shape == ((96, 48, 3) if matrix[1] else (48, 96, 3))
    height, width = image.shape[:2]
    seen = [image[y, x].astype(int) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    assert max(np.abs(one - other).max() for one, other in zip(seen, corners, strict=True)) < 30


@pytest.mark.parametrize("begins_ms", [(0, 0), (10_000, 2_000), (0, 4_000_000), (50_000, 40_000, 90_000_000)])
def test_a_clock_that_jumps_goes_on(tmp_path: Path, begins_ms: tuple[int, ...]) -> None:
    """Segments joined end to end, whose clocks restart, or leap back or ahead: every frame 40 ms behind the other, all sound kept."""
    path = joined(tmp_path / "a.ts", *begins_ms)
    frames = 50 * len(begins_ms)
    assert [frame.media_ns for frame in window(path)] == pytest.approx([40_000_000 * number for number in range(frames)], abs=2_000_000)
    _, target = video(path)
    times, lasts, sounds = written(target)
    assert [float(b - a) for a, b in pairwise(times)] == pytest.approx([0.04] * (frames - 1), abs=0.002)
    assert float(lasts) == pytest.approx(frames * 0.04, abs=0.1)
    with av.open(str(path)) as container:
        assert len(sounds) == sum(packet.size > 0 for packet in container.demux(audio=0))
    apart = [float(a.pts * a.time_base) for a in sounds]
    assert apart == sorted(apart)
    assert apart[-1] == pytest.approx(float(times[-1]), abs=0.15)


@pytest.mark.parametrize(("name", "leap_ms", "mended"), [("a.ts", 50_000, True), ("a.mkv", 50_000_000, True), ("a.mp4", 60_000, False)])
def test_leaps_and_pauses_are_distinguished(tmp_path: Path, name: str, leap_ms: int, mended: bool) -> None:
    """A leap of hours, or of ten seconds in a transport stream, is the clock's; a minute's pause in an MP4 is meant."""
    times_ms = [40 * number + (leap_ms if number >= 25 else 0) for number in range(50)]
    times, _, _ = written(video(encode(tmp_path / name, [plain(RED)] * 50, times_ms=times_ms))[1])
    assert len(times) == 50
    assert float(times[25] - times[24]) == pytest.approx(0.04 if mended else 60.04, abs=0.002)


@pytest.mark.parametrize("begin_ms", [95_441_000, 95_443_000, 1_000_000])
def test_a_clock_that_begins_below_zero(tmp_path: Path, begin_ms: int) -> None:
    """A transport stream across its clock's wrap at 26.5 hours begins below zero: all of it is there, and decodes."""
    _, target = video(joined(tmp_path / "a.ts", begin_ms))
    times, lasts, sounds = written(target)
    assert len(times) == 50
    assert float(lasts) == pytest.approx(2.0, abs=0.1)
    assert len(sounds) > 80
    assert abs(float(sounds[0].pts * sounds[0].time_base) - float(times[0])) < 0.1


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.gif"])
def test_the_last_frame_stands_its_time(tmp_path: Path, name: str) -> None:
    """Slides of 1, 1 and 5 seconds make a clip of 7; in a loop the window shows the last as long."""
    path, colors = tmp_path / name, (RED, LIME, BLUE)
    if name == "a.gif":
        pages = [Image.fromarray(plain(color)) for color in colors]
        pages[0].save(path, save_all=True, append_images=pages[1:], duration=[1000, 1000, 5000], loop=0)
    else:
        codec = "libvpx-vp9" if name == "a.webm" else "libx264"
        encode(path, [plain(color) for color in colors], times_ms=[0, 1000, 2000], last_ms=5000, codec=codec)
    times, lasts, _ = written(video(path)[1])
    assert [float(time) for time in times] == pytest.approx([0, 1, 2], abs=0.011)
    assert float(lasts) == pytest.approx(7.0, abs=0.03)
    source = VideoFile(path, loop=True)
    source.open()
    again = [frame.media_ns / 1e9 for frame in (source.read() for _ in range(4)) if frame is not None]
    source.close()
    assert again == pytest.approx([0, 1, 2, 7], abs=0.03)


def test_a_matroska_that_was_cut_short_does_not_stand_still(tmp_path: Path) -> None:
    """Its header tells the length that it had; the last frame that is left is not held until then."""
    noise = np.random.default_rng(0)
    path = encode(tmp_path / "a.mkv", [noise.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(100)], codec="ffv1")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    times, lasts, _ = written(video(path)[1])
    assert 30 < len(times) < 70
    assert float(lasts) == pytest.approx(len(times) * 0.04, abs=0.05)


def test_the_default_stream_is_the_video(tmp_path: Path) -> None:
    """Not the first, but the one that the file calls its default; without any such word, the largest."""
    for name, flags in (("default.mkv", (0, 1)), ("largest.mkv", (0, 0)), ("small.mkv", (1, 0))):
        with av.open(str(tmp_path / name), "w") as container:
            streams: list[Any] = []
            for number, (width, height) in enumerate(((64, 48), (128, 96))):
                stream: Any = container.add_stream("libx264", rate=10)
                stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
                stream.disposition = flags[number]
                streams.append(stream)
            for index in range(3):
                for stream, color in zip(streams, (RED, LIME), strict=True):
                    frame = av.VideoFrame.from_ndarray(plain(color, stream.width, stream.height), format="rgb24")
                    frame.pts = index
                    container.mux(stream.encode(frame))
            for stream in streams:
                container.mux(stream.encode(None))
        image = window(tmp_path / name)[0].image
        assert image.shape == ((48, 64, 3) if name == "small.mkv" else (96, 128, 3))


def test_interlaced_clips_are_deinterlaced_and_that_is_said(tmp_path: Path) -> None:
    """No comb is left where a bar moves from field to field; a progressive clip of the same codec is left alone."""
    path = interlaced(tmp_path / "a.mpg")
    frames = window(path)
    assert len(frames) == 10
    assert [frame.media_ns // 1_000_000 for frame in frames] == pytest.approx([40 * number for number in range(10)], abs=1)

    def combed(image: np.ndarray) -> float:
        rows = image[4:-4, :, 1].astype(int)
        return float(np.abs(2 * rows[1:-1] - rows[:-2] - rows[2:]).mean())

    with av.open(str(path)) as container:
        raw = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert combed(raw[5]) > 20
    assert combed(frames[5].image) < 0.35 * combed(raw[5])
    report = list(convert_clip(path, tmp_path / "o.mp4", lambda image: image))[-1]
    assert report.message == "the clip was interlaced and has been deinterlaced"
    with Clip(open_clip(encode(tmp_path / "p.mpg", raw, codec="mpeg2video")), "p") as clip:
        assert len(list(clip.moments())) == 10
        assert not clip.is_interlaced


def test_a_size_that_changes_is_letterboxed(tmp_path: Path) -> None:
    """A frame of other proportions stands in the middle of the first one's size, on black; nothing is squeezed."""
    image = window(two_sizes(tmp_path / "a.ts"))[-1].image
    assert image.shape == (64, 128, 3)
    assert image[32, 10].max() < 20
    assert image[32, 118].max() < 20
    assert np.abs(image[32, 64].astype(int) - BLUE).max() < 25
    assert [int(np.abs(image[32, x].astype(int) - BLUE).max() < 40) for x in (44, 50, 78, 84)] == [0, 1, 1, 0]


def test_webm_shows_its_transparency(tmp_path: Path) -> None:
    """VP9's second layer is read too: what is transparent is white."""
    image = np.zeros((48, 64, 4), np.uint8)
    image[...] = (255, 0, 255, 0)
    image[12:36, 16:48] = (30, 160, 60, 255)
    path = encode(tmp_path / "a.webm", [image] * 3, codec="libvpx-vp9", pix_fmt="yuva420p")
    for frame in window(path):
        assert frame.image[2, 2].tolist() == [255, 255, 255]
        assert np.abs(frame.image[24, 32].astype(int) - (30, 160, 60)).max() < 12


def test_photos_and_moving_webp_are_no_clips(tmp_path: Path) -> None:
    """Said as it is: a HEIC photo, which `still` refuses in the same words; an animated WebP, which is whole."""
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99))
    with pytest.raises(InputError, match="HEIC photo"):
        window(tmp_path / "a.mp4")
    pages = [Image.new("RGB", (16, 16), color) for color in ("red", "lime")]
    pages[0].save(tmp_path / "b.webp", save_all=True, append_images=pages[1:])
    with pytest.raises(InputError, match="animated WebP"):
        window(tmp_path / "b.webp")
