"""manifest.json: what a pack says of itself, checked field by field before anything else is looked at."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stylecam.net.families import Architecture, read_architecture
from stylecam.packs.archive import BadPackError
from stylecam.packs.pack import StyleInfo

SCHEMA = 2
#: Turns a manifest of schema n into one of schema n + 1. A pack's own checksum is verified before it is migrated.
#: Schema 2 names the network's family, and keeps γ and β as one matrix, see `net.styles`; `store` reads both kinds of tensors.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: lambda data: {**data, "schema": 2, "family": "residual"}}

MAX_TEXT = 500
MAX_DEPTH = 24
_ID = re.compile(r"[a-z0-9][a-z0-9_]{0,63}")
_PACK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TRUNK = re.compile(r"sha256:[0-9a-f]{64}")
_THUMBNAIL = re.compile(r"thumbs/[a-z0-9][a-z0-9_]{0,63}\.(jpg|png|webp)")
_SHA256_RULE = "64 small hexadecimal digits"
_KEYS = {
    "schema", "kind", "name", "title", "licence", "family", "architecture", "trunk", "recipe", "styles", "files", "manifest_sha256"
}  # fmt: skip
_STYLE_KEYS = {"id", "title", "artist", "year", "licence", "source", "sha256", "style_size_px", "thumbnail"}


@dataclass(frozen=True)
class Manifest:
    """A checked manifest. `kind` is "full" for a whole network, "styles" for rows of γ and β that need the trunk `trunk`.

    `thumbnails` maps style id to file name; `files` maps file name to (bytes, sha256). `schema` is the one that the tensors have.
    """

    kind: str
    name: str
    title: str
    licence: str
    config: Architecture
    trunk: str
    recipe: dict[str, Any]
    styles: tuple[StyleInfo, ...]
    thumbnails: Mapping[str, str]
    files: Mapping[str, tuple[int, str]]
    schema: int = SCHEMA

    def to_bytes(self) -> bytes:
        """Return manifest.json."""
        data: dict[str, Any] = {
            "schema": SCHEMA,
            "kind": self.kind,
            "name": self.name,
            "title": self.title,
            "licence": self.licence,
            "family": self.config.family,
            "architecture": self.config.to_json(),
            "trunk": self.trunk,
            "recipe": self.recipe,
            "styles": [
                {key: getattr(style, key) for key in sorted(_STYLE_KEYS - {"thumbnail"})} | {"thumbnail": self.thumbnails.get(style.id, "")}
                for style in self.styles
            ],
            "files": {name: {"bytes": size, "sha256": digest} for name, (size, digest) in self.files.items()},
        }
        data["manifest_sha256"] = _digest(data)
        return json.dumps(data, indent=1, ensure_ascii=False).encode()


def parse_manifest(content: bytes) -> Manifest:
    """Check manifest.json and return it.

    Raises:
        BadPackError: something in it is missing, unknown, out of range or changed.
    """
    data = _parse_json(content)
    schema = data.get("schema")
    if type(schema) is not int or schema < 1:
        raise BadPackError("its manifest names no schema version")
    if schema > SCHEMA:
        raise BadPackError(f"it was made by a newer stylecam (schema {schema}, this one reads up to {SCHEMA})", "update stylecam")
    if data.get("manifest_sha256") != _digest(data):
        raise BadPackError("its manifest was changed or damaged (the checksum does not match)")
    for version in range(schema, SCHEMA):
        migrate = MIGRATIONS[version]
        try:
            data = migrate(data)
        except Exception as error:  # it may rely on its schema, which a forger need not
            raise BadPackError(f"its manifest is not what schema {version} asks for") from error
    try:
        return _checked(data, schema)
    except RecursionError:
        raise BadPackError("its manifest is nested too deeply") from None


def _checked(data: dict[str, Any], schema: int) -> Manifest:
    _exact_keys(data, _KEYS, "manifest")
    if data["kind"] not in ("full", "styles"):
        raise BadPackError(f"its kind is {_shown(data['kind'])}, neither full nor styles")
    try:
        config = read_architecture(str(data["family"]), data["architecture"])
    except ValueError as error:
        raise BadPackError(f"its architecture makes no sense ({str(error)[:200]})") from error
    if data["kind"] == "styles" and config.identity:
        raise BadPackError("it holds only styles, but claims an identity row")
    if not isinstance(data["recipe"], dict):
        raise BadPackError("its recipe is not a JSON object")
    styles, thumbnails = _styles(data["styles"], config.styles)
    return Manifest(
        kind=data["kind"],
        name=_matching(data["name"], _PACK_NAME, "name", "up to 64 letters, digits, '_', '.' and '-' that begin with a letter or digit"),
        title=_text(data["title"], "title"),
        licence=_text(data["licence"], "licence"),
        config=config,
        trunk=_matching(data["trunk"], _TRUNK, "trunk hash", f"'sha256:' and {_SHA256_RULE}"),
        recipe=data["recipe"],
        styles=styles,
        thumbnails=thumbnails,
        files=_files(data["files"]),
        schema=schema,
    )


def _styles(data: Any, count: int) -> tuple[tuple[StyleInfo, ...], dict[str, str]]:
    if not isinstance(data, list) or len(data) != count:
        raise BadPackError(f"it lists other styles than the {count} of its architecture")
    styles, thumbnails, seen = [], {}, set()
    for entry in data:
        if not isinstance(entry, dict):
            raise BadPackError("a style is not a JSON object")
        _exact_keys(entry, _STYLE_KEYS, "style")
        style = _matching(entry["id"], _ID, "style id", "up to 64 small letters, digits and '_'")
        if style in seen:
            raise BadPackError(f"it lists the style {style} twice")
        seen.add(style)
        size = entry["style_size_px"]
        if type(size) is not int or not 0 <= size <= 100_000:
            raise BadPackError(f"the style size of {style} is {_shown(size)}, not a number of pixels")
        styles.append(
            StyleInfo(
                id=style,
                title=_text(entry["title"], f"title of {style}"),
                artist=_text(entry["artist"], f"artist of {style}"),
                year=_text(entry["year"], f"year of {style}"),
                licence=_text(entry["licence"], f"licence of {style}"),
                source=_text(entry["source"], f"source of {style}", empty=True),
                sha256=_matching(entry["sha256"], _SHA256, f"sha256 of {style}", _SHA256_RULE),
                style_size_px=size,
            )
        )
        if entry["thumbnail"] != "":
            thumbnails[style] = _matching(entry["thumbnail"], _THUMBNAIL, f"thumbnail of {style}", "a file such as thumbs/starry_night.jpg")
    if len(set(thumbnails.values())) != len(thumbnails):
        raise BadPackError("two styles share a thumbnail")
    return tuple(styles), thumbnails


def _files(data: Any) -> dict[str, tuple[int, str]]:
    if not isinstance(data, dict):
        raise BadPackError("its list of files is not a JSON object")
    files = {}
    for name, entry in data.items():
        if not isinstance(entry, dict) or entry.keys() != {"bytes", "sha256"} or type(entry["bytes"]) is not int:
            raise BadPackError(f"its entry for the file {_shown(name)} makes no sense")
        files[name] = (entry["bytes"], _matching(entry["sha256"], _SHA256, f"sha256 of {_shown(name)}", _SHA256_RULE))
    return files


def _parse_json(content: bytes) -> dict[str, Any]:
    def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    def no_constant(name: str) -> Any:
        raise ValueError(f"{name} is not a number")

    try:
        data = json.loads(content.decode("utf-8"), object_pairs_hook=no_duplicates, parse_constant=no_constant)
        _check_values(data, 0)
    except (ValueError, RecursionError) as error:
        raise BadPackError(f"its manifest is not proper JSON ({ascii(str(error))[1:121]})") from error
    if not isinstance(data, dict):
        raise BadPackError("its manifest is not a JSON object")
    return data


def _check_values(data: Any, depth: int) -> None:
    """Refuse what would trip those who read a recipe later: infinite numbers, huge numbers, deep nesting."""
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(data, dict):
        for key, value in data.items():
            _check_values(key, depth + 1)
            _check_values(value, depth + 1)
    elif isinstance(data, list):
        for value in data:
            _check_values(value, depth + 1)
    elif isinstance(data, str):
        data.encode()  # half a surrogate pair cannot be written again
    elif isinstance(data, float) and not math.isfinite(data):
        raise ValueError("a number is not finite")
    elif isinstance(data, int) and abs(data) > 2**63:
        raise ValueError("a number is too large")


def _digest(data: Mapping[str, Any]) -> str:
    """Hash of everything but the hash itself, independent of spaces and of the order of keys."""
    content = {key: value for key, value in data.items() if key != "manifest_sha256"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _exact_keys(data: Mapping[str, Any], keys: set[str], where: str) -> None:
    if missing := keys - data.keys():
        raise BadPackError(f"its {where} lacks {', '.join(sorted(missing))}")
    if unknown := data.keys() - keys:
        raise BadPackError(f"its {where} has unknown entries: {', '.join(_shown(key) for key in sorted(unknown)[:3])}")


def _text(value: Any, where: str, *, empty: bool = False) -> str:
    """Texts are shown in a window and a terminal: no control characters, no novels."""
    if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable() or not (value.strip() or empty):
        raise BadPackError(f"the {where} is {_shown(value)}, not {0 if empty else 1} to {MAX_TEXT} printable characters")
    return value


def _matching(value: Any, pattern: re.Pattern[str], where: str, rule: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadPackError(f"the {where} is {_shown(value)}, not {rule}")
    return value


def _shown(value: Any) -> str:
    return ascii(value)[:60] if isinstance(value, str | int | float) else f"a {type(value).__name__}"
