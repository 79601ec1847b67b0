"""Styles in training, as folders of the user's: what was asked for, how far it came, and which can be continued."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from stylecam.app.child_job import DONE, RUNNING, STOPPED
from stylecam.core import paths
from stylecam.core.atomic_io import reason, write_file
from stylecam.core.ids import as_id, first_free
from stylecam.errors import OutputError, TrainingError
from stylecam.packs.archive import ZIP_SUFFIX
from stylecam.packs.library import install_path
from stylecam.training.config import CHECKPOINT

RUN_FILE = "run.json"
CHOICES_MINUTES = {"quick": 3.0, "good": 10.0, "best": 30.0}
#: Finished runs that are kept, so that the newest could be looked at again.
_KEEP_DONE = 3
_VERSION = 1

#: Left, top, width and height of a part of a style image, as fractions.
Crop = tuple[float, float, float, float]
WHOLE: Crop = (0.0, 0.0, 1.0, 1.0)

NEW = "new"


@dataclass(frozen=True)
class TrainRequest:
    """What the user asked for. `pack` is what the style is for; `photos` a folder, or empty for those that ship.

    `stroke_scale` is the size of the strokes, 1 for the usual one; `crop` the part of the style image to learn; `colors` reduces it to so
    many, 0 keeps all.
    """

    style: str
    title: str
    artist: str
    pack: str
    minutes: float = CHOICES_MINUTES["good"]
    photos: str = ""
    stroke_scale: float = 1.0
    colors: int = 0
    crop: Crop = WHOLE


class TrainRun:
    """The folder of one style image: a copy of it, the request, the trainer's checkpoint, its previews and the growing pack."""

    def __init__(self, folder: Path, request: TrainRequest, state: str = NEW, child: tuple[int, float] = (0, 0.0)) -> None:
        self.folder, self.request, self.state, self._child = folder, request, state, child

    @property
    def style_image(self) -> Path:
        """The copy of the style image: the original may be moved or deleted meanwhile."""
        return next(iter(sorted(self.folder.glob("painting.*"))), self.folder / "painting.png")

    @property
    def pack(self) -> Path:
        """Where the trainer writes the style."""
        return self.folder / f"{self.request.style}{ZIP_SUFFIX}"

    @property
    def own_photos(self) -> Path:
        """Where photos for this run are put."""
        return self.folder / "photos"

    @property
    def live_photo(self) -> Path:
        """A photo from the window, to show the growing style on."""
        return self.folder / "live.jpg"

    @property
    def photos(self) -> Path | None:
        """What to learn on: photos that were taken for this run, the folder that was named, or None for those that ship."""
        if self.own_photos.is_dir():
            return self.own_photos
        return Path(self.request.photos) if self.request.photos else None

    @property
    def can_resume(self) -> bool:
        """True when there is a checkpoint to go on from; else the training begins again."""
        return (self.folder / CHECKPOINT).is_file()

    @property
    def is_alive(self) -> bool:
        """True while the trainer that was started for it is there, such as that of another window."""
        pid, born = self._child
        try:
            return pid > 0 and bool(abs(psutil.Process(pid).create_time() - born) < 1.0)
        except psutil.Error:
            return False

    def mark(self, state: str, child: tuple[int, float] = (0, 0.0)) -> None:
        """Write how it stands, with the trainer's process and when that began.

        Raises:
            OutputError: the disk refuses.
        """
        self.state, self._child = state, child
        data = {"version": _VERSION, "state": state, "child": list(child), "request": asdict(self.request)}
        write_file(self.folder / RUN_FILE, json.dumps(data, indent=2).encode(), force=True)

    def install(self) -> Path:
        """Copy the style to the user's packs, where the window finds it at its next start; return its place.

        Raises:
            OutputError: there is no style yet, or the disk refuses.
        """
        target = install_path(paths.user_packs(), self.request.style)
        try:
            data = self.pack.read_bytes()
        except OSError as error:
            raise OutputError(f"The new style '{self.pack}' cannot be read: {reason(error)}.") from error
        write_file(target, data, force=True)
        return target

    def discard(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def new_run(request: TrainRequest, style_image: Path) -> TrainRun:
    """Make the folder of a run, with a copy of the style image in it.

    Raises:
        TrainingError: the style image cannot be read.
        OutputError: the folder cannot be made.
    """
    parent = paths.user_trainings()
    _prune(parent)
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = _free_folder(parent, request.style)
    except OSError as error:
        raise OutputError(f"The folder for the training in '{parent}' cannot be made: {reason(error)}.") from error
    try:
        shutil.copyfile(style_image, folder / f"painting{style_image.suffix.lower()}")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise TrainingError(f"The style image '{style_image}' cannot be read: {reason(error)}; choose another.") from error
    run = TrainRun(folder, request)
    run.mark(NEW)
    return run


def unfinished_runs() -> list[TrainRun]:
    """Return the runs that were cut short, by a crash or by closing the window, the newest first; damaged folders are passed over."""
    return [run for run in _all_runs(paths.user_trainings()) if run.state == RUNNING and not run.is_alive and run.style_image.is_file()]


def resumable_run(style_image: Path) -> TrainRun | None:
    """Return the newest run with this very style image that was stopped or cut short and can be gone on with, or None."""
    try:
        content = style_image.read_bytes()
        for run in _all_runs(paths.user_trainings()):
            is_over = run.state != DONE and run.can_resume and not run.is_alive
            if is_over and run.style_image.stat().st_size == len(content) and run.style_image.read_bytes() == content:
                return run
    except OSError:
        return None
    return None


def style_id(title: str, taken: Collection[str]) -> str:
    """Return a short name for a style that nothing else has: "My Garden!" is `my_garden`, or `my_garden_2`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return first_free(as_id(plain)[:48].strip("_") or "style", taken.__contains__)


def _free_folder(parent: Path, name: str) -> Path:
    number = 1
    while True:
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def _all_runs(parent: Path) -> list[TrainRun]:
    try:
        files = sorted(parent.glob(f"*/{RUN_FILE}"), key=lambda path: -path.stat().st_mtime)
    except OSError:
        return []
    return [run for run in map(_read, files) if run is not None]


def _read(file: Path) -> TrainRun | None:
    try:
        data: Any = json.loads(file.read_text("utf-8"))
        left, top, width, height = data["request"].get("crop", WHOLE)  # JSON knows no tuples
        request = TrainRequest(**data["request"] | {"crop": (float(left), float(top), float(width), float(height))})
        pid, born = data["child"]
        sound = data["version"] == _VERSION and re.fullmatch(r"[a-z0-9][a-z0-9_]{0,63}", request.style)
        return TrainRun(file.parent, request, str(data["state"]), (int(pid), float(born))) if sound else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _prune(parent: Path) -> None:
    """Remove all but the newest finished runs."""
    for run in [run for run in _all_runs(parent) if run.state in (DONE, STOPPED)][_KEEP_DONE:]:
        run.discard()
