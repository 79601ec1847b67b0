"""Checkpoints of TensorFlow without TensorFlow: float tensors by name, out of both formats that there were.

Since 2016 a checkpoint is a bundle: `NAME.index`, a table of what there is, and `NAME.data-00000-of-00001`, the numbers. Before, it was one
file: a table whose values are the tensors. Nothing in either is run. The formats are described in TensorFlow's `tensor_bundle.proto`
and `saved_tensor_slice.proto`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylecam.net.importers.tf_table import MAGIC, crc32c, entries, fields, masked

#: A network of 32 styles has 7 MB, with what its optimizer remembers 21.
MAX_INDEX_BYTES, MAX_DATA_BYTES = 4 * 1024 * 1024, 256 * 1024 * 1024
_MAX_NUMBERS = 4 * 1024 * 1024
_FLOAT = 1
_DATA = ".data-00000-of-00001"

Tensors = dict[str, NDArray[np.float32]]


def is_checkpoint(path: Path) -> bool:
    """Say whether a file, or what begins with its name, looks like a checkpoint of TensorFlow."""
    if _prefix(path) is not None:
        return True
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - len(MAGIC)))
            return file.read() == MAGIC
    except OSError:
        return False


def read_checkpoint(path: Path, scope: str) -> tuple[Tensors, list[Path]]:
    """Return the float tensors whose names begin with `scope` and are no optimizer's, and the files that were read.

    Args:
        path: one of a bundle's files, the name that they share, or the one file of a checkpoint of before.
        scope: such as "transformer/".

    Raises:
        ValueError: it is damaged, or holds something else; the message says what.
        OSError: it cannot be read.
    """
    prefix = _prefix(path)
    if prefix is None:
        return _read_single(_bytes(path, MAX_DATA_BYTES), scope), [path]
    index, data = (prefix.with_name(prefix.name + ending) for ending in (".index", _DATA))
    return _read_bundle(_bytes(index, MAX_INDEX_BYTES), _bytes(data, MAX_DATA_BYTES), scope), [index, data]


def _prefix(path: Path) -> Path | None:
    """Return the name that a bundle's files share, or None where there is no bundle."""
    for ending in (".index", _DATA):
        if path.name.endswith(ending):
            return path.with_name(path.name.removesuffix(ending))
    return path if path.with_name(path.name + ".index").is_file() else None


def _bytes(path: Path, most: int) -> bytes:
    if path.stat().st_size > most:
        raise ValueError(f"'{path.name}' has more than {most >> 20} MiB")
    return path.read_bytes()


def _read_bundle(index: bytes, data: bytes, scope: str) -> Tensors:
    found: Tensors = {}
    for key, value in entries(index):
        entry = fields(value)
        if not key:  # the header: number of files, order of bytes
            if _number(entry, 1) != 1 or _number(entry, 2) != 0:
                raise ValueError("its numbers are spread over several files, or of another order of bytes")
        elif (name := _wanted(key, scope)) and _number(entry, 1) == _FLOAT and 7 not in entry:
            shape = _shape(_message(entry, 2))
            start, size = _number(entry, 4), _number(entry, 5)
            if _number(entry, 3) or size != 4 * math.prod(shape) or start + size > len(data):
                raise ValueError(f"{name} lies beyond its data")
            numbers = data[start : start + size]
            if masked(crc32c(numbers)) != int.from_bytes(_message(entry, 6), "little"):
                raise ValueError(f"the checksum of {name} does not fit")
            found[name] = np.frombuffer(numbers, "<f4").astype(np.float32).reshape(shape)
    return found


def _read_single(table: bytes, scope: str) -> Tensors:
    """Read tensors that were saved in one piece each, which those of one machine are."""
    found: Tensors = {}
    for key, value in entries(table):
        for saved in (fields(_bytes_of(part)) for part in fields(value).get(2, []) if key):
            name = _wanted(_message(saved, 1), scope)
            tensor = fields(_message(saved, 3))
            if not name or _number(tensor, 1) not in (0, _FLOAT) or 5 not in tensor:
                continue
            # A slice's shape is not kept with its numbers; the table's first entry, read below, has the whole tensor's.
            if name in found:
                raise ValueError(f"{name} was saved in several pieces")
            found[name] = np.frombuffer(b"".join(_bytes_of(part) for part in tensor[5]), "<f4").astype(np.float32)
    shapes: dict[str, tuple[int, ...]] = {}
    for key, value in entries(table):
        if not key:
            for item in fields(_message(fields(value), 1)).get(1, []):
                meta = fields(_bytes_of(item))
                if name := _wanted(_message(meta, 1), scope):
                    shapes[name] = _shape(_message(meta, 2))
    for name, numbers in found.items():
        if math.prod(shapes.get(name, (0,))) != numbers.size:
            raise ValueError(f"{name} has another shape than it says")
        found[name] = numbers.reshape(shapes[name])
    return found


def _wanted(key: bytes, scope: str) -> str:
    """Return a tensor's name; nothing if it lies elsewhere."""
    name = key.decode("utf-8", "replace")
    return name if name.startswith(scope) else ""


def _shape(message: bytes) -> tuple[int, ...]:
    sides = tuple(_number(fields(_bytes_of(side)), 1) for side in fields(message).get(2, []))
    if len(sides) > 4 or math.prod(sides) > _MAX_NUMBERS:
        raise ValueError("a tensor in it is larger than any of such a network")
    return sides


def _number(message: Mapping[int, list[int | bytes]], field: int) -> int:
    value = message.get(field, [0])[-1]
    if not isinstance(value, int):
        raise ValueError("a field has another kind than the format says")
    return value


def _message(message: Mapping[int, list[int | bytes]], field: int) -> bytes:
    return _bytes_of(message.get(field, [b""])[-1])


def _bytes_of(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("a field has another kind than the format says")
    return value
