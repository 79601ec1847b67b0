"""The network on torch: fast on GPUs, the reference on processors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
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
from stylecam.engines.devices import find
from stylecam.engines.runtimes.cuda_graph import GraphRunner, on_device
from stylecam.errors import EngineError
from stylecam.net import cost, styles
from stylecam.net.execute import execute, padded_maps, resized
from stylecam.net.families import FINE, Architecture
from stylecam.net.ir import Cin, Graph

_DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class TorchEngine(Engine):
    """Runs on CUDA (fp16), Apple's GPU (f32) or the processor (f32). Statistics and scaling are always f32.

    Args:
        config: the architecture.
        tensors: a pack's; only the convolutions' weights are read.
        precision: of the convolutions: "auto", "f32", "bf16", or on CUDA "fp16".
        threads: how many cores torch may use, in the whole process; None leaves it to torch.
        device: "auto", "cpu", or one that `devices.CANDIDATES` has for torch, which is an error where torch does not find it.
        head: which of the network's outputs.

    Raises:
        EngineError: torch cannot do what is asked for here.
    """

    name = "torch"
    supports_maps = True
    supports_stats = True

    def __init__(
        self,
        config: Architecture,
        tensors: Mapping[str, NDArray[np.float32]],
        *,
        precision: str = "auto",
        threads: int | None = None,
        device: str = "auto",
        head: str = FINE,
    ) -> None:
        self.config, self.head = config, head
        self.graph = config.graph(head)
        self._device = _pick_device(device)
        on_cuda = self._device.type == "cuda"
        if precision == "auto":
            precision = "fp16" if on_cuda else "f32"
        if precision not in _DTYPES or (precision == "fp16" and not on_cuda):
            raise EngineError(f"torch does not compute in '{precision}' on this device; choose auto, f32 or bf16.")
        self.precision = precision
        self.device = self._device.type.upper()
        if on_cuda:  # AMD's GPUs have the same name in torch
            self.device = f"{'ROCm' if torch.version.hip else 'CUDA'}: {torch.cuda.get_device_name(self._device)}"
        self.on_cpu = self._device.type == "cpu"
        self._dtype = _DTYPES[precision]
        # Tensor cores want channels last; on a processor, plain order measured faster.
        self._format = torch.channels_last if on_cuda else torch.contiguous_format
        # A normalisation of short numbers with f32 statistics; Apple's GPU is not known to have it.
        self._normalises_short = self._device.type != "mps"
        self._graphs = GraphRunner(self._stylize_plainly, self._device) if on_cuda else None
        if threads is not None:
            torch.set_num_threads(threads)
        try:
            self._weights = {
                conv.weight: torch.from_numpy(np.array(tensors[conv.weight], np.float32)).to(
                    self._device, self._dtype, memory_format=self._format
                )
                for conv in self.graph.convs
            }
        except RuntimeError as error:
            raise EngineError(f"torch cannot put the network on {self.device} ({error}).") from error

    @torch.inference_mode()
    def stylize(
        self, image: Image, scale_shift: Vector, *, maps: Vector | None = None, stats: LayerStats | None = None
    ) -> tuple[Image, LayerStats | None]:
        """Stylize `image`; see `Engine.stylize`."""
        check_image(image)
        check_scale_shift(scale_shift, self.graph, maps)
        if stats is not None and stats is not MEASURE:
            check_stats(stats, self.graph)
        try:
            return self._run(image, scale_shift, maps, stats)
        except RuntimeError as error:  # out of memory is one of them
            height, width = image.shape[:2]
            raise EngineError(f"torch failed on an image of {width}x{height} pixels on {self.device} ({error}).") from error

    def close(self) -> None:
        """Give back the weights, and on CUDA the memory that torch keeps for later."""
        self._weights.clear()
        if self._graphs is not None:
            self._graphs.close()
            torch.cuda.empty_cache()

    def _run(self, image: Image, scale_shift: Vector, maps: Vector | None, stats: LayerStats | None) -> tuple[Image, LayerStats | None]:
        height, width = image.shape[:2]
        padded, measured = pad_to_network(image, self.graph), None
        if self._graphs is not None and maps is None and stats is None:
            stylized = self._graphs(padded, scale_shift)
            self.note = self._graphs.trouble
        else:
            put = partial(on_device, device=self._device)
            regions = None
            if maps is not None:
                regions = padded_maps(put(maps)[None], (height, width), *cost.padding(self.graph, height, width))
            given = None if stats is None or stats is MEASURE else (put(stats.mean), put(stats.variance))
            style = _Style(self.graph, put(scale_shift), regions, given, measure=stats is MEASURE)
            stylized = self._stylize(put(padded), style).cpu().numpy()
            measured = style.measured()
        if padded.shape != image.shape:
            e = self.graph.enlargement
            stylized = np.ascontiguousarray(stylized[: height * e, : width * e])
        return stylized, measured

    def _stylize_plainly(self, image: Tensor, row: Tensor) -> Tensor:
        """Stylize with one style and the image's own statistics: nothing here depends on the host, so it can be recorded."""
        return self._stylize(image, _Style(self.graph, row))

    def _stylize(self, image: Tensor, style: _Style) -> Tensor:
        """Return the result for a padded image, both uint8 (H, W, 3) on the device."""
        x = (image.permute(2, 0, 1)[None].float() / 255).to(self._dtype, memory_format=self._format)  # (1, 3, H, W)
        last = self.graph.cins[-1]

        def normalise(node: Cin, y: Tensor) -> Tensor:
            if node is last:
                return style(node, y.float())
            return style(node, y if self._normalises_short else y.float()).to(self._dtype)

        y = execute(self.graph, x, self._weights, normalise)
        return y[0].mul_(255).round_().byte().permute(1, 2, 0).contiguous()


class _Style:
    """γ, β and statistics of every normalization: the same for all pixels, or mixed per pixel; the image's own statistics, or given ones.

    Args:
        graph: the network.
        row: γ and β, (N,), or with `maps` (R, N).
        maps: (1, R, h, w), or None.
        given: mean and variance of all normalizations, or None for the image's own.
        measure: remember the image's own.
    """

    def __init__(
        self,
        graph: Graph,
        row: Tensor,
        maps: Tensor | None = None,
        given: tuple[Tensor, Tensor] | None = None,
        *,
        measure: bool = False,
    ) -> None:
        self._graph, self._rows = graph, row.reshape(-1, row.shape[-1])  # (R, N)
        self._maps, self._given = maps, given
        self._measured: dict[int, tuple[Tensor, Tensor]] | None = {} if measure else None  # variance and mean by offset

    def __call__(self, node: Cin, x: Tensor) -> Tensor:
        """Normalise `x` (1, C, H, W), unless the node only scales, then scale and shift it."""
        gamma, beta = self._rows[:, node.gamma], self._rows[:, node.beta]  # (R, C)
        if self._maps is None:
            return self._normalised(x, node, gamma[0], beta[0])
        maps = resized(self._maps, (x.shape[-2], x.shape[-1]))  # (1, R, H, W)
        scale, shift = (torch.einsum("brhw,rc->bchw", maps, values) for values in (gamma, beta))
        one, zero = torch.ones_like(gamma[0]), torch.zeros_like(beta[0])
        return torch.addcmul(shift, self._normalised(x.float(), node, one, zero), scale)

    def measured(self) -> LayerStats | None:
        """Return what was remembered, if asked for; see `LayerStats`."""
        if self._measured is None:
            return None
        count = styles.size(self._graph) // 2
        mean, variance = np.zeros(count, np.float32), np.ones(count, np.float32)
        for slot in styles.slots(self._graph):
            if slot.offset in self._measured:
                variance[slot.statistics], mean[slot.statistics] = (values.cpu().numpy() for values in self._measured[slot.offset])
        return LayerStats(mean, variance)

    def _normalised(self, x: Tensor, node: Cin, gamma: Tensor, beta: Tensor) -> Tensor:
        """Return γ (x − μ) / σ + β as x (γ / σ) + (β − μ γ / σ): one pass for the statistics, one for the rest."""
        if not node.normalise:
            return torch.addcmul(beta[:, None, None], x, gamma[:, None, None])
        if self._measured is not None:
            self._measured[node.offset] = torch.var_mean(x[0].float(), dim=(1, 2), correction=0)
        mean: Tensor | None = None
        variance: Tensor | None = None
        if self._given is not None:
            mean, variance = (values[node.statistics] for values in self._given)
        # Of a single image, a batch's statistics are the image's. They are f32 whatever the type of `x`. Not by cuDNN (the last
        # argument), whose form for channels last may overflow.
        return torch.batch_norm(x, gamma, beta, mean, variance, self._given is None, 0.0, self._graph.eps, False)


def _pick_device(wanted: str) -> torch.device:
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}  # AMD's GPUs are "cuda" to torch
    if wanted == "auto":
        return torch.device(next(name for name in there if there[name]))
    candidate = find("torch", wanted)
    name = candidate.library_name if candidate else wanted
    if not there.get(name):
        raise EngineError(f"torch finds no '{wanted}' here" + (f"; it needs {candidate.needs}." if candidate else "."))
    return torch.device(name)
