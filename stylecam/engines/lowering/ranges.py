"""In which range the maps of a network lie, from a style's γ and β alone: what int8 needs, without a calibration frame.

After conditional instance normalization a channel has mean β and deviation |γ|, whatever the image. So a range of so many deviations holds
for every style and mix, also for those that are added while an engine runs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stylecam.net import styles
from stylecam.net.ir import Act, Add, Cin, Graph

#: So many deviations from its mean a channel may lie. Mean difference of int8 to f32 in 255ths (`live32`, 11 styles, three photos,
#: 320x240): 5.2 at 3, 2.1 at 5, 1.7 at 6, 1.5 at 7 and 8, 1.7 at 10, where steps become coarse. Colours shift by 0.32 at 5, 0.13 at 8.
DEVIATIONS = 8.0
#: Likewise a sum, which is nearer to a normal distribution than what is added: 1.9 at 3, 1.5 at 4 and 5, 1.8 at 8.
DEVIATIONS_OF_SUM = 5.0

_LEAST_WIDTH = 1e-6

_Numbers = NDArray[np.float64]
_erf = np.vectorize(math.erf, otypes=[np.float64])


@dataclass(frozen=True)
class _Map:
    """Of every channel of every style, (R, C): mean, variance, and between what its values are expected."""

    mean: _Numbers
    variance: _Numbers
    low: _Numbers
    high: _Numbers


class Ranges:
    """The ranges of what the convolutions of `network` read.

    Args:
        network: the description, `Architecture.graph()`.

    >>> from stylecam.net.families import TransformNetConfig
    >>> ranges = Ranges(TransformNetConfig.small().graph())
    >>> len(ranges.convs), ranges.convs[0], ranges.convs[-1]
    (13, 'contract.1.conv', 'expand.1.conv')
    """

    def __init__(self, network: Graph) -> None:
        self._network = network
        self._added = {name for node in network.nodes if isinstance(node, Add) for name in node.inputs}
        self._latest: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
        known = self._maps(styles.neutral(network, 1))
        #: Names of the convolutions whose ranges are known; never the first, which reads the image, nor the last, which draws it.
        self.convs = tuple(conv.name for conv in network.convs[:-1] if conv.groups == 1 and conv.inputs[0] in known)

    def __call__(self, parameters: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return for each of `convs` a factor and an offset that bring what it reads between 0 and 1, (2 * convs, 1, 1, 1).

        One range serves all channels: scaling each channel to its own, and the weights against it, took a tenth off the difference to f32
        (1.52 → 1.37 of 255) and would tie the weights to the styles that were there initially.

        Args:
            parameters: γ and β of every layer, (N,), or of several regions, (R, N), between which every pixel lies somewhere.
        """
        if self._latest is not None and np.array_equal(self._latest[0], parameters):
            return self._latest[1]
        maps = self._maps(np.atleast_2d(parameters).astype(np.float64))
        result = []
        for conv in self._network.convs:
            if conv.name in self.convs:
                low, high = maps[conv.inputs[0]].low.min(), maps[conv.inputs[0]].high.max()
                factor = 1 / max(high - low, _LEAST_WIDTH)
                result += [factor, -low * factor]
        ranges = np.array(result, np.float32).reshape(-1, 1, 1, 1)
        self._latest = (parameters.copy(), ranges)
        return ranges

    def _maps(self, parameters: NDArray[Any]) -> dict[str, _Map]:
        """Return what is known of the results of nodes: of normalizations, and of what follows up to the next convolution."""
        known: dict[str, _Map] = {}
        for node in self._network.nodes:
            before = [known[name] for name in node.inputs if name in known]
            if isinstance(node, Cin) and node.normalise:
                gamma, beta = np.abs(parameters[:, node.gamma]), parameters[:, node.beta]
                known[node.name] = _within(beta, gamma**2, DEVIATIONS)
            elif isinstance(node, Act) and node.kind == "relu" and before:
                known[node.name] = _rectified(before[0], moments=node.name in self._added)
            elif isinstance(node, Add) and len(before) == len(node.inputs):
                mean, variance = (sum(getattr(each, name) for each in before) for name in ("mean", "variance"))
                known[node.name] = _within(mean, variance, DEVIATIONS_OF_SUM)
        return known


def _within(mean: _Numbers, variance: _Numbers, deviations: float) -> _Map:
    reach = deviations * np.sqrt(variance)
    return _Map(mean, variance, mean - reach, mean + reach)


def _rectified(x: _Map, *, moments: bool) -> _Map:
    """Return max(x, 0) of normally distributed x; with the `moments` of the rectified normal distribution only where they are needed."""
    low, high = np.maximum(x.low, 0), np.maximum(x.high, 0)
    if not moments:
        return _Map(x.mean, x.variance, low, high)
    deviation = np.sqrt(np.maximum(x.variance, _LEAST_WIDTH**2))
    z = x.mean / deviation
    above, density = (1 + _erf(z / math.sqrt(2))) / 2, np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    mean = x.mean * above + deviation * density
    variance = (x.mean**2 + deviation**2) * above + x.mean * deviation * density - mean**2
    return _Map(mean, np.maximum(variance, 0), low, high)
