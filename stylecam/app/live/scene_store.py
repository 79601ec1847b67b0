"""The user's scenes on the disk: one JSON file among their data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stylecam.control.scene_file import read_scenes, scenes_json
from stylecam.control.scenes import Scene
from stylecam.core.atomic_io import make_folder, set_aside, write_json
from stylecam.errors import InputError, OutputError


def load(path: Path) -> tuple[dict[int, Scene], str]:
    """Return the scenes and a sentence for the user, empty when all is well. A file that cannot be understood is set aside."""
    if not path.exists():
        return {}, ""
    try:
        return read_scenes(path)
    except InputError as error:
        aside = set_aside(path)
        kept = f" It was set aside as '{aside.name}'." if aside is not None else ""
        return {}, f"Your scenes could not be read. {error}{kept}"


def save(scenes: Mapping[int, Scene], path: Path) -> str:
    """Write all scenes whole or not at all; return a sentence if that fails."""
    try:
        make_folder(path.parent)
        if not scenes and not path.exists():
            return ""
        write_json(path, scenes_json(scenes), force=True)
    except OutputError as error:
        return f"The scenes could not be saved: {error}"
    return ""


def export(scenes: Mapping[int, Scene], path: Path) -> None:
    """Write scenes to give away; a file that is there is replaced, for a dialog has asked.

    Raises:
        OutputError: the folder or the disk refuses.
    """
    write_json(path, scenes_json(scenes), force=True)
