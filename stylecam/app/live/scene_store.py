"""The user's scenes on the disk: one JSON file among their data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from stylecam.control.scene_file import read_scenes, scenes_json
from stylecam.control.scenes import Scene, Scenes
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


def save(scenes: Mapping[int, Scene], before: Mapping[int, Scene], path: Path) -> tuple[dict[int, Scene], str]:
    """Write what has changed, whole or not at all.

    Another copy of the program may have changed other scenes meanwhile; these stay as it left them.

    Args:
        scenes: as they are now.
        before: as they were when the file was last read or written here.
        path: the file.

    Returns:
        What the file holds now, and a sentence if it could not be written.
    """
    there = before
    try:
        if path.exists():
            there = read_scenes(path)[0]
    except InputError:
        pass  # somebody damaged it: what is here is better
    numbers = sorted({*scenes, *before, *there})
    wanted = {number: (there if scenes.get(number) == before.get(number) else scenes).get(number) for number in numbers}
    merged = {number: scene for number, scene in wanted.items() if scene is not None}
    try:
        make_folder(path.parent)
        if merged or path.exists():
            write_json(path, scenes_json(merged), force=True)
    except OutputError as error:
        return dict(before), f"The scenes could not be saved: {error}"
    return merged, ""


def find_scene(text: str, path: Path) -> tuple[Scene, str]:
    """Return a scene that a user named, and a sentence to pass on, which may be empty.

    Args:
        text: the name or number of one of the user's scenes, or a file of scenes: "show.json" is the first in it, "show.json#Paris" one of
            several.
        path: the file of the user's own scenes.

    Raises:
        UsageError: there is no such scene.
        InputError: the file cannot be read, or is no file of scenes.
    """
    file, hash_sign, name = text.partition("#")
    if Path(file).suffix.lower() != ".json" and not Path(text).is_file():
        scenes = Scenes(read_scenes(path)[0] if path.exists() else {})
        return scenes[scenes.find(text)], ""
    if not hash_sign:
        kept, note = read_scenes(Path(text))
        first, *others = kept.values()
        more = f"'{text}' holds {len(kept)} scenes; the first, {first.name}, is used: name another as in '{text}#{others[0].name}'."
        return first, " ".join(filter(None, (note, more if others else "")))
    kept, note = read_scenes(Path(file))
    scenes = Scenes(kept)
    return scenes[scenes.find(name)], note


def export(scenes: Mapping[int, Scene], path: Path) -> None:
    """Write scenes to give away, without their thumbnails: who shares a mix need not share what the camera sees.

    A file that is there is replaced, for a dialog has asked.

    Raises:
        OutputError: the folder or the disk refuses.
    """
    write_json(path, scenes_json({number: replace(scene, thumbnail=b"") for number, scene in scenes.items()}), force=True)
