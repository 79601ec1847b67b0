"""Architectures survive JSON and refuse nonsense."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from stylecam.net.families import TransformNetConfig, trunk_hash
from stylecam.net.styles import slots


@pytest.mark.parametrize("config", [TransformNetConfig(), TransformNetConfig.live32(), TransformNetConfig.live32(3, identity=False)])
def test_a_config_survives_json(config: TransformNetConfig) -> None:
    """What is written is what is read."""
    assert TransformNetConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"styles": 0}, "0 styles"),
        ({"styles": True}, "whole number"),
        ({"styles": "32"}, "whole number"),
        ({"eps": 0.0}, "eps"),
        ({"eps": "x"}, "eps"),
        ({"identity": 1}, "identity"),
        ({"contract": []}, "at least one contract"),
        ({"contract": [{"kernel": 4, "channels": 8}]}, "odd number"),
        ({"contract": [{"kernel": 3, "channels": 10**9, "stride": 4}]}, "channels"),
        ({"contract": [{"kernel": 3, "channels": 8, "stride": 2}]}, "shrinks by 2 but enlarges by 4"),
        ({"contract": [{"kernel": 3}]}, "lacks channels"),
        ({"contract": 5}, "must be a list"),
        ({"expand": [{"kernel": 3, "channels": 8, "stride": 2}]}, "only have a stride"),
        ({"output": {"kernel": 9, "channels": 4}}, "3 channels"),
        ({"residual": {"blocks": 10**6, "kernel": 3}}, "more than"),
        ({"residual": None}, "JSON object"),
        ({"surprise": 1}, "unknown keys: surprise"),
        ({"output_after": "tanh"}, "only with sigmoid or clip"),
        ({"output_after": None}, "only with sigmoid or clip"),
        ({"output_after": ["clip"]}, "only with sigmoid or clip"),
        ({"output_after": "clip", "identity": True}, "identity row needs"),
    ],
)
def test_nonsense_is_refused_with_its_reason(change: dict[str, Any], message: str) -> None:
    """A hostile or damaged architecture is a ValueError that says what is wrong, never anything else."""
    data = copy.deepcopy(TransformNetConfig().to_json()) | change
    with pytest.raises(ValueError, match=message):
        TransformNetConfig.from_json(data)


def test_the_usual_output_is_not_written_down() -> None:
    """Manifests and trunk hashes of packs made before there was a choice stay as they are; another output makes another trunk."""
    usual, clip = TransformNetConfig(), TransformNetConfig(output_after="clip")
    assert "output_after" not in usual.to_json()
    assert TransformNetConfig.from_json(clip.to_json()) == clip
    weights = {conv.weight: np.zeros(conv.weight_shape, np.float32) for conv in usual.convs}
    assert trunk_hash(usual, weights) != trunk_hash(clip, weights)


def test_scale_shift_slices_cover_the_vector_once() -> None:
    """γ and β of all layers lie side by side without gap or overlap."""
    config = TransformNetConfig.live32()
    covered = np.zeros(config.scale_shift_size, int)
    for slot in slots(config.graph()):
        covered[slot.gamma] += 1
        covered[slot.beta] += 1
    assert (covered == 1).all()


def test_padding_reaches_the_stride_and_the_least_size() -> None:
    """Sides become multiples of 4, and large enough for every reflect padding."""
    config = TransformNetConfig()
    assert config.total_stride == 4
    assert config.padding(480, 640) == (0, 0)
    assert config.padding(481, 639) == (3, 1)
    assert config.padding(1, 1) == (7, 7)


def test_the_trunk_hash_ignores_styles_and_notices_weights() -> None:
    """Packs with the same convolutions share a trunk whatever their styles; one changed weight makes another trunk."""
    config = TransformNetConfig.live32(2)
    rng = np.random.default_rng(0)
    weights = {conv.weight: rng.normal(size=conv.weight_shape).astype(np.float32) for conv in config.convs}
    first = trunk_hash(config, weights)
    assert trunk_hash(config.with_styles(7, identity=False), weights) == first
    weights["output.conv.weight"][0, 0, 0, 0] += 1e-6
    assert trunk_hash(config, weights) != first
