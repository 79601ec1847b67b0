"""Statistics of layers: normalising by given ones is a scale and a shift, which the host can fold into γ and β."""

from __future__ import annotations

import numpy as np

from stylecam.engines.base import LayerStats, Vector
from stylecam.net.ir import Graph
from stylecam.net.styles import slots


def folded(styles: Vector, stats: LayerStats, graph: Graph) -> Vector:
    """Return γ/σ and β − μγ/σ in the places of γ and β: what a network without normalization must be given; float32, as `styles`.

    Args:
        styles: γ and β of every layer, (N,) or (R, N), see `StylePack.scale_shift`.
        stats: means and variances to normalise with.
        graph: says where each layer's numbers are.
    """
    result = np.array(styles, np.float32)
    for slot in slots(graph):
        if slot.normalise:
            mean, variance = stats.mean[slot.statistics], stats.variance[slot.statistics]
            result[..., slot.gamma] /= np.sqrt(np.maximum(variance, 0) + np.float32(graph.eps))
            result[..., slot.beta] -= mean * result[..., slot.gamma]
    return result
