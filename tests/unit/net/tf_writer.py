"""Writes checkpoints as TensorFlow does, after its descriptions of the formats and apart from our reader."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[np.float32]]


def crc32c(data: bytes) -> int:
    """Bit by bit, as a textbook has it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 * (crc & 1))
    return crc ^ 0xFFFFFFFF


def _masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17) & 0xFFFFFFFF) + 0xA282EAD8) % 2**32)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def number(field: int, value: int) -> bytes:
    """A field that is a number."""
    return _varint(field << 3) + _varint(value)


def message(field: int, value: bytes) -> bytes:
    """A field that is bytes, or a message."""
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _shape(array: NDArray[np.float32]) -> bytes:
    return b"".join(message(2, number(1, side)) for side in array.shape)


def write_table(items: list[tuple[bytes, bytes]], *, per_block: int = 7, compression: int = 0) -> bytes:
    """Return a table of sorted entries, a few to each block, their keys shortened by what they share."""
    table, index = bytearray(), []

    def add_block(entries: list[tuple[bytes, bytes]]) -> bytes:
        block, before = bytearray(), b""
        for key, value in entries:
            shared = next((i for i, (a, b) in enumerate(zip(key, before, strict=False)) if a != b), min(len(key), len(before)))
            block += _varint(shared) + _varint(len(key) - shared) + _varint(len(value)) + key[shared:] + value
            before = key
        block += struct.pack("<II", 0, 1) + bytes([compression])
        handle = _varint(len(table)) + _varint(len(block) - 1)
        table.extend(block + _masked(bytes(block)))
        return handle

    for start in range(0, len(items), per_block):
        part = items[start : start + per_block]
        index.append((part[-1][0] + b"\0", add_block(part)))
    footer = add_block([]) + add_block(index)
    return bytes(table) + footer.ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")


def write_bundle(path: Path, tensors: Tensors, *, shards: int = 1, compression: int = 0) -> None:
    """Write PATH.index and PATH.data-00000-of-00001."""
    data, items = bytearray(), [(b"", number(1, shards) + message(3, number(1, 1)))]
    for name in sorted(tensors):
        raw = tensors[name].astype("<f4").tobytes()
        entry = number(1, 1) + message(2, _shape(tensors[name])) + number(4, len(data)) + number(5, len(raw))
        items.append((name.encode(), entry + _varint(6 << 3 | 5) + _masked(raw)))
        data += raw
    path.with_name(path.name + ".index").write_bytes(write_table(items, compression=compression))
    path.with_name(path.name + ".data-00000-of-00001").write_bytes(bytes(data))


def write_single(path: Path, tensors: Tensors) -> None:
    """Write the one file that a checkpoint was before bundles."""
    metas = b""
    items = []
    for name in sorted(tensors):
        metas += message(1, message(1, name.encode()) + message(2, _shape(tensors[name])) + number(3, 1))
        tensor = number(1, 1) + message(5, tensors[name].astype("<f4").tobytes())
        items.append((b"\0" + name.encode(), message(2, message(1, name.encode()) + message(3, tensor))))
    path.write_bytes(write_table([(b"", message(1, metas)), *items]))
