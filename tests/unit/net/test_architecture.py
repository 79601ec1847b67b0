"""Architectures survive JSON and refuse nonsense."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stylecam.net.families import FAST, TransformNetConfig, UNetConfig, read_architecture, trunk_hash
from stylecam.net.styles import slots


@pytest.mark.parametrize("config", [TransformNetConfig(), TransformNetConfig.small(), TransformNetConfig.small(3, identity=False)])
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
    config = TransformNetConfig.small()
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
    config = TransformNetConfig.small(2)
    rng = np.random.default_rng(0)
    weights = {conv.weight: rng.normal(size=conv.weight_shape).astype(np.float32) for conv in config.convs}
    first = trunk_hash(config, weights)
    assert trunk_hash(config.with_styles(7, identity=False), weights) == first
    weights["output.conv.weight"][0, 0, 0, 0] += 1e-6
    assert trunk_hash(config, weights) != first


@pytest.mark.parametrize("config", [UNetConfig.live32(), UNetConfig.live32(3, identity=False), UNetConfig(head_fast=5, output_factor=2)])
def test_a_u_net_survives_json(config: UNetConfig) -> None:
    """What is written is what is read."""
    assert read_architecture("unet", config.to_json()) == config


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"styles": 0}, "0 styles"),
        ({"contract": []}, "at least one contract"),
        ({"contract": [{"kernel": 5, "channels": 8}]}, "lacks conv"),
        ({"contract": [{"conv": {"kernel": 4, "channels": 8, "stride": 2}}], "expand": []}, "odd number"),
        ({"contract": [{"conv": {"kernel": 3, "channels": 8, "stride": 2}, "skip": True}], "expand": []}, "only expand stages"),
        ({"contract": [{"conv": {"kernel": 3, "channels": 8, "stride": 2}, "skip": 1}]}, "skip must be true or false"),
        ({"contract": [{"conv": {"kernel": 3, "channels": 8, "stride": 2}, "blocks": 10**6}], "expand": []}, "more than"),
        ({"contract": [{"conv": {"kernel": 3, "channels": 8, "stride": 2}, "blocks": -1}], "expand": []}, "more than"),
        ({"expand": []}, "shrinks by 8 but enlarges by 2"),
        ({"expand": [{"conv": {"kernel": 3, "channels": 7, "upsample": 4}, "skip": True}]}, "expand stage 0 has a skip"),
        ({"output": {"kernel": 3, "factor": 0}}, "output_factor"),
        ({"output": {"kernel": 3, "factor": 4}}, "shrinks by 8 but enlarges by 16"),
        ({"output": {"kernel": 3}}, "lacks factor"),
        ({"head_fast": {"kernel": 2}}, "odd number"),
        ({"head_fast": 3}, "head_fast must be a JSON object"),
        ({"kernel": "3"}, "whole number"),
        ({"surprise": 1}, "unknown keys: surprise"),
    ],
)
def test_a_u_net_that_cannot_be_is_refused_with_its_reason(change: dict[str, Any], message: str) -> None:
    """A hostile or damaged description is a ValueError that says what is wrong, never anything else."""
    data = copy.deepcopy(UNetConfig().to_json()) | change
    with pytest.raises(ValueError, match=message):
        read_architecture("unet", data)


def test_a_u_net_adds_what_the_way_down_knew() -> None:
    """A stage with a skip reads the contract stage's map of its size; without, nobody does, and the weights are the same."""
    config = UNetConfig.live32(2)
    without = replace(config, expand=tuple(replace(stage, skip=False) for stage in config.expand))
    assert config.graph().uses["contract.1.relu"] == 2
    assert without.graph().uses["contract.1.relu"] == 1
    assert [conv.weight_shape for conv in config.convs] == [conv.weight_shape for conv in without.convs]


def test_a_u_nets_fast_output_shares_everything_but_its_kernel() -> None:
    """It makes twice as many pixels along each side, with the same γ and β."""
    config = UNetConfig.live32(2).with_fast_head()
    fine, fast = config.graph(), config.graph(FAST)
    assert (fine.enlargement, fast.enlargement) == (1, 2)
    assert fast.convs[-1].channels == 48
    assert [cin.offset for cin in fine.cins] == [cin.offset for cin in fast.cins]
    assert config.trunk_only() == UNetConfig.live32(2)
