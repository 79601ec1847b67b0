"""The network on torch: fast on GPUs, the reference on processors, and the one that knows maps and statistics."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from stylecam.engines.base import (
    MEASURE,
    Engine,
    Image,
    LayerStats,
    Vector,
    check_image,
    check_scale_shift,
    check_stats,
    pad_to_network,
)
from stylecam.errors import EngineError
from stylecam.net.architecture import Layer, TransformNetConfig

_DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class TorchEngine(Engine):
    """Runs on CUDA (fp16), Apple's GPU (f32) or the processor (f32). Statistics and scaling are always f32.

    Args:
        config: the architecture.
        tensors: a pack's; only the convolutions' weights are read.
        precision: of the convolutions: "auto", "f32", "bf16", or on CUDA "fp16".
        threads: how many cores torch may use, in the whole process; None leaves it to torch.
        device: "auto", "cpu", or "gpu", which is an error where torch finds none.

    Raises:
        EngineError: torch cannot do what is asked for here.
    """

    name = "torch"
    supports_maps = True
    supports_stats = True

    def __init__(
        self,
        config: TransformNetConfig,
        tensors: Mapping[str, NDArray[np.float32]],
        *,
        precision: str = "auto",
        threads: int | None = None,
        device: str = "auto",
    ) -> None:
        self.config = config
        self._device = _pick_device(device)
        on_cuda = self._device.type == "cuda"
        if precision == "auto":
            precision = "fp16" if on_cuda else "f32"
        if precision not in _DTYPES or (precision == "fp16" and not on_cuda):
            raise EngineError(f"torch does not compute in '{precision}' on this device; choose auto, f32 or bf16.")
        self.precision = precision
        self.device = f"CUDA: {torch.cuda.get_device_name(self._device)}" if on_cuda else self._device.type.upper()
        self._dtype = _DTYPES[precision]
        # Tensor cores want channels last; on a processor, plain order measured faster.
        self._format = torch.channels_last if on_cuda else torch.contiguous_format
        if threads is not None:
            torch.set_num_threads(threads)
        try:
            self._weights = {
                layer.name: torch.from_numpy(np.array(tensors[f"{layer.name}.conv.weight"], np.float32)).to(
                    self._device, self._dtype, memory_format=self._format
                )
                for layer in config.layers
            }
        except RuntimeError as error:
            raise EngineError(f"torch cannot put the network on {self.device} ({error}).") from error

    @torch.inference_mode()
    def stylize(
        self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
    ) -> tuple[Image, LayerStats | None]:
        """Repaint `image`; see `Engine.stylize`."""
        check_image(image)
        check_scale_shift(scale_shift, self.config, maps)
        if stats is not None and stats is not MEASURE:
            check_stats(stats, self.config)
        try:
            return self._run(image, scale_shift, maps, stats)
        except RuntimeError as error:  # out of memory is one of them
            height, width = image.shape[:2]
            raise EngineError(f"torch failed on a picture of {width}x{height} pixels on {self.device} ({error}).") from error

    def close(self) -> None:
        """Give back the weights, and on CUDA the memory that torch keeps for later."""
        self._weights.clear()
        if self._device.type == "cuda":
            torch.cuda.empty_cache()

    def _run(self, image: Image, scale_shift: Vector, maps: Vector | None, stats: LayerStats | None) -> tuple[Image, LayerStats | None]:
        height, width = image.shape[:2]
        style = _Style(scale_shift, maps, (height, width), self.config, self._device)
        statistics = _Statistics(stats, self.config, self._device)
        # `np.array`: torch refuses pictures with negative strides and warns about read-only ones.
        x = torch.from_numpy(np.array(pad_to_network(image, self.config))).to(self._device)
        x = (x.permute(2, 0, 1)[None].float() / 255).to(self._dtype, memory_format=self._format)  # (1, 3, H, W)
        skip = x
        for layer in self.config.layers:
            if layer.name.startswith("residual") and layer.after == "relu":
                skip = x
            y = style(statistics(self._convolve(x, layer).float(), layer), layer)
            if layer.name == "output":
                painted = y.clamp(0, 1) if layer.after == "clip" else torch.sigmoid(y)
                painting = (painted[0, :, :height, :width] * 255).round().byte().permute(1, 2, 0).contiguous().cpu()
                return painting.numpy(), statistics.result()
            y = (F.relu(y) if layer.after == "relu" else skip.float() + y).to(self._dtype)
            x = y
        raise AssertionError("a network ends with its output layer")

    def _convolve(self, x: Tensor, layer: Layer) -> Tensor:
        if layer.upsample > 1:
            x = F.interpolate(x, scale_factor=layer.upsample, mode="nearest")
        return F.conv2d(F.pad(x, [layer.kernel // 2] * 4, mode="reflect"), self._weights[layer.name], stride=layer.stride)


class _Style:
    """γ and β of every layer, the same for all pixels or mixed per pixel."""

    def __init__(
        self, scale_shift: Vector, maps: Vector | None, size: tuple[int, int], config: TransformNetConfig, device: torch.device
    ) -> None:
        self._rows = torch.from_numpy(np.array(scale_shift)).to(device).reshape(-1, config.scale_shift_size)  # (R, N)
        self._maps: Tensor | None = None
        if maps is not None:
            self._maps = torch.from_numpy(np.array(maps)).to(device)[None]  # (1, R, h, w)
            below, right = config.padding(*size)
            if below or right:
                # Maps cover the photo only; stretch their edge over the padding in the same way.
                self._maps = F.pad(_resized(self._maps, size), (0, right, 0, below), mode="replicate")

    def __call__(self, x: Tensor, layer: Layer) -> Tensor:
        gamma, beta = self._rows[:, layer.scale], self._rows[:, layer.shift]  # (R, C)
        if self._maps is None:
            return x * gamma[0, :, None, None] + beta[0, :, None, None]
        maps = _resized(self._maps, (x.shape[-2], x.shape[-1]))  # (1, R, H, W)
        return x * torch.einsum("brhw,rc->bchw", maps, gamma) + torch.einsum("brhw,rc->bchw", maps, beta)


class _Statistics:
    """Normalises by the picture's own statistics, or by given ones, and remembers them where asked."""

    def __init__(self, stats: LayerStats | None, config: TransformNetConfig, device: torch.device) -> None:
        self._eps = config.eps
        self._measured: list[tuple[Tensor, Tensor]] | None = [] if stats is not None and (stats is MEASURE or stats.measure) else None
        self._given: tuple[Tensor, Tensor] | None = None
        if stats is not None and stats is not MEASURE:
            mean, variance = (torch.from_numpy(np.array(values, np.float32)).to(device) for values in (stats.mean, stats.variance))
            self._given = mean, variance

    def __call__(self, x: Tensor, layer: Layer) -> Tensor:
        """Normalise `x` (1, C, H, W) f32, unless the layer has no normalisation."""
        if self._measured is not None:
            variance, mean = torch.var_mean(x[0], dim=(1, 2), correction=0)
            self._measured.append((mean, variance))
        if layer.after == "clip":
            return x
        if self._given is None:
            return F.instance_norm(x, eps=self._eps)
        first = layer.offset // 2  # γ and β take two numbers per channel, a statistic one
        mean, variance = (values[first : first + layer.out_channels, None, None] for values in self._given)
        return (x - mean) * torch.rsqrt(variance + self._eps)

    def result(self) -> LayerStats | None:
        if self._measured is None:
            return None
        means, variances = zip(*self._measured, strict=True)
        return LayerStats(torch.cat(means).cpu().numpy(), torch.cat(variances).cpu().numpy())


def _resized(maps: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(maps, size, mode="bilinear", align_corners=False)


def _pick_device(wanted: str) -> torch.device:
    if wanted != "cpu":
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available():
            return torch.device("mps")
    if wanted == "gpu":
        raise EngineError("torch finds no GPU here; it would run on the processor, where OpenVINO is faster.")
    return torch.device("cpu")
