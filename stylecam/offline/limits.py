"""How large an image this machine can stylize in one piece."""

from __future__ import annotations

from stylecam.errors import InputError, UsageError
from stylecam.net import cost
from stylecam.net.families import Architecture

MIN_SIZE_PX = 16
MAX_SIZE_PX = 16_384

_SPARE_BYTES = 300_000_000  # for the program itself, whatever the image


def check_size(size_px: int | None, option: str = "--size") -> None:
    """Refuse a size that no network and no machine is made for.

    Raises:
        UsageError: `size_px` is not between `MIN_SIZE_PX` and `MAX_SIZE_PX`.
    """
    if size_px is not None and not MIN_SIZE_PX <= size_px <= MAX_SIZE_PX:
        raise UsageError(f"{option} {size_px} is out of range; give the longer side in pixels, from {MIN_SIZE_PX} to {MAX_SIZE_PX}.")


def memory_needed(height: int, width: int, config: Architecture, copies: float) -> int:
    """Estimate the bytes that stylizing an image of this size takes, in float32, at the network's widest place."""
    numbers = cost.peak_numbers(config.graph()) * height * width
    return _SPARE_BYTES + int(copies * numbers * 4)


def check_memory(height: int, width: int, config: Architecture, copies: float, available: int | None) -> None:
    """Refuse an image that would exhaust the machine's memory, before the machine has to.

    Args:
        height: of the image in pixels.
        width: of the image in pixels.
        config: of the network.
        copies: `Engine.copies`; engines differ in how much they hold.
        available: bytes free, or None if that is unknown.

    Raises:
        InputError: the image needs more; the message says which --size would fit.
    """
    needed = memory_needed(height, width, config, copies)
    if available is None or needed <= available:
        return
    share = max(available - _SPARE_BYTES, 0) / (needed - _SPARE_BYTES)
    fitting = int(max(height, width) * share**0.5) // 100 * 100
    advice = f"use --size {fitting} or less" if fitting >= MIN_SIZE_PX else "close other programs"
    raise InputError(
        f"{width}x{height} pixels need about {needed / 1e9:.1f} GB of memory, and {available / 1e9:.1f} GB are free; {advice}."
    )
