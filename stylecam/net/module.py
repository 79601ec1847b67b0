"""The torch module of a network: image in, stylized image out, one set of convolutions for all styles (arXiv 1610.07629)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from stylecam.net import cost, training_ops
from stylecam.net.execute import execute, padded_maps, resized
from stylecam.net.families import FINE, Architecture, TransformNetConfig
from stylecam.net.ir import Cin, Graph
from stylecam.net.output_stats import LOGIT_MARGIN
from stylecam.net.styles import slots


def photo_scale_shift(x: Tensor) -> Tensor:
    """Return γ and β with which a normalised image gets the contrasts and means of each photo; see `net.output_stats`.

    (B, 3, H, W) float RGB in [0, 1] → (B, 2, 3).
    """
    logits = torch.logit(x.float().clamp(LOGIT_MARGIN, 1 - LOGIT_MARGIN))
    variance, mean = torch.var_mean(logits, (2, 3), correction=0)
    return torch.stack((variance.sqrt(), mean), 1)


class TransformNet(nn.Module):
    """Stylizes images in the style, or the mix of styles, that the weights name. Its layers are those of the architecture's graph.

    `styles` holds γ and β, (rows, N) as `net.styles` lays them out. Any real style weights are allowed: γ = Σ wᵢ γᵢ and β = Σ wᵢ βᵢ.

    >>> net = TransformNet(TransformNetConfig.small(styles=2))
    >>> net(torch.rand(1, 3, 48, 64), torch.tensor([[0.7, 0.3]])).shape
    torch.Size([1, 3, 48, 64])
    """

    def __init__(self, config: Architecture | None = None) -> None:
        super().__init__()
        self.config = config = config or TransformNetConfig()
        for conv in config.convs:
            layer = nn.Conv2d(conv.in_channels, conv.channels, conv.kernel, conv.stride, groups=conv.groups, bias=False)
            nn.init.normal_(layer.weight, 0.0, 0.01)
            _put(self, conv.name.split("."), layer)
        # A little noise breaks the symmetry between rows; the paper starts all at γ 1, β 0.
        rows = torch.zeros(config.rows, config.scale_shift_size)
        for slot in slots(config.graph()):
            rows[:, slot.gamma] = 1 + 0.02 * torch.randn(config.rows, slot.channels)
        self.styles = nn.Parameter(rows)

    def forward(self, x: Tensor, style_weights: Tensor, head: str = FINE) -> Tensor:
        """Stylize `x`.

        Args:
            x: (B, 3, H, W) float RGB in [0, 1], any size; padded to the network's grid and cropped back.
            style_weights: (B, S) or per pixel (B, S, h, w). S is the number of styles, or of rows where the identity row is named too.
                The identity row's γ and β of the output are those of the photo, see `photo_scale_shift`.
            head: which of `Architecture.heads`; "fast" takes half-size images.

        Returns:
            (B, 3, H, W) float RGB in [0, 1]; of the fast head (B, 3, 2 H, 2 W).
        """
        w = self._all_rows(style_weights)
        styles: Tensor = self.styles
        if self.config.identity and style_weights.shape[1] == self.config.rows:
            styles = self._with_photo(x)  # (B, rows, N)
        if w.dim() == 2:
            return self.stylize(x, (w[:, None] @ styles)[:, 0], head=head)
        return self.stylize(x, styles.expand(len(x), -1, -1), maps=w, head=head)

    def stylize(self, x: Tensor, styles: Tensor, *, maps: Tensor | None = None, head: str = FINE) -> Tensor:
        """Stylize `x` (B, 3, H, W) with γ and β that are given: one row per image, (B, N) or (1, N); with `maps`, (B, R, N).

        Args:
            x: as in `forward`.
            styles: style parameters as `StylePack.rows` has them; gradients flow into them.
            maps: (B, R, h, w), how much of each region every pixel takes; resized to each layer.
            head: as in `forward`.
        """
        graph = self.config.graph(head)
        height, width = x.shape[-2:]
        below, right = cost.padding(graph, height, width)
        if below or right:
            x = F.pad(x, (0, right, 0, below), mode="replicate")
            if maps is not None:
                maps = padded_maps(maps, (height, width), below, right)
        eps = graph.eps

        def normalise(node: Cin, y: Tensor) -> Tensor:
            if maps is not None:
                return _normalised_by_maps(y, node, styles, maps, eps)
            return _normalised(y, node, styles[:, node.gamma], styles[:, node.beta], eps)

        weights = {conv.weight: cast("Tensor", self.get_parameter(conv.weight)) for conv in graph.convs}
        result = execute(graph, x, weights, normalise)
        return result[..., : height * graph.enlargement, : width * graph.enlargement]

    def features(self, x: Tensor, styles: Tensor) -> Tensor:
        """Return the map that the outputs read, (B, C, H, W); arguments as `stylize` takes them, sides multiples of the network's grid."""
        graph = self.config.graph()
        until = Graph(graph.nodes[: graph.nodes.index(graph.convs[-1])], graph.eps)

        def normalise(node: Cin, y: Tensor) -> Tensor:
            return _normalised(y, node, styles[:, node.gamma], styles[:, node.beta], graph.eps)

        return execute(until, x, {conv.weight: cast("Tensor", self.get_parameter(conv.weight)) for conv in until.convs}, normalise)

    def _all_rows(self, style_weights: Tensor) -> Tensor:
        given, rows = style_weights.shape[1], self.config.rows
        if given == rows:
            return style_weights
        if given != self.config.styles:
            raise ValueError(f"style_weights has {given} columns, but the network has {self.config.styles} styles")
        return torch.cat((style_weights, torch.zeros_like(style_weights[:, :1])), 1)  # the identity row takes no part

    def _with_photo(self, x: Tensor) -> Tensor:
        """Return the rows for each image, the identity row with that photo's γ and β of the output, (B, rows, N)."""
        output = self.config.graph().cins[-1]
        own = self.styles[-1].expand(len(x), -1)
        photo = photo_scale_shift(x).flatten(1).to(own.dtype)
        identity = torch.cat((own[:, : output.offset], photo, own[:, output.beta.stop :]), 1)
        return torch.cat((self.styles[:-1].expand(len(x), -1, -1), identity[:, None]), 1)

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """Return all weights as float32 arrays, named as in a pack."""
        return {name: value.detach().float().cpu().contiguous().numpy().copy() for name, value in self.state_dict().items()}

    @classmethod
    def from_tensors(cls, config: Architecture, tensors: Mapping[str, NDArray[np.float32]]) -> TransformNet:
        """Build the network of a pack: what `tensors` returned, or a pack's `tensors`."""
        net = cls(config)
        net.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in tensors.items()})
        return net


def _put(module: nn.Module, path: list[str], layer: nn.Module) -> None:
    """Hang a layer into a tree of modules, so that its tensors' names are those of the graph."""
    for part in path[:-1]:
        if part not in module._modules:
            module.add_module(part, nn.Module())
        module = module.get_submodule(part)
    module.add_module(path[-1], layer)


def _normalised(y: Tensor, node: Cin, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    """Normalise (B, C, H, W) by each image's own statistics, then scale and shift by γ and β, (B, C) or (1, C)."""
    images, channels = y.shape[:2]
    if not node.normalise:
        return torch.addcmul(beta[:, :, None, None].to(y.dtype), y, gamma[:, :, None, None].to(y.dtype))
    if training_ops.apply_here(y):
        return training_ops.conditional_instance_norm(y, gamma.expand(images, -1), beta.expand(images, -1), eps)
    # One call for all: the images' channels are the channels of one image, whose statistics a batch normalization takes.
    gamma, beta = (values.expand(images, -1).reshape(-1).float() for values in (gamma, beta))
    flat = y.reshape(1, images * channels, *y.shape[2:])
    return torch.batch_norm(flat, gamma, beta, None, None, True, 0.0, eps, torch.backends.cudnn.enabled).view_as(y)


def _normalised_by_maps(y: Tensor, node: Cin, styles: Tensor, maps: Tensor, eps: float) -> Tensor:
    """Normalise (B, C, H, W), then scale and shift every pixel by the γ and β that the maps (B, R, h, w) mix for it."""
    shares = resized(maps, (y.shape[-2], y.shape[-1]))  # (B, R, H, W)
    gamma, beta = (torch.einsum("brhw,brc->bchw", shares, styles[..., part]) for part in (node.gamma, node.beta))
    return (F.instance_norm(y, eps=eps) if node.normalise else y) * gamma.to(y.dtype) + beta.to(y.dtype)
