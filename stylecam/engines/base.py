"""What every engine promises: one image in, one image out, the style as a plain vector."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from stylecam.net import cost, styles
from stylecam.net.families import FINE, Architecture
from stylecam.net.ir import Graph

Image: TypeAlias = NDArray[np.uint8]
Vector: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class LayerStats:
    """Each layer's mean and (biased) variance per channel, before the scale and shift.

    `mean` and `variance` are (N / 2,) float32: the channels of all normalizations in the order of the style parameters; of one that only
    scales and shifts they are 0 and 1.
    """

    mean: Vector
    variance: Vector


#: Passed as `stats`, asks the engine to use the image's own statistics and to return them.
MEASURE = LayerStats(np.empty(0, np.float32), np.empty(0, np.float32))


class Engine(ABC):
    """Runs one pack's network with one of its outputs. Not thread-safe: one thread calls `stylize`.

    A new mix, a new style, or a pack with the same network never rebuilds anything; a new image size, or maps of a new size, may.

    >>> import stylecam
    >>> engine = stylecam.open_engine(stylecam.load_pack("live32"), "openvino", precision="f32")
    >>> isinstance(engine, stylecam.Engine), engine.name, engine.precision, engine.device.partition(":")[0]
    (True, 'openvino', 'f32', 'CPU')
    >>> engine.close()
    """

    name: str
    supports_maps: bool = False
    supports_stats: bool = False

    #: Where and how it computes, for people: "f32", "bf16", "fp16".
    precision: str
    #: The device, for people: "CPU", "CUDA: NVIDIA H200".
    device: str
    #: Whether it computes on the processor.
    on_cpu: bool = True
    #: How often it holds the numbers of the network's widest place (`net.cost.peak_numbers`): for padding, enlarging, convolving and
    #: normalising them. Measured as the peak of resident memory at 1.5 to 13.5 megapixels (live32, float32).
    copies: float = 3.2
    config: Architecture
    #: Which output of the network: "fast" takes a half-size image and gives one of full size.
    head: str = FINE
    #: A sentence about a fallback that the user should know of, or empty.
    note: str = ""

    @abstractmethod
    def stylize(
        self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
    ) -> tuple[Image, LayerStats | None]:
        """Stylize `image`.

        Args:
            image: uint8 RGB (H, W, 3), any size of at least 1x1.
            scale_shift: float32 (N,), see `StylePack.scale_shift`; with `maps`, one row per region, (R, N).
            maps: float32 (R, h, w), how much of each region every pixel takes; resized to the image.
            stats: None for the image's own statistics, `MEASURE` to have them returned, else those to normalise with.

        Returns:
            uint8 RGB (H, W, 3), or (2 H, 2 W, 3) with the fast head, and the measured statistics if asked for, else None.

        >>> import numpy as np, stylecam
        >>> pack = stylecam.load_pack("live32")
        >>> engine = stylecam.open_engine(pack)
        >>> image, _ = engine.stylize(np.zeros((48, 64, 3), np.uint8), pack.scale_shift(stylecam.StyleMix({"senecio": 1.0})))
        >>> image.shape, image.dtype
        ((48, 64, 3), dtype('uint8'))

        Raises:
            EngineError: the engine does not support `maps` or `stats`, or the device failed.
            ValueError: an argument has the wrong shape or type.
        """

    def close(self) -> None:  # noqa: B027, most engines have nothing to give back
        """Give back what the device holds. The engine must not be used afterwards.

        >>> import stylecam
        >>> stylecam.open_engine(stylecam.load_pack("live32")).close()
        """


def pad_to_network(image: Image, graph: Graph) -> Image:
    """Repeat the last row and column until the image fits the network's grid, as `TransformNet.forward` does."""
    below, right = cost.padding(graph, *image.shape[:2])
    if not below and not right:
        return image
    return np.pad(image, ((0, below), (0, right), (0, 0)), mode="edge")


def check_image(image: Image) -> None:
    """Refuse what is not a uint8 RGB image (H, W, 3) of at least 1x1.

    Raises:
        ValueError: the message says what came instead.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
        raise ValueError(f"an engine takes uint8 RGB images (H, W, 3), not {image.dtype} {image.shape}")


def check_scale_shift(scale_shift: Vector, graph: Graph, maps: Vector | None = None) -> None:
    """Refuse a scale-shift vector, or rows and maps, that do not fit the network and each other.

    Raises:
        ValueError: the message says what came and what was expected.
    """
    expected: tuple[int, ...] = (styles.size(graph),)
    if maps is not None:
        if maps.dtype != np.float32 or maps.ndim != 3 or not maps.size:
            raise ValueError(f"maps must be float32 (R, h, w), not {maps.dtype} {maps.shape}")
        expected = (maps.shape[0], *expected)
    if scale_shift.dtype != np.float32 or scale_shift.shape != expected:
        raise ValueError(f"scale_shift must be float32 {expected}, not {scale_shift.dtype} {scale_shift.shape}")
    if not np.isfinite(scale_shift).all():
        raise ValueError("scale_shift holds numbers that are not finite")


def check_stats(stats: LayerStats, graph: Graph) -> None:
    """Refuse statistics that do not fit the network.

    Raises:
        ValueError: the message says what came and what was expected.
    """
    expected = (styles.size(graph) // 2,)
    if stats.mean.shape != expected or stats.variance.shape != expected:
        raise ValueError(f"stats must hold a mean and a variance of shape {expected}, not {stats.mean.shape} and {stats.variance.shape}")
