"""Scenes as one small JSON file, which people give to each other: everything in it is checked, for it may come from anybody."""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stylecam.control.scenes import MAX_SCENES, Scene, Scenes, clean_name, scene_params
from stylecam.core.atomic_io import reason
from stylecam.core.mix import StyleMix
from stylecam.core.params import Param
from stylecam.core.window_params import SCENE_SCOPES
from stylecam.errors import InputError
from stylecam.packs.thumbnails import image_head

FORMAT, VERSION = "stylecam scenes", 1
_MAX_BYTES = 4_000_000
_MAX_THUMBNAIL_BYTES, _MAX_THUMBNAIL_PX = 20_000, 320
_MAX_STYLES, _MAX_ID = 1000, 100


def scenes_json(scenes: Mapping[int, Scene]) -> dict[str, Any]:
    """Return what a file with these scenes holds."""
    return {"format": FORMAT, "version": VERSION, "scenes": [_to_json(number, scene) for number, scene in scenes.items()]}


def read_scenes(path: Path) -> tuple[dict[int, Scene], str]:
    """Read a file of scenes.

    Returns:
        The scenes by their numbers, and a sentence about options that are unknown here and left out; empty if there are none.

    Raises:
        InputError: it cannot be read, is no file of scenes, is of a newer version, or holds a value that cannot be.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"The scenes '{path}' cannot be read: {reason(error)}; choose another file.") from error
    return parse_scenes(data, path.name)


def load_scenes(path: str | os.PathLike[str]) -> Scenes:
    """Read a file of scenes, such as the window exports.

    Args:
        path: the file.

    Returns:
        The scenes, by name or number: `scenes["Waves"]`, `scenes[1]`.

    >>> import json, stylecam
    >>> waves = {"number": 1, "name": "Waves", "scope": "mix", "mix": {"great_wave": 1.0}}
    >>> with open("show.json", "w") as file:
    ...     json.dump({"format": "stylecam scenes", "version": 1, "scenes": [waves]}, file)
    >>> scenes = stylecam.load_scenes("show.json")
    >>> scenes["Waves"].mix.weights
    {'great_wave': 1.0}

    Raises:
        InputError: it cannot be read, is no file of scenes, or holds a value that cannot be.
    """
    return Scenes(read_scenes(Path(path))[0])


def parse_scenes(data: bytes, name: str) -> tuple[dict[int, Scene], str]:
    """Read the bytes of a file of scenes; `name` is for messages. See `read_scenes`.

    Raises:
        InputError: as there.
    """
    stored = _parsed(data, name)
    entries = stored.get("scenes")
    if not isinstance(entries, list) or not entries:
        raise InputError(f"'{name}' holds no scene; export one from the menu Scenes.")
    if len(entries) > MAX_SCENES:
        raise InputError(f"'{name}' holds {len(entries)} scenes, more than the {MAX_SCENES} that there may be.")
    scenes: dict[int, Scene] = {}
    left_out: dict[str, None] = {}
    for at, entry in enumerate(entries, 1):
        try:
            number, scene, unknown = _scene(entry, scenes)
        except ValueError as error:
            raise InputError(f"Scene {at} in '{name}' cannot be used: {error}; get the file again from where it came from.") from None
        scenes[number] = scene
        left_out |= dict.fromkeys(unknown)
    note = f"'{name}' has options that this stylecam does not know, which are left out: {', '.join(left_out)}." if left_out else ""
    return dict(sorted(scenes.items())), note


def _parsed(data: bytes, name: str) -> dict[str, Any]:
    if len(data) > _MAX_BYTES:
        raise InputError(f"'{name}' is far too large for a file of scenes; choose another.")
    try:
        stored = json.loads(data)
    except (ValueError, RecursionError):
        raise InputError(f"'{name}' is no file of scenes: it is damaged or something else; choose another.") from None
    if not isinstance(stored, dict) or stored.get("format") != FORMAT:
        raise InputError(f"'{name}' is no file of scenes; export one from the menu Scenes.")
    version = stored.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise InputError(f"'{name}' does not say of which version it is; export it again.")
    if version > VERSION:
        raise InputError(f"'{name}' was written by a newer stylecam; update this one to read it.")
    return stored


def _to_json(number: int, scene: Scene) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "number": number,
        "name": scene.name,
        "scope": scene.scope,
        "mix": dict(scene.mix.weights),
        "options": {param.id: value for param, value in scene.values.items()},
    }
    if scene.pack:
        entry["pack"] = scene.pack
    if scene.thumbnail:
        entry["thumbnail"] = base64.b64encode(scene.thumbnail).decode()
    return entry


def _scene(entry: Any, before: Mapping[int, Scene]) -> tuple[int, Scene, list[str]]:
    """Return number and scene, and the ids of the options that are unknown.

    Raises:
        ValueError: why it cannot be used, without a full stop.
    """
    if not isinstance(entry, dict):
        raise ValueError("it is no object")
    number, scope = entry.get("number"), entry.get("scope")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= MAX_SCENES:
        raise ValueError(f"its number must be from 1 to {MAX_SCENES}")
    if number in before:
        raise ValueError(f"the number {number} is given twice")
    if scope not in SCENE_SCOPES:
        raise ValueError(f"its scope must be one of {', '.join(SCENE_SCOPES)}")
    name, pack = entry.get("name"), entry.get("pack", "")
    if not isinstance(name, str) or not isinstance(pack, str):
        raise ValueError("its name must be text")
    values, unknown = _options(entry.get("options", {}), {param.id: param for param in scene_params(scope)})
    scene = Scene(
        name=clean_name(name),
        mix=_mix(entry.get("mix")),
        scope=scope,
        values=values,
        pack=clean_name(pack) if pack else "",
        thumbnail=_thumbnail(entry.get("thumbnail", "")),
    )
    return number, scene, unknown


def _mix(value: Any) -> StyleMix:
    if not isinstance(value, dict) or len(value) > _MAX_STYLES:
        raise ValueError("its mix must name styles and their weights")
    for style, weight in value.items():
        shown = style[:_MAX_ID]
        if not style or shown != style or not style.isprintable():
            raise ValueError(f"a style cannot be called {shown!r}")
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight <= 1:
            raise ValueError(f"the weight of {style} must be a number from 0 to 1")
    return StyleMix({style: float(weight) for style, weight in value.items()})


def _options(value: Any, known: Mapping[str, Param[Any]]) -> tuple[dict[Param[Any], Any], list[str]]:
    if not isinstance(value, dict):
        raise ValueError("its options must be an object")
    values = {}
    for name, given in value.items():
        if name in known:
            if not known[name].accepts(given):
                raise ValueError(f"{known[name].label} cannot be {str(given)[:_MAX_ID]}")
            values[known[name]] = given
    return values, [clean_name(name) for name in value if name not in known]


def _thumbnail(value: Any) -> bytes:
    """Return an image that is small in every respect; anything else is a file that somebody tampered with."""
    if not isinstance(value, str):
        raise ValueError("its thumbnail must be text")
    try:
        data = base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        raise ValueError("its thumbnail is damaged") from None
    head = image_head(data) if 0 < len(data) <= _MAX_THUMBNAIL_BYTES else None
    if data and (head is None or max(head.size) > _MAX_THUMBNAIL_PX):
        raise ValueError("its thumbnail is damaged or too large")
    return data
