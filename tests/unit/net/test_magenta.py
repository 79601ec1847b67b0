"""A checkpoint of Magenta's image_stylization becomes a pack that stylizes as their network does; damage ends in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from stylecam.cli import main
from stylecam.errors import PackError
from stylecam.net.importers import tf_table
from stylecam.net.importers.magenta import read_magenta
from stylecam.net.module import TransformNet
from stylecam.packs.store import load_pack
from tests.unit.net import tf_writer

STYLES = 3
#: Their network with `alpha` 1/8: scope, kernel, channels in and out.
LAYERS = [
    ("contract/conv1", 9, 3, 4),
    ("contract/conv2", 3, 4, 8),
    ("contract/conv3", 3, 8, 16),
    *[(f"residual/residual{i}/conv{j}", 3, 16, 16) for i in range(1, 6) for j in (1, 2)],
    ("expand/conv1/conv", 3, 16, 8),
    ("expand/conv2/conv", 3, 8, 4),
    ("expand/conv3/conv", 9, 4, 3),
]
Network = dict[str, NDArray[np.float32]]


@pytest.fixture(scope="module")
def network() -> Network:
    """Random weights by their names, with things beside that a training leaves behind."""
    rng = np.random.default_rng(4)
    tensors: Network = {"global_step": np.zeros((), np.float32)}
    for scope, kernel, before, after in LAYERS:
        tensors[f"transformer/{scope}/weights"] = rng.normal(0, 0.2, (kernel, kernel, before, after)).astype(np.float32)
        tensors[f"transformer/{scope}/InstanceNorm/gamma"] = rng.normal(1, 0.3, (STYLES, after)).astype(np.float32)
        tensors[f"transformer/{scope}/InstanceNorm/beta"] = rng.normal(0, 0.3, (STYLES, after)).astype(np.float32)
        tensors[f"transformer/{scope}/weights/Adam"] = np.ones((2, 2), np.float32)
    return tensors


def theirs(tensors: Network, x: Tensor, style: int) -> Tensor:
    """Compute what their `model.transform` says, step by step, without our description of a network."""

    def conv(x: Tensor, scope: str, stride: int = 1) -> Tensor:
        weight = torch.from_numpy(tensors[f"transformer/{scope}/weights"]).permute(3, 2, 0, 1)
        gamma, beta = (torch.from_numpy(tensors[f"transformer/{scope}/InstanceNorm/{name}"][style]) for name in ("gamma", "beta"))
        x = F.conv2d(F.pad(x, [weight.shape[-1] // 2] * 4, mode="reflect"), weight, stride=stride)
        mean, variance = x.mean((2, 3), keepdim=True), x.var((2, 3), keepdim=True, unbiased=False)
        return (x - mean) / (variance + 1e-5).sqrt() * gamma[:, None, None] + beta[:, None, None]

    x = F.relu(conv(x, "contract/conv1"))
    x = F.relu(conv(x, "contract/conv2", 2))
    x = F.relu(conv(x, "contract/conv3", 2))
    for i in range(1, 6):
        x = x + conv(F.relu(conv(x, f"residual/residual{i}/conv1")), f"residual/residual{i}/conv2")
    for i in (1, 2):
        x = F.relu(conv(F.interpolate(x, scale_factor=2, mode="nearest"), f"expand/conv{i}/conv"))
    return torch.sigmoid(conv(x, "expand/conv3/conv"))


def test_a_checksum_is_that_of_a_textbook() -> None:
    """Short data, long data that go through many lanes, and the value that the RFC gives."""
    rng = np.random.default_rng(1)
    assert tf_table.crc32c(b"123456789") == 0xE3069283
    for length in (0, 1, 1000, 40_123):
        data = rng.bytes(length)
        assert tf_table.crc32c(data) == tf_writer.crc32c(data)


@pytest.mark.parametrize("write", [tf_writer.write_bundle, tf_writer.write_single])
def test_it_stylizes_as_their_network(network: Network, tmp_path: Path, write: Callable[[Path, Network], None]) -> None:
    """Both formats of checkpoints: every style's image equals their own forward pass."""
    path = tmp_path / "model.ckpt"
    write(path, network)
    config, tensors, files = read_magenta(path)
    assert all(file.is_file() for file in files)
    net, x = TransformNet.from_tensors(config, tensors), torch.rand(1, 3, 24, 32, generator=torch.Generator().manual_seed(2))
    for style in range(STYLES):
        weights = torch.eye(STYLES)[style : style + 1]
        with torch.no_grad():
            expected = theirs(network, x, style)
            assert expected.std() > 0.05
            assert torch.allclose(net(x, weights), expected, atol=2e-5)


def test_the_command_makes_a_pack(network: Network, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`pack import` takes either file of a bundle, numbers the styles, and keeps licence and source."""
    tf_writer.write_bundle(tmp_path / "monet.ckpt-40", network)
    words = ["--title", "Monet", "--licence", "Apache-2.0", "--source", "https://example.org"]
    assert main(["pack", "import", f"{tmp_path}/monet.ckpt-40.index", "-o", f"{tmp_path}/m.stylepack", *words]) == 0
    assert "3 styles" in capsys.readouterr().out
    pack = load_pack(tmp_path / "m.stylepack")
    assert [info.title for info in pack.styles] == ["Monet 1", "Monet 2", "Monet 3"]
    assert {(info.licence, info.source) for info in pack.styles} == {("Apache-2.0", "https://example.org")}
    assert pack.config.styles == STYLES


def test_damage_and_strangers_are_refused(network: Network, tmp_path: Path) -> None:
    """A flipped bit of either file, a cut, compressed blocks, several shards, a missing layer, another shape, and numbers that are not."""
    path = tmp_path / "model.ckpt"
    index, data = (path.with_name(path.name + ending) for ending in (".index", ".data-00000-of-00001"))

    def refused(match: str) -> None:
        with pytest.raises(PackError, match=match):
            read_magenta(path)

    tf_writer.write_bundle(path, network)
    good = index.read_bytes(), data.read_bytes()
    for file, raw, match in ((index, good[0], "checksum|beyond|several"), (data, good[1], "checksum")):
        for place in (len(raw) // 3, len(raw) // 2):
            file.write_bytes(raw[:place] + bytes([raw[place] ^ 4]) + raw[place + 1 :])
            refused(match)
        file.write_bytes(raw)
    index.write_bytes(good[0][:-20])
    refused("no table")
    index.write_bytes(good[0])
    data.write_bytes(good[1][: len(good[1]) // 2])
    refused("beyond its data")
    name = "transformer/contract/conv2/weights"
    for changed, match in (
        ({key: value for key, value in network.items() if key != name}, "has no transformer/contract/conv2/weights"),
        ({**network, name: network[name][:2]}, "not "),
        ({**network, name: network[name] * np.float32("nan")}, "not finite"),
    ):
        tf_writer.write_bundle(path, changed)
        refused(match)
    tf_writer.write_bundle(path, network, compression=1)
    refused("compressed")
    tf_writer.write_bundle(path, network, shards=2)
    refused("several files")
    data.unlink()
    refused("image_stylization: model.ckpt.data-00000-of-00001: no such file or directory; get")


def test_no_bytes_make_it_stumble(network: Network) -> None:
    """Random bytes in a table with a valid footer end in ValueError or are found out, never in another error."""
    items = [(b"", b"\x08\x01"), *((name.encode(), b"\x08\x01") for name in sorted(network))]
    good, rng = tf_writer.write_table(items), np.random.default_rng(3)
    assert len(list(tf_table.entries(good))) == len(items)
    for _ in range(150):
        table = bytearray(good)
        for place in rng.integers(0, len(table) - 8, 3):
            table[place] = int(rng.integers(256))
        try:
            assert len(list(tf_table.entries(bytes(table)))) == len(items)  # padding of the footer may be anything
        except ValueError:
            continue
    for raw in (rng.bytes(40) for _ in range(300)):
        try:
            tf_table.fields(raw)
        except ValueError:
            continue
