"""How large a picture this machine can paint in one piece."""

from __future__ import annotations

from stylecam.errors import InputError, UsageError
from stylecam.net.architecture import TransformNetConfig

MIN_SIZE_PX = 16
MAX_SIZE_PX = 16_384

_SPARE_BYTES = 300_000_000  # for the program itself, whatever the picture
# How often an engine holds the widest layer's numbers: for padding, enlarging, convolving and normalising it. Measured as the peak
# of resident memory at 1.5 to 13.5 megapixels (live32, float32); OpenVINO joins those steps in one buffer.
_COPIES = {"openvino": 1.0}
_COPIES_ELSEWHERE = 3.2


def check_size(size_px: int | None) -> None:
    """Refuse a --size that no network and no machine is made for.

    Raises:
        UsageError: `size_px` is not between `MIN_SIZE_PX` and `MAX_SIZE_PX`.
    """
    if size_px is not None and not MIN_SIZE_PX <= size_px <= MAX_SIZE_PX:
        raise UsageError(f"--size {size_px} is out of range; give the longer side in pixels, from {MIN_SIZE_PX} to {MAX_SIZE_PX}.")


def memory_needed(height: int, width: int, config: TransformNetConfig, engine_name: str) -> int:
    """Estimate the bytes that painting a picture of this size takes, in float32, at the network's widest place.

    That is a layer's input, enlarged where the layer enlarges it, and its output; a residual sum keeps one more.
    """
    widest, scale = 0.0, 1.0  # `scale`: pixels of the layer's input per pixel of the picture, along one side
    for layer in config.layers:
        scale *= layer.upsample
        before = layer.in_channels * scale**2
        scale /= layer.stride
        after = layer.out_channels * scale**2
        widest = max(widest, before + (2 if layer.after == "add" else 1) * after)
    return _SPARE_BYTES + int(_COPIES.get(engine_name, _COPIES_ELSEWHERE) * widest * 4 * height * width)


def check_memory(height: int, width: int, config: TransformNetConfig, engine_name: str, available: int | None) -> None:
    """Refuse a picture that would bring the machine to its knees, before the machine has to.

    Args:
        height: of the picture in pixels.
        width: of the picture in pixels.
        config: of the network.
        engine_name: `Engine.name`; engines differ in how much they hold.
        available: bytes free, or None if that is unknown.

    Raises:
        InputError: the picture needs more; the message says which --size would fit.
    """
    needed = memory_needed(height, width, config, engine_name)
    if available is None or needed <= available:
        return
    share = max(available - _SPARE_BYTES, 0) / (needed - _SPARE_BYTES)
    fitting = int(max(height, width) * share**0.5) // 100 * 100
    advice = f"use --size {fitting} or less" if fitting >= MIN_SIZE_PX else "close other programs"
    raise InputError(
        f"{width}x{height} pixels need about {needed / 1e9:.1f} GB of memory, and {available / 1e9:.1f} GB are free; {advice}."
    )
