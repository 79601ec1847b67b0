"""The network on torch: fast on GPUs, the reference on processors, and the one that knows maps and statistics."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

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
from stylecam.engines.runtimes.cuda_graph import GraphRunner, on_device
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
        # A normalisation of short numbers with f32 statistics; Apple's GPU is not known to have it.
        self._normalises_short = self._device.type != "mps"
        self._graphs = GraphRunner(self._paint_plainly, self._device) if on_cuda else None
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
        if self._graphs is not None:
            self._graphs.close()
            torch.cuda.empty_cache()

    def _run(self, image: Image, scale_shift: Vector, maps: Vector | None, stats: LayerStats | None) -> tuple[Image, LayerStats | None]:
        height, width = image.shape[:2]
        padded, measured = pad_to_network(image, self.config), None
        if self._graphs is not None and maps is None and stats is None:
            painting = self._graphs(padded, scale_shift)
            self.note = self._graphs.trouble
        else:
            put = partial(on_device, device=self._device)
            regions = None if maps is None else _padded_maps(put(maps), (height, width), self.config)
            given = None if stats is None or stats is MEASURE else (put(stats.mean), put(stats.variance))
            statistics = _Statistics(self.config.eps, given, measure=stats is not None and stats.measure)
            painting = self._paint(put(padded), _Style(put(scale_shift), regions), statistics).cpu().numpy()
            measured = statistics.result()
        if padded.shape != image.shape:
            painting = np.ascontiguousarray(painting[:height, :width])
        return painting, measured

    def _paint_plainly(self, photo: Tensor, scale_shift: Tensor) -> Tensor:
        """Paint with one style and the picture's own statistics: nothing here depends on the host, so it can be recorded."""
        return self._paint(photo, _Style(scale_shift), _Statistics(self.config.eps))

    def _paint(self, photo: Tensor, style: _Style, statistics: _Statistics) -> Tensor:
        """Return the painting of a padded photo, both uint8 (H, W, 3) on the device."""
        x = (photo.permute(2, 0, 1)[None].float() / 255).to(self._dtype, memory_format=self._format)  # (1, 3, H, W)
        skip = x
        for layer in self.config.layers:
            if layer.name.startswith("residual") and layer.after == "relu":
                skip = x
            y = self._convolve(x, layer)
            if layer.name == "output" or not self._normalises_short:
                y = y.float()
            y = style(statistics, y, layer)
            if layer.name == "output":
                painted = y.clamp_(0, 1) if layer.after == "clip" else y.sigmoid_()
                return painted[0].mul_(255).round_().byte().permute(1, 2, 0).contiguous()
            x = (y.relu_() if layer.after == "relu" else y.add_(skip)).to(self._dtype)
        raise AssertionError("a network ends with its output layer")

    def _convolve(self, x: Tensor, layer: Layer) -> Tensor:
        if layer.upsample > 1:
            x = F.interpolate(x, scale_factor=layer.upsample, mode="nearest")
        return F.conv2d(F.pad(x, [layer.kernel // 2] * 4, mode="reflect"), self._weights[layer.name], stride=layer.stride)


class _Style:
    """γ and β of every layer, the same for all pixels, `rows` (N,), or with `maps` (R, h, w) mixed per pixel from (R, N)."""

    def __init__(self, rows: Tensor, maps: Tensor | None = None) -> None:
        self._rows = rows.reshape(-1, rows.shape[-1])  # (R, N)
        self._maps = None if maps is None else maps[None]  # (1, R, h, w)

    def __call__(self, statistics: _Statistics, x: Tensor, layer: Layer) -> Tensor:
        """Normalise `x` (1, C, H, W), unless the layer has no normalisation, then scale and shift it."""
        gamma, beta = self._rows[:, layer.scale], self._rows[:, layer.shift]  # (R, C)
        if self._maps is None:
            return statistics.normalise(x, layer, gamma[0], beta[0])
        maps = _resized(self._maps, (x.shape[-2], x.shape[-1]))  # (1, R, H, W)
        scale, shift = (torch.einsum("brhw,rc->bchw", maps, values) for values in (gamma, beta))
        one, zero = torch.ones_like(gamma[0]), torch.zeros_like(beta[0])
        return torch.addcmul(shift, statistics.normalise(x.float(), layer, one, zero), scale)


class _Statistics:
    """Normalises by the picture's own statistics, or by given ones, and remembers them where asked.

    Args:
        eps: added to the variances.
        given: mean and variance of all layers, or None for the picture's own.
        measure: remember the picture's own.
    """

    def __init__(self, eps: float, given: tuple[Tensor, Tensor] | None = None, *, measure: bool = False) -> None:
        self._eps, self._given = eps, given
        self._measured: list[tuple[Tensor, Tensor]] | None = [] if measure else None  # variance and mean per layer

    def normalise(self, x: Tensor, layer: Layer, gamma: Tensor, beta: Tensor) -> Tensor:
        """Return γ (x − μ) / σ + β as x (γ / σ) + (β − μ γ / σ): one pass for the statistics, one for the rest."""
        if self._measured is not None:
            self._measured.append(torch.var_mean(x[0].float(), dim=(1, 2), correction=0))
        if layer.after == "clip":
            return torch.addcmul(beta[:, None, None], x, gamma[:, None, None])
        mean: Tensor | None = None
        variance: Tensor | None = None
        if self._given is not None:
            first = layer.offset // 2  # γ and β take two numbers per channel, a statistic one
            mean, variance = (values[first : first + layer.out_channels] for values in self._given)
        # Of a single picture, a batch's statistics are the picture's. They are f32 whatever the type of `x`. Not by cuDNN (the last
        # argument), whose form for channels last may overflow.
        return torch.batch_norm(x, gamma, beta, mean, variance, self._given is None, 0.0, self._eps, False)

    def result(self) -> LayerStats | None:
        if self._measured is None:
            return None
        variances, means = zip(*self._measured, strict=True)
        return LayerStats(torch.cat(means).cpu().numpy(), torch.cat(variances).cpu().numpy())


def _padded_maps(maps: Tensor, size: tuple[int, int], config: TransformNetConfig) -> Tensor:
    """Return maps (R, h, w) for the padded photo: they cover the photo only, so their edge is stretched over the padding as its edge is."""
    below, right = config.padding(*size)
    if not below and not right:
        return maps
    return F.pad(_resized(maps[None], size), (0, right, 0, below), mode="replicate")[0]


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
