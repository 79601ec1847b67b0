"""Frames: display matrices in a clip's header, and the number in a frame's corner."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np

from stylecam.capture import frame_number
from stylecam.errors import InputError
from stylecam.media.decode import Clip, open_clip
from tests.fuzz.mutate import damaged
from tests.fuzz.targets import Target, target
from tests.unit.media.odd_clips import encode, quarters

_SIDES = (0, 1, 2, 11, 12, 47, 80, 119, 159, 160, 161, 200, 640, 4000)


@target("display_matrix")
class DisplayMatrix(Target):
    """The nine numbers by which a clip asks to be turned: any at all gives frames of one size."""

    allowed = (InputError,)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._clip = encode(folder / "sound.mp4", [quarters(32, 24)] * 2).read_bytes()
        self._at = self._clip.find(b"tkhd") + 4 + 40
        self._sound = self._clip[self._at : self._at + 36]
        assert struct.unpack(">9i", self._sound)[8] == 1 << 30

    def make(self, rng: random.Random) -> bytes:
        """Change the matrix: to another of the eight and a bit, to any numbers, or by damage."""
        kind = rng.random()
        if kind < 0.3:
            matrix = struct.pack(">9i", *(rng.choice((0, 1 << 16, -(1 << 16), rng.randrange(-(2**31), 2**31))) for _ in range(9)))
        elif kind < 0.6:
            matrix = rng.randbytes(36)
        else:
            matrix = (damaged(self._sound, rng) + bytes(36))[:36]
        return self._clip[: self._at] + matrix + self._clip[self._at + 36 :]

    def read(self, data: bytes) -> None:
        """Decode it."""
        path = self.folder / "input.mp4"
        path.write_bytes(data)
        with Clip(open_clip(path), "the clip", threads=1) as clip:
            shapes = {clip.image(moment).shape for moment in clip.moments()}
        assert len(shapes) <= 1
        # The matrix may also stretch pixels, up to five times.
        assert all(1 <= side <= 32 * 5 for shape in shapes for side in shape[:2]), shapes


@target("frame_number")
class FrameNumber(Target):
    """The reader of numbers, on frames of any size, with noise or a mark or parts of one."""

    def make(self, rng: random.Random) -> bytes:
        """Return height, width, the number that is drawn, and a seed for what is around."""
        height, width = (rng.choice(_SIDES) if rng.random() < 0.7 else rng.randrange(700) for _ in range(2))
        return struct.pack("<HHIQ", min(height, 700), width, rng.choice((0, 1, 65535, 65536, rng.randrange(2**32))), rng.randrange(2**63))

    def read(self, data: bytes) -> None:
        """Draw, damage, read and hide."""
        height, width, number, seed = struct.unpack("<HHIQ", data)
        rng = np.random.default_rng(seed)
        image = np.full((height, width, 3), int(rng.integers(256)), np.uint8)
        marked = frame_number.draw(image, number)
        found = frame_number.read(marked)
        fits = not np.array_equal(marked, image)
        assert fits or width < frame_number.MIN_WIDTH_PX or height < width / 10
        assert found == (number % frame_number.COUNT if fits else None), (found, number, height, width)
        if seed % 3 and marked.size:
            noise = rng.integers(0, 256, (min(height, 40), *marked.shape[1:]), dtype=np.uint8)
            marked[: len(noise)] = np.where(noise < int(rng.integers(256)), noise, marked[: len(noise)])
        found = frame_number.read(marked)
        assert found is None or 0 <= found < frame_number.COUNT
        assert frame_number.hide(marked).shape == marked.shape
