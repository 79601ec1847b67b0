"""Seeded damage: of bytes, and of JSON whose form stays right."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

_NUMBERS = (0, 1, -1, 2, 7, 127, 128, 255, 256, 32767, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**53, 2**63, 2**64, 10**30, 10**400)
_TEXTS = ("", " ", "\0", "\x1b[31m", "../../x", "C:\\x", "a" * 501, "é" * 64, "\ud800", "NaN", "1e999", "null", "sha256:", "x" * 70_000)


def damaged(data: bytes, rng: random.Random, words: Sequence[bytes] = ()) -> bytes:
    """Return bytes with one to eight damages: flips, numbers, cuts, copies, shifts, words of the format."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(changed) + 1)
        length = rng.choice((1, 2, 4, 8, rng.randrange(1, 200)))
        kind = rng.randrange(9)
        if kind == 0 and at < len(changed):
            changed[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            changed[at : at + length] = rng.randbytes(length)
        elif kind == 2:
            size = rng.choice((2, 4, 8))
            changed[at : at + size] = (rng.choice(_NUMBERS) % 2 ** (8 * size)).to_bytes(size, rng.choice(("little", "big")))
        elif kind == 3:
            del changed[at : at + length]
        elif kind == 4:
            changed[at:at] = changed[rng.randrange(len(changed) + 1) :][:length]
        elif kind == 5:
            changed[at : at + length] = bytes([rng.choice((0, 255))]) * length
        elif kind == 6 and words:
            changed[at : at + rng.choice((0, length))] = rng.choice(words)
        elif kind == 7 and rng.random() < 0.3:
            del changed[at:]
        else:
            changed[at:at] = rng.randbytes(length)
    return bytes(changed)


def odd_value(rng: random.Random) -> Any:
    """Return a value that a JSON file may hold and no format asks for."""
    kind = rng.randrange(8)
    if kind == 0:
        return rng.choice((None, True, False))
    if kind == 1:
        return rng.choice(_NUMBERS) * rng.choice((1, -1))
    if kind == 2:
        return rng.choice((0.5, -0.0, 1e308, float("nan"), float("inf"), -1e-300))
    if kind == 3:
        return rng.choice(_TEXTS)
    if kind == 4:
        return [odd_value(rng) for _ in range(rng.randrange(4))]
    if kind == 5:
        return {rng.choice(_TEXTS): odd_value(rng) for _ in range(rng.randrange(3))}
    if kind == 6:
        deep: Any = 1
        for _ in range(rng.choice((5, 30, 200))):
            deep = [deep] if rng.random() < 0.5 else {"a": deep}
        return deep
    return [0] * rng.choice((1, 40, 5000))


def odd_json(data: Any, rng: random.Random) -> Any:
    """Return a copy of JSON data with one to four changes at random places."""
    copy = json.loads(json.dumps(data))
    for _ in range(rng.choice((1, 1, 2, 4))):
        copy = _changed(copy, rng)
    return copy


def _changed(data: Any, rng: random.Random) -> Any:
    """Change something at a random place, mostly deep inside."""
    if isinstance(data, dict) and data and rng.random() < 0.9:
        key = rng.choice(list(data))
        kind = rng.random()
        if kind < 0.1:
            del data[key]
        elif kind < 0.2:
            data[rng.choice((*_TEXTS, *map(str, data)))] = data[key]
        else:
            data[key] = _changed(data[key], rng)
        return data
    if isinstance(data, list) and data and rng.random() < 0.9:
        at, kind = rng.randrange(len(data)), rng.random()
        if kind < 0.1:
            del data[at]
        elif kind < 0.2:
            data.insert(at, data[rng.randrange(len(data))])
        elif kind < 0.25:
            data.extend(data * rng.choice((1, 50)))
        else:
            data[at] = _changed(data[at], rng)
        return data
    if isinstance(data, str) and data and rng.random() < 0.4:
        at = rng.randrange(len(data))
        return data[:at] + rng.choice((*_TEXTS, "", "A", "/")) + data[at + rng.randrange(3) :]
    if isinstance(data, int | float) and not isinstance(data, bool) and rng.random() < 0.6:
        return rng.choice((data + 1, data - 1, -data, str(data), [data], *_NUMBERS))
    return odd_value(rng)
