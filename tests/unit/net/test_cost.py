"""What networks cost is counted on their graphs."""

from __future__ import annotations

import pytest

from stylecam.net import cost
from stylecam.net.families import Architecture, ConvSpec, TransformNetConfig, UNetConfig


@pytest.mark.parametrize(
    ("config", "gflop"), [(TransformNetConfig(), 94.5), (TransformNetConfig.small(), 21.6), (UNetConfig.live32(), 16.3)]
)
def test_the_networks_cost_is_known(config: Architecture, gflop: float) -> None:
    """At 640x480 the paper's network takes 94.5 GFLOP, the small one 21.6, ours 16.3; an odd size costs what it is padded to."""
    assert cost.gflop(config.graph(), 640, 480) == pytest.approx(gflop, abs=0.1)
    assert cost.gflop(config.graph(), 639, 477) == cost.gflop(config.graph(), 640, 480)


def test_what_the_network_moves_at_least_is_known() -> None:
    """Counted by hand on a network of two layers: bytes at both ends, two or four for every number between, and the weights."""
    config = TransformNetConfig(
        contract=(ConvSpec(3, 4, stride=2),), residual_blocks=0, expand=(ConvSpec(3, 5, upsample=2),), output=ConvSpec(1, 3)
    )
    picture, small, wide = 8 * 8 * 3, 4 * 4 * 4, 8 * 8 * 5
    numbers = (small + 3 * 4 * 9) + (small + wide + 4 * 5 * 9) + (wide + 5 * 3)
    assert cost.traffic_gb(config.graph(), 8, 8, "f32") == (2 * picture + 4 * numbers) / 1e9
    assert cost.traffic_gb(config.graph(), 8, 8, "bf16") == (2 * picture + 2 * numbers) / 1e9
    assert cost.traffic_gb(config.graph(), 7, 7, "fp16") == cost.traffic_gb(config.graph(), 8, 8, "fp16")
    assert cost.traffic_gb(config.graph(), 8, 8, "i8") is None
