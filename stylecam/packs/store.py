"""Loading and saving style packs. Nothing is used before all of it was checked; nothing is unpickled or run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from stylecam.errors import PackError
from stylecam.net import styles
from stylecam.net.families import Architecture
from stylecam.packs.archive import MANIFEST, TENSORS, BadPackError, read_files, read_manifest, write_files
from stylecam.packs.manifest import Manifest, parse_manifest
from stylecam.packs.pack import StyleInfo, StylePack
from stylecam.packs.thumbnails import MAX_SIDE_PX, image_head

MAX_HEADER_BYTES = 1024 * 1024
_MAX_MAGNITUDE = 1e6  # far beyond any trained weight; keeps sums of them finite


def load_pack(path: Path, *, trunk: StylePack | None = None) -> StylePack:
    """Read a pack, a folder or a .stylepack file, and check all of it.

    Args:
        path: the pack.
        trunk: for a style-only pack, a pack with the network that its styles belong to.

    Returns:
        The pack; a style-only one comes back whole, with the trunk's convolutions and identity row, and only its own styles.

    Raises:
        PackError: it is missing, damaged, hostile, from a newer stylecam, or lacks its trunk; the sentence says which.
    """
    try:
        return _load(path, trunk)
    except BadPackError as error:
        raise PackError(_sentence(path, error)) from error


def load_manifest(path: Path) -> Manifest:
    """Read only what a pack says of itself; quick, but its tensors are not checked.

    Raises:
        PackError: as `load_pack`.
    """
    try:
        return parse_manifest(read_manifest(path))
    except BadPackError as error:
        raise PackError(_sentence(path, error)) from error


def save_pack(pack: StylePack, path: Path, *, force: bool = False) -> None:
    """Write a whole pack: a zip if `path` ends in .stylepack, else a folder. A crash leaves the old one or the new one.

    Raises:
        PackError: the pack would not load again; nothing is written.
        OutputError: `path` exists and `force` is not set, or the disk refuses.
    """
    _write(pack, path, "full", pack.config, pack.tensors, force=force)


def save_styles(pack: StylePack, path: Path, *, force: bool = False) -> None:
    """Write a style-only pack: the γ and β of the pack's styles, a few kilobytes each, for any pack with the same trunk.

    Raises:
        PackError, OutputError: as `save_pack`.
    """
    config = pack.config.trunk_only().with_styles(len(pack.styles), identity=False)
    _write(pack, path, "styles", config, {styles.STYLES: pack.rows[: config.styles]}, force=force)


def check_pack(pack: StylePack) -> None:
    """Raise the error that `save_pack` would raise because the pack itself is not sound, such as a name that no file can have.

    Raises:
        PackError: it would not load again.
    """
    _pack_files(pack, "full", pack.config, pack.tensors)


def _write(
    pack: StylePack, path: Path, kind: str, config: Architecture, tensors: Mapping[str, NDArray[np.float32]], *, force: bool
) -> None:
    write_files(path, _pack_files(pack, kind, config, tensors), force=force)


def _pack_files(pack: StylePack, kind: str, config: Architecture, tensors: Mapping[str, NDArray[np.float32]]) -> dict[str, bytes]:
    thumbnails = {style.id: f"thumbs/{style.id}.{_ending(style.thumbnail)}" for style in pack.styles if style.thumbnail}
    files = {TENSORS: save({name: np.ascontiguousarray(value, np.float32) for name, value in sorted(tensors.items())})}
    files |= {thumbnails[style.id]: style.thumbnail for style in pack.styles if style.thumbnail}
    manifest = Manifest(
        kind=kind,
        name=pack.name,
        title=pack.title,
        licence=pack.licence,
        config=config,
        trunk=pack.trunk,
        recipe=json.loads(json.dumps(dict(pack.recipe))),
        styles=pack.styles,
        thumbnails=thumbnails,
        files={name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()},
    )
    content = {MANIFEST: manifest.to_bytes(), **files}
    try:
        _assemble(content, pack if kind == "styles" else None)  # what is written must load again
    except BadPackError as error:
        raise PackError(f"The pack '{pack.name}' cannot be saved: {error}.") from error
    return content


def _load(path: Path, trunk: StylePack | None) -> StylePack:
    return _assemble(read_files(path), trunk)


def _assemble(files: Mapping[str, bytes], trunk: StylePack | None) -> StylePack:
    manifest = parse_manifest(files[MANIFEST])
    _check_files(manifest, files)
    tensors = _tensors(files[TENSORS], manifest)
    config = manifest.config
    if manifest.kind == "styles":
        config, tensors = _on_trunk(manifest, tensors, trunk)
    infos = [replace(style, thumbnail=_thumbnail(manifest, style, files)) for style in manifest.styles]
    pack = StylePack(manifest.name, manifest.title, manifest.licence, config, infos, tensors, manifest.recipe)
    if pack.trunk != manifest.trunk:
        raise BadPackError("its network is not the one that its trunk hash names")
    return pack


def _check_files(manifest: Manifest, files: Mapping[str, bytes]) -> None:
    expected = {TENSORS, *manifest.thumbnails.values()}
    if set(manifest.files) != expected or set(files) != expected | {MANIFEST}:
        raise BadPackError("its files are not the ones that its manifest lists")
    for name, (size, digest) in manifest.files.items():
        if len(files[name]) != size or hashlib.sha256(files[name]).hexdigest() != digest:
            raise BadPackError(f"its {name} was changed or damaged (the checksum does not match)")


def _shapes(manifest: Manifest) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a pack's tensors by name, in the schema of its file."""
    graph, rows = manifest.config.graph(), manifest.config.rows
    shapes: dict[str, tuple[int, ...]] = {}
    if manifest.kind == "full":
        shapes |= {conv.weight: conv.weight_shape for conv in manifest.config.convs}
    if manifest.schema > 1:
        return shapes | {styles.STYLES: (rows, styles.size(graph))}
    names = styles.joined_names(graph)
    return shapes | {name: (rows, slot.channels) for slot in styles.slots(graph) for name in names[slot.name]}


def _tensors(data: bytes, manifest: Manifest) -> dict[str, NDArray[np.float32]]:
    shapes = _shapes(manifest)
    if int.from_bytes(data[:8], "little") > MAX_HEADER_BYTES:  # the parser would build millions of entries
        raise BadPackError(f"its {TENSORS} has a header of more than {MAX_HEADER_BYTES} bytes")
    try:
        tensors: dict[str, Any] = load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise BadPackError(f"its {TENSORS} is not a safetensors file of known types ({ascii(str(error))[1:121]})") from error
    if tensors.keys() != shapes.keys():
        odd = sorted(tensors.keys() ^ shapes.keys())[0]
        raise BadPackError(f"its tensors are not those of its architecture (such as {ascii(odd)[:80]})")
    for name, shape in shapes.items():
        tensor = tensors[name]
        if tensor.dtype != np.float32:
            raise BadPackError(f"its tensor {name} is {tensor.dtype}, not float32")
        if tensor.shape != shape:
            raise BadPackError(f"its tensor {name} has the shape {tensor.shape}, not {shape}")
        if not np.isfinite(tensor).all() or np.abs(tensor).max() > _MAX_MAGNITUDE:
            raise BadPackError(f"its tensor {name} holds numbers that are not finite or absurdly large")
    if manifest.schema > 1:
        return tensors
    graph = manifest.config.graph()
    old = {name for pair in styles.joined_names(graph).values() for name in pair}
    kept = {name: value for name, value in tensors.items() if name not in old}
    return kept | {styles.STYLES: styles.joined(graph, tensors)}


def _on_trunk(
    manifest: Manifest, tensors: dict[str, NDArray[np.float32]], trunk: StylePack | None
) -> tuple[Architecture, dict[str, NDArray[np.float32]]]:
    """Return architecture and tensors of a style-only pack with its network."""
    network = f"{manifest.trunk[:19]}…"
    if trunk is None:
        raise BadPackError(f"it holds only styles for the network {network}, which no installed pack has", "install that first")
    if trunk.trunk != manifest.trunk:
        raise BadPackError(f"its styles belong to another network ({network}) than the pack '{trunk.name}' has", "install theirs first")
    if trunk.config.trunk_json() != manifest.config.trunk_json():
        raise BadPackError(f"its architecture is not that of the network {network} that it names")
    config = trunk.config.with_styles(manifest.config.styles, identity=trunk.config.identity)
    # The way from photo to style is the network's, not the styles': without it a strength below 1 would be a mere cross-fade.
    identity = trunk.rows[trunk.config.styles :]
    return config, {**trunk.trunk_tensors, styles.STYLES: np.concatenate([tensors[styles.STYLES], identity])}


def _ending(thumbnail: bytes) -> str:
    head = image_head(thumbnail)
    return "jpg" if head is None else head.kind


def _thumbnail(manifest: Manifest, style: StyleInfo, files: Mapping[str, bytes]) -> bytes:
    if style.id not in manifest.thumbnails:
        return b""
    name = manifest.thumbnails[style.id]
    data = files[name]
    head = image_head(data)
    if head is None or head.kind != name.rsplit(".", 1)[1]:
        raise BadPackError(f"its {name} is not the image that its name says")
    size = head.size
    if not 1 <= min(size) <= max(size) <= MAX_SIDE_PX:
        raise BadPackError(f"its {name} has {size[0]}x{size[1]} pixels, but thumbnails have 1 to {MAX_SIDE_PX} a side")
    return data


def _sentence(path: Path, error: BadPackError) -> str:
    """Say what, why, and what next."""
    return f"The pack {_shown(path)} cannot be used: {error}; {error.advice}."


def _shown(path: Path) -> str:
    text = str(path)
    return f"'{text}'" if text.isprintable() else ascii(text)
