"""TensorFlow's sorted tables (LevelDB's format), in which checkpoints keep what they hold: read with bounds, and every checksum checked.

A file ends in a footer of 48 bytes: two handles (offset and length of a block) and a magic number. The second handle is that of the index,
whose entries are handles of the blocks that hold the entries. A block is its contents, a byte that names the compression, and a CRC.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
FOOTER = 48
MAX_ENTRIES = 10_000

_POLYNOMIAL = 0x82F63B78
_LANES = 1024


def _byte_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _byte_table()
_ARRAY = np.array(_TABLE, np.uint32)


def crc32c(data: bytes) -> int:
    """Return the CRC-32C (Castagnoli) of bytes; many lanes at once, since Python's own loop would take seconds for a network.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    register, length = 0xFFFFFFFF, len(data) // _LANES
    if length >= 16:
        lanes = np.frombuffer(data, np.uint8, length * _LANES).reshape(_LANES, length).T
        states, powers = np.zeros(_LANES, np.uint32), np.uint32(1) << np.arange(32, dtype=np.uint32)
        for column in np.ascontiguousarray(lanes):
            states = _ARRAY[(states ^ column) & 0xFF] ^ (states >> np.uint32(8))
            powers = _ARRAY[powers & 0xFF] ^ (powers >> np.uint32(8))
        moved = powers.tolist()  # what each bit of a register has become after `length` bytes of 0: the register is linear
        for state in states.tolist():
            bits, register = register, state
            for power in moved:
                register ^= power if bits & 1 else 0
                bits >>= 1
    else:
        length = 0
    for byte in data[length * _LANES :]:
        register = _TABLE[(register ^ byte) & 0xFF] ^ register >> 8
    return register ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    """Return a CRC as TensorFlow stores it: turned and shifted, so that the CRC of what contains CRCs is of use."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number of 7 bits a byte that begins at `at`, and where it ends.

    Raises:
        ValueError: it does not end, or needs more than 64 bits.
    """
    value = 0
    for shift in range(0, 64, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise ValueError("a number in it does not end")


def entries(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values of a whole table.

    Raises:
        ValueError: it is no table, it is damaged, compressed, or larger than any checkpoint's.
    """
    if len(table) < FOOTER or table[-8:] != MAGIC:
        raise ValueError("it is no table of TensorFlow")
    footer = table[-FOOTER:]
    _, at = varint(footer, 0)
    _, at = varint(footer, at)
    count = read = 0
    for _, handle in _block(table, footer[at:]):
        read += varint(handle, varint(handle, 0)[1])[0]
        if read > len(table):
            raise ValueError("its blocks overlap")
        for entry in _block(table, handle):
            count += 1
            if count > MAX_ENTRIES:
                raise ValueError(f"it has more than {MAX_ENTRIES} entries")
            yield entry


def _block(table: bytes, handle: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values of the block that a handle names; a key shares its beginning with the one before."""
    start, at = varint(handle, 0)
    size, _ = varint(handle, at)
    end = start + size
    if end + 5 > len(table) - FOOTER or size < 4:
        raise ValueError("a block lies beyond its end")
    if table[end] != 0:
        raise ValueError("its blocks are compressed, which those of checkpoints are not")
    if masked(crc32c(table[start : end + 1])) != int.from_bytes(table[end + 1 : end + 5], "little"):
        raise ValueError("a checksum does not fit")
    block = table[start:end]
    last = len(block) - 4 - 4 * int.from_bytes(block[-4:], "little")  # behind the entries: places to start from, and how many
    if last < 0:
        raise ValueError("a block is shorter than it says")
    at, key = 0, b""
    while at < last:
        shared, at = varint(block, at)
        rest, at = varint(block, at)
        length, at = varint(block, at)
        if shared > len(key) or at + rest + length > last:
            raise ValueError("an entry lies beyond its block")
        key = key[:shared] + block[at : at + rest]
        yield key, block[at + rest : at + rest + length]
        at += rest + length


def fields(message: bytes) -> dict[int, list[int | bytes]]:
    """Return the fields of a protocol buffer's message by number, each in order: numbers, or bytes.

    Raises:
        ValueError: it is damaged.
    """
    found: dict[int, list[int | bytes]] = {}
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        kind = tag & 7
        value: int | bytes
        if kind == 0:
            value, at = varint(message, at)
        else:
            length = {1: 8, 5: 4}.get(kind)
            if kind == 2:
                length, at = varint(message, at)
            if length is None or at + length > len(message):
                raise ValueError("a field lies beyond its message")
            value = message[at : at + length]
            at += length
        found.setdefault(tag >> 3, []).append(value)
    return found
