"""What the layers dialog does, without the dialog: a frozen frame, what each layer holds of it, and a stylization with chosen layers."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stylecam.app.child_job import DONE, FAILED, PROGRAM, ChildJob, ChildStatus
from stylecam.app.training.photos import save_jpeg
from stylecam.core import paths
from stylecam.methods.optimization_config import GatysConfig
from stylecam.outputs.names import new_path

if TYPE_CHECKING:
    from stylecam.app.live.session import Session

#: So many channels of each layer are shown, of a frame of this longer side.
CHANNELS, LOOK_PX = 8, 320
#: A look that is replaced by another has so long to end by itself.
_GIVE_UP_S = 1.0
DEFAULT_CONTENT = next(iter(GatysConfig().content_layers))
DEFAULT_STYLE = tuple(GatysConfig().style_layers)


@dataclass(frozen=True)
class OptimizeRequest:
    """What to stylize the frozen frame with; `content` and `style` are layers, `size_px` is the longer side."""

    style_image: Path
    content: str
    style: tuple[str, ...]
    iterations: int = 200
    size_px: int = 512


class LayersDesk:
    """Runs `stylecam see` and `stylecam still --method gatys` for a frame of the session.

    Args:
        session: gives the frame.
        program: what is run; tests put a small script here.
    """

    def __init__(self, session: Session, program: Sequence[str] = PROGRAM) -> None:
        self._session, self._program = session, tuple(program)
        self._folder = tempfile.TemporaryDirectory(prefix="stylecam-layers-", ignore_cleanup_errors=True)
        self._look = 0
        #: The run that looks, and the one that stylizes; each may be None.
        self.looking: ChildJob[ChildStatus] | None = None
        self.optimizing: ChildJob[ChildStatus] | None = None
        #: Layer → its sheet, as they are finished.
        self.sheets: dict[str, Path] = {}
        self.output: Path | None = None

    @property
    def frame(self) -> Path:
        """The frozen frame."""
        return Path(self._folder.name) / "frame.jpg"

    @property
    def preview(self) -> Path:
        """The stylized image so far, small."""
        return Path(self._folder.name) / "preview.jpg"

    def freeze(self) -> bool:
        """Take the newest frame; False if there is none yet."""
        latest = self._session.latest
        return latest is not None and save_jpeg(latest.frame, self.frame)

    def look(self) -> None:
        """Begin to look at the frozen frame, layer by layer.

        Raises:
            TrainingError: the child cannot be started.
        """
        if self.looking is not None:
            self.looking.stop(_GIVE_UP_S)  # nothing of it is kept
        self._look += 1
        self.sheets = {}
        sheet = Path(self._folder.name) / f"look{self._look}.png"
        command = ["see", str(self.frame), "-o", str(sheet), "--layer", "all", "--top", str(CHANNELS), "--size", str(LOOK_PX)]
        self.looking = self._start(command, f"look{self._look}.log", "look at the layers")

    def follow_look(self) -> ChildStatus | None:
        """Return how the looking stands, and fill `sheets`."""
        if self.looking is None:
            return None
        for path in Path(self._folder.name).glob(f"look{self._look}-*.png"):
            self.sheets.setdefault(path.stem.partition("-")[2], path)
        return self.looking.status()

    def optimize(self, request: OptimizeRequest) -> None:
        """Begin to stylize the frozen frame; the result lies where snapshots do.

        Raises:
            OutputError: that folder cannot be written to.
            TrainingError: the child cannot be started.
        """
        self.preview.unlink(missing_ok=True)
        self.output = new_path(paths.user_pictures(), ("optimized", request.style_image.stem), ".png")
        command = ["still", str(self.frame), "-o", str(self.output), "--method", "gatys", "--style-image", str(request.style_image)]
        command += ["--content-layers", request.content, "--style-layers", ",".join(request.style), "--preview", str(self.preview)]
        command += ["--iterations", str(request.iterations), "--size", str(request.size_px)]
        self.optimizing = self._start(command, "optimize.log", "optimisation")

    @property
    def is_optimizing(self) -> bool:
        """True while a frame is stylized."""
        return self.optimizing is not None and not self.optimizing.status().is_over

    def close(self) -> None:
        """End what runs, which keeps the stylized image so far."""
        for job in (self.looking, self.optimizing):
            if job is not None:
                job.close()
        self._folder.cleanup()

    def _start(self, command: Sequence[str], log: str, name: str) -> ChildJob[ChildStatus]:
        whole = [*self._program, *command, "--json", "--until-stdin-closes"]
        job: ChildJob[ChildStatus] = ChildJob(whole, Path(self._folder.name) / log, ChildStatus(), name)
        job.follow()
        return job


def ending_of(status: ChildStatus, output: Path) -> str:
    """Return how a stylization that is over ended, in a sentence."""
    if status.state == FAILED:
        return status.problem
    if not output.is_file():
        return "Stopped before there was anything to keep."
    return f"Saved {output}." if status.state == DONE else f"Stopped; the best so far is saved as {output}."
