"""What the window remembers from one start to the next: one JSON file with a version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from stylecam.capture.base import CameraFormat
from stylecam.core.atomic_io import set_aside, sweep, write_file
from stylecam.core.params import Param, Value
from stylecam.core.paths import DEFAULT_PACK
from stylecam.effects.registry import every_param
from stylecam.errors import OutputError, UsageError

VERSION = 2
FILE_NAME = "settings.json"
_MAX_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`mix` None means a first start; `source` empty the first camera, or the clip that ships.

    `geometry` is the window's, in hex, and `panel` the share of its width that the panel takes, 0 for the usual; `camera` is the
    size and rate to ask of cameras, empty for the usual. `params` holds the values of options by their ids; one that is not named
    is as at a first start. `used` has the styles, `recent` the sources and `recent_packs` the whole packs from elsewhere that were
    used, the newest first; `folders` where dialogs for files ended, by what they asked for; `theme`, `text_size` and `order` (of the
    rack) are names that the window knows.
    """

    source: str = ""
    pack: str = DEFAULT_PACK
    mix: dict[str, float] | None = None
    locked: tuple[str, ...] = ()
    geometry: str = ""
    camera: str = ""
    params: Mapping[str, Value] = field(default_factory=dict)
    panel: float = 0.0
    theme: str = "dark"
    text_size: str = "normal"
    favourites: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    order: str = "pack"
    recent: tuple[str, ...] = ()
    recent_packs: tuple[str, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)

    def values(self) -> dict[Param[Any], Any]:
        """Return the value of every option with which the window begins."""
        return {param: self.params.get(param.id, param.first) for param in every_param()}


def to_remember(values: Mapping[Param[Any], Any]) -> dict[str, Value]:
    """Return what `Settings.params` is to hold: the options that the window remembers, where they are not as at a first start."""
    return {param.id: value for param, value in values.items() if param.persist and value != param.first}


def load(folder: Path) -> tuple[Settings, str]:
    """Return the settings and a sentence for the user, empty when all is well.

    A file that cannot be understood is set aside under another name, and a single value that makes no sense falls back to its default.
    """
    path = folder / FILE_NAME
    sweep(folder)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Settings(), ""
    except OSError as error:
        return Settings(), f"The settings '{path}' cannot be read ({error.strerror}); stylecam starts with its defaults."
    try:
        stored = _parsed(data)
        if stored["version"] > VERSION:
            return Settings(), _set_aside(path, "were written by a newer stylecam")
        return _checked(_migrated(stored)), ""
    except (ValueError, TypeError, RecursionError):
        return Settings(), _set_aside(path, "are damaged")


def save(settings: Settings, folder: Path) -> str:
    """Write the settings whole or not at all; return a sentence if that fails, for closing must not."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"version": VERSION, **asdict(settings)}, indent=2)
        # Private: a camera's address may hold its password.
        write_file(folder / FILE_NAME, text.encode(), force=True, private=True)
    except (OSError, OutputError) as error:
        return f"The settings could not be saved: {error}"
    return ""


def _set_aside(path: Path, why: str) -> str:
    aside = set_aside(path)
    if aside is None:
        return f"The settings {why}; stylecam starts with its defaults."
    return f"The settings {why}; they were set aside as '{aside.name}' and stylecam starts with its defaults."


#: From a version to the next: each takes and returns what stood in the file.
_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    # Options stood beside the rest, under the same names.
    1: lambda stored: {**stored, "params": stored},
}


def _parsed(data: bytes) -> dict[str, Any]:
    if len(data) > _MAX_BYTES:
        raise ValueError("far too large")
    stored = json.loads(data)
    if not isinstance(stored, dict) or not isinstance(stored.get("version"), int) or stored["version"] < 1:
        raise ValueError("no settings")
    return stored


def _migrated(stored: dict[str, Any]) -> dict[str, Any]:
    for version in range(stored["version"], VERSION):
        stored = _MIGRATIONS[version](stored)
    return stored


def _is_share(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1


def _is_mix(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and all(_is_share(weight) for weight in value.values()))


def _is_camera_format(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(not value or CameraFormat.parse(value))
    except UsageError:
        return False


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "source": lambda value: isinstance(value, str),
    "pack": lambda value: isinstance(value, str) and bool(value),
    "mix": _is_mix,
    "locked": _are_names,
    "geometry": lambda value: isinstance(value, str) and value.isascii(),
    "camera": _is_camera_format,
    "params": lambda value: isinstance(value, dict),
    "panel": lambda value: _is_share(value) and value < 0.9,
    "theme": lambda value: isinstance(value, str),
    "text_size": lambda value: isinstance(value, str),
    "favourites": _are_names,
    "used": _are_names,
    "recent": _are_names,
    "recent_packs": _are_names,
    "folders": lambda value: isinstance(value, dict) and all(isinstance(each, str) for each in value.values()),
    "order": lambda value: isinstance(value, str),
}


def _checked(stored: dict[str, Any]) -> Settings:
    good = {each.name: stored[each.name] for each in fields(Settings) if each.name in stored and _CHECKS[each.name](stored[each.name])}
    good |= {name: tuple(good[name]) for name in ("locked", "favourites", "used", "recent", "recent_packs") if name in good}
    if "params" in good:
        params = {param.id: param for param in every_param() if param.persist}
        good["params"] = {name: value for name, value in good["params"].items() if name in params and params[name].accepts(value)}
    return Settings(**good)
