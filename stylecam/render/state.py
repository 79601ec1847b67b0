"""What is passed between the render thread and those who watch it: what to stylize with, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stylecam.core.frame import Frame
from stylecam.core.params import RenderParams
from stylecam.engines.base import Image
from stylecam.packs.pack import StylePack


@dataclass(frozen=True, eq=False)
class RenderState:
    """What is stylized with: swapped whole, so that a mix never meets the wrong pack.

    `gliding`: a small step of a fade since the state before, so that what is carried from frame to frame still holds.
    """

    pack: StylePack
    params: RenderParams
    gliding: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Rendered:
    """A finished frame.

    Args:
        image: uint8 RGB (H, W, 3).
        preview: the copy for the screen, uint8 BGRX (h, w, 4).
        params: with which it was made.
        frame: what was stylized.
        done_ns: when it was finished, `time.monotonic_ns()`.
        repeated: `frame` was stylized before.
        starting: this is the photo, until the engine has started.
        engine: which engine ran, or empty.
        note: a fallback of the engine, or empty.
        problem: what the user must know, or empty.
        scale: to what share of its sides dynamic resolution shrank the frame.
        quality: fast or fine, and what `auto` found, in a few words; empty for a plain photo.
    """

    image: Image
    preview: NDArray[np.uint8]
    params: RenderParams
    frame: Frame
    done_ns: int
    repeated: bool = False
    starting: bool = False
    engine: str = ""
    note: str = ""
    problem: str = ""
    scale: float = 1.0
    quality: str = ""
