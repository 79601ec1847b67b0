"""What a clip's tracks are called, from every container into MP4."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from stylecam.offline.clips import convert_clip


def told(path: Path, container_name: str) -> Path:
    """Write a clip whose tracks have languages and titles; the second sound is the default, the third for those who hear badly."""
    with av.open(str(path), "w") as container:
        container.metadata.update({"artist": "Me", "comment": "nice", "location": "+48.1000+011.5000/"})
        title = "title" if container_name == "mkv" else "handler_name"
        video: Any = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.metadata.update({"language": "fra", title: "Main"})
        sounds: list[Any] = []
        for language, word, flags in (("deu", "Deutsch", 0), ("eng", "English", 1), ("jpn", "Described", 1 << 7)):
            audio: Any = container.add_stream("aac", rate=48_000)
            audio.layout, audio.disposition = "mono", flags
            audio.metadata.update({"language": language, title: word})
            sounds.append(audio)
        for index in range(5):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            frame.pts = index
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for audio in sounds:
            block = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.float32), format="fltp", layout="mono")
            block.rate, block.pts = 48_000, 0
            container.mux([*audio.encode(block), *audio.encode(None)])
    return path


@pytest.mark.parametrize("kind", ["mkv", "mp4"])
def test_every_track_keeps_its_language_title_and_part(tmp_path: Path, kind: str) -> None:
    """The frames' own track too; a Matroska's title becomes the name that MP4 has for a track."""
    list(convert_clip(told(tmp_path / f"in.{kind}", kind), tmp_path / "out.mp4", lambda image: image))
    with av.open(str(tmp_path / "out.mp4")) as container:
        tracks = [*container.streams.video, *container.streams.audio]
        assert [track.metadata["language"] for track in tracks] == ["fra", "deu", "eng", "jpn"]
        assert [track.metadata["handler_name"] for track in tracks] == ["Main", "Deutsch", "English", "Described"]
        assert [int(track.disposition) & 1 for track in tracks] == [1, 0, 1, 0]
        assert int(tracks[3].disposition) & 1 << 7
        assert container.metadata["artist"] == "Me"
        assert container.metadata["location"].startswith("+48.1")


def sounding(path: Path, codec: str, rate: int, layout: str) -> bytes:
    """Return a transport stream of a second with a tone."""
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio: Any = container.add_stream(codec, rate=rate)
        audio.layout = layout
        for index in range(25):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            frame.pts = index
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        channels = {"mono": 1, "stereo": 2}[layout]
        tone = np.repeat((np.sin(np.arange(rate) * 2 * np.pi * 440 / rate) * 9000).astype(np.int16), channels)
        block = av.AudioFrame.from_ndarray(tone[None], format="s16", layout=layout)
        block.rate, block.pts = rate, 0
        container.mux([*audio.encode(block), *audio.encode(None)])
    return path.read_bytes()


@pytest.mark.parametrize(("codec", "seconds", "message"), [("mp2", 2.0, ""), ("aac", 1.0, "1 sound track cannot be read and is left out")])
def test_a_sound_that_changes_in_the_middle(tmp_path: Path, codec: str, seconds: float, message: str) -> None:
    """Segments of other rates and channels that were joined: encoded sound goes on; a copied track ends there, aloud, and decodes."""
    data = sounding(tmp_path / "a.ts", codec, 48_000, "mono") + sounding(tmp_path / "b.ts", codec, 32_000, "stereo")
    (tmp_path / "in.ts").write_bytes(data)
    report = list(convert_clip(tmp_path / "in.ts", tmp_path / "out.mp4", lambda image: image))[-1]
    assert report.message == message
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.audio[0].rate == 48_000
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples / 48_000 == pytest.approx(seconds, abs=0.15)
