"""Statistics of layers: normalising by given ones is a scale and a shift, which the host can fold into γ and β."""

from __future__ import annotations

import numpy as np

from stylecam.engines.base import LayerStats, Vector
from stylecam.net.architecture import TransformNetConfig


def folded(scale_shift: Vector, stats: LayerStats, config: TransformNetConfig) -> Vector:
    """Return γ/σ and β − μγ/σ in the places of γ and β: what a network without normalisation must be given, (N,) float32.

    Args:
        scale_shift: γ and β of every layer, (N,), see `StylePack.scale_shift`.
        stats: means and variances to normalise with.
        config: where each layer's numbers are.
    """
    result = np.array(scale_shift, np.float32)
    for layer in config.layers:
        if layer.after != "clip":  # the only kind of layer that is scaled but not normalised
            first = layer.offset // 2  # γ and β take two numbers per channel, a statistic one
            mean, variance = (values[first : first + layer.out_channels] for values in (stats.mean, stats.variance))
            result[layer.scale] /= np.sqrt(np.maximum(variance, 0) + np.float32(config.eps))
            result[layer.shift] -= mean * result[layer.scale]
    return result
