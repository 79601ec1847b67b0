"""Clips of all kinds are read as they are to be seen, or refused in a sentence."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from stylecam.capture import frame_number
from stylecam.capture.video_file import VideoFile
from stylecam.core.frame import Frame
from stylecam.core.paths import shipped
from stylecam.errors import InputError
from tests.unit.capture.clips import BLUE, GREEN, RED, corner_marked, is_color, plain, write_clip, write_sound


def read_all(source: VideoFile, most: int = 100) -> list[Frame]:
    """Open, read up to `most` frames, close."""
    source.open()
    frames: list[Frame] = []
    while len(frames) < most and (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return frames


def test_frames_come_in_order_with_their_times(tmp_path: Path) -> None:
    """Every frame comes once, RGB, numbered from 0, at its time; then None, also when asked again."""
    path = write_clip(tmp_path / "a.mp4", [plain(RED), plain(GREEN), plain(BLUE)], fps=25)
    source = VideoFile(path)
    info = source.open()
    assert (info.name, info.width, info.height, info.live) == ("a.mp4", 64, 48, False)
    frames = [source.read() for _ in range(3)]
    assert [(frame.index, frame.media_ns) for frame in frames if frame] == [(0, 0), (1, 40_000_000), (2, 80_000_000)]
    assert all(frame and is_color(frame.image, color) for frame, color in zip(frames, (RED, GREEN, BLUE), strict=True))
    assert source.read() is None
    assert source.read() is None
    source.close()
    source.close()


def test_variable_rate_keeps_its_times(tmp_path: Path) -> None:
    """A phone's clip with uneven pauses keeps them."""
    times_ms = [0, 40, 41, 500, 1200]
    path = write_clip(tmp_path / "vfr.mkv", [plain(RED)] * 5, times_ms=times_ms)
    assert [frame.media_ns // 1_000_000 for frame in read_all(VideoFile(path))] == times_ms


def test_a_clip_that_begins_late_begins_at_zero(tmp_path: Path) -> None:
    """A clip cut out of a longer one, with times that start at five seconds, starts at once."""
    path = write_clip(tmp_path / "late.mkv", [plain(RED)] * 2, times_ms=[5000, 5040])
    assert [frame.media_ns // 1_000_000 for frame in read_all(VideoFile(path))] == [0, 40]


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (270, (0, 1))])
def test_rotation_is_applied(tmp_path: Path, rotation: int, corner: tuple[int, int]) -> None:
    """A phone held in portrait gives a portrait frame: it is turned counter-clockwise by the angle that the file states."""
    path = write_clip(tmp_path / "turned.mp4", [corner_marked()], rotation=rotation)
    source = VideoFile(path)
    info = source.open()
    frame = source.read()
    source.close()
    assert frame is not None
    assert (info.width, info.height) == ((48, 64) if rotation % 180 else (64, 48))
    height, width = frame.image.shape[:2]
    assert (width, height) == (info.width, info.height)
    rows, columns = np.array_split(np.arange(height), 2), np.array_split(np.arange(width), 2)
    quarters = {(r, c): frame.image[np.ix_(rows[r][6:-6], columns[c][6:-6])] for r in (0, 1) for c in (0, 1)}
    assert {place for place, quarter in quarters.items() if is_color(quarter, RED)} == {corner}


def test_pixels_become_square(tmp_path: Path) -> None:
    """An anamorphic clip is widened to what it is to look like."""
    path = write_clip(tmp_path / "wide.mp4", [plain(RED)], aspect=Fraction(4, 3))
    assert read_all(VideoFile(path))[0].image.shape == (48, 85, 3)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.avi", "mjpeg", "yuvj420p"),
        ("a.mkv", "ffv1", "yuv444p"),
        ("a.mkv", "ffv1", "gray"),
        ("a.avi", "mpeg4", "yuv420p"),
        ("a.h264", "libx264", "yuv420p"),
    ],
)
def test_odd_codecs(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    """Other codecs, chroma and containers (one without any times) give all frames in order, in steps of time."""
    path = write_clip(tmp_path / name, [plain(RED), plain(GREEN), plain(BLUE)], codec=codec, pix_fmt=pix_fmt)
    frames = read_all(VideoFile(path))
    assert len(frames) == 3
    if pix_fmt != "gray":
        assert all(is_color(frame.image, color) for frame, color in zip(frames, (RED, GREEN, BLUE), strict=True))
    times = [frame.media_ns for frame in frames]
    assert times[0] < times[1] < times[2]


def test_odd_sizes(tmp_path: Path) -> None:
    """Sides that are no multiple of anything are kept."""
    path = write_clip(tmp_path / "odd.mkv", [plain(BLUE, 37, 51)], codec="ffv1", pix_fmt="yuv444p")
    assert read_all(VideoFile(path))[0].image.shape == (37, 51, 3)


def test_odd_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs that mean something to FFmpeg mean nothing in a name, nor does a colon in a relative one."""
    clip = write_clip(tmp_path / "a.mp4", [plain(BLUE)])
    monkeypatch.chdir(tmp_path)
    for name in ("50% off %03d?.mp4", "http:x.mp4", "größer #1 [x].mp4"):
        clip = clip.rename(name)
        assert len(read_all(VideoFile(Path(name)))) == 1


def test_loop_goes_on_counting(tmp_path: Path) -> None:
    """A looped clip begins again; index and time go on as if it were one long clip."""
    path = write_clip(tmp_path / "a.mp4", [plain(RED), plain(BLUE)], fps=25)
    frames = read_all(VideoFile(path, loop=True), most=5)
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.media_ns // 1_000_000 for frame in frames] == [0, 40, 80, 120, 160]
    assert [is_color(frame.image, RED) for frame in frames] == [True, False, True, False, True]


def test_opened_again_it_begins_again(tmp_path: Path) -> None:
    """A source that was closed can be opened once more and starts from 0."""
    source = VideoFile(write_clip(tmp_path / "a.mp4", [plain(RED), plain(BLUE)]))
    assert [frame.index for frame in read_all(source)] == [frame.index for frame in read_all(source)] == [0, 1]


def test_a_cut_clip_gives_what_is_left(tmp_path: Path) -> None:
    """Half a file of a format that can be read from the front shows the frames that are whole."""
    random = np.random.default_rng(0)
    path = write_clip(
        tmp_path / "cut.mkv", [random.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(12)], codec="ffv1", pix_fmt="yuv444p"
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 1 <= len(read_all(VideoFile(path))) < 12


def test_damage_in_the_middle_is_skipped(tmp_path: Path) -> None:
    """A few bad bytes cost a frame or two, not the rest of the clip."""
    random = np.random.default_rng(0)
    path = write_clip(
        tmp_path / "bad.avi", [random.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(12)], codec="mjpeg", pix_fmt="yuvj420p"
    )
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 600] = bytes(600)
    path.write_bytes(data)
    assert 8 <= len(read_all(VideoFile(path))) <= 12


def _cut_mp4(path: Path) -> Path:
    write_clip(path, [plain(RED)] * 3)
    path.write_bytes(path.read_bytes()[:-200])
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path, "There is no file"),
        (lambda path: path.mkdir() or path, "is no file"),
        (lambda path: path.touch() or path, "is empty"),
        (lambda path: path.write_bytes(b"\x00\x01" * 500) and path, "cannot be read as a clip"),
        (_cut_mp4, "cut short"),
        (write_sound, "no video"),
    ],
)
def test_what_is_no_clip_is_refused_in_a_sentence(tmp_path: Path, make: object, sentence: str) -> None:
    """Missing, a folder, empty, noise, an MP4 without its end, sound alone: each says what is wrong and what to do."""
    path = make(tmp_path / "holiday.mp4")  # type: ignore[operator]
    with pytest.raises(InputError, match=sentence) as caught:
        VideoFile(path).open()
    assert "holiday.mp4" in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_playlist_fetches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that only points to a server is refused; the server is not asked."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        path = tmp_path / "list.m3u8"
        path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:{server.getsockname()[1]}/a.ts\n#EXT-X-ENDLIST\n")
        with pytest.raises(InputError):
            VideoFile(path).open()
        with pytest.raises(TimeoutError):
            server.accept()


def test_the_demo_clip_is_what_it_should_be() -> None:
    """Ten seconds, 640x480 at 30 fps, at most 1.5 MiB; every frame's number can be read, and is covered if wished."""
    path = shipped("assets", "clips", "demo.mp4")
    assert path.stat().st_size <= 1.5 * 2**20
    source = VideoFile(path)
    info = source.open()
    assert (info.width, info.height) == (640, 480)
    for index in range(20):
        frame = source.read()
        assert frame is not None
        assert frame_number.read(frame.image) == index
    source.close()
    assert all(frame_number.read(frame.image) is None for frame in read_all(VideoFile(path, hide_number=True), most=3))
