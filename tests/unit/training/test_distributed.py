"""Two processes train as one with twice the batch does."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file

from stylecam.cli import main
from stylecam.packs.store import load_pack
from stylecam.training import distributed
from tests.unit.training.small_material import write_images, write_loss_network

ROOT = Path(__file__).parents[3]


def _run(*words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
def test_two_processes_are_one_with_twice_the_batch(tmp_path: Path) -> None:
    """The first gradients agree within 1e-4, the weights after three steps on average within 1e-5; a part of the batch alone has others.

    A single weight may differ more: Adam makes steps of full size out of the rounding of gradients that are next to nothing.
    """
    write_images(tmp_path / "photos", "photo", 6)
    write_images(tmp_path / "styles", "style", 2, seed=5)
    write_loss_network(tmp_path)
    script = str(ROOT / "tests/unit/training/one_of_several.py")
    _run(script, str(tmp_path), "one", "4")
    _run(script, str(tmp_path), "half", "2")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    several = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-addr", "127.0.0.1", "--master-port", str(port)]
    reports = _run(*several, script, str(tmp_path), "two", "2")
    assert reports.count('"step":3') == 1
    one, half, two = (load_file(tmp_path / f"{name}-0.st") for name in ("one", "half", "two"))
    assert one.keys() == two.keys()
    for key, value in one.items():
        difference = (value - two[key]).abs()
        if key.startswith("first."):
            assert difference.max() <= 1e-4 * value.abs().max(), key
        else:
            assert difference.mean() <= 1e-5, key
    assert any((value - half[key]).abs().max() > 1e-2 * value.abs().max() for key, value in one.items() if key.startswith("first."))
    packs = [load_pack(tmp_path / name) for name in ("one", "two")]
    assert all(abs(packs[0].tensors[key] - packs[1].tensors[key]).mean() < 1e-5 for key in packs[0].tensors)


def test_torchrun_passes_the_options_on(capsys: pytest.CaptureFixture[str]) -> None:
    """Each option of `train full` goes through torchrun's own parser unchanged, but `--run`, which is why that has a longer name too."""
    from torch.distributed.run import get_args_parser

    with pytest.raises(SystemExit):
        main(["train", "full", "--help"])
    flags = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out.partition("options:")[2])) - {"--run", "--help"}
    assert {"--photos", "--run-folder", "--minutes", "--json"} <= flags
    for flag in sorted(flags):
        words = ["stylecam", "train", "full", flag, "1"]
        parsed = get_args_parser().parse_args(["--nproc-per-node", "2", "-m", *words])
        assert [parsed.training_script, *parsed.training_script_args] == words


def test_alone_nothing_is_sent() -> None:
    """Without torchrun there is one process, the first, and numbers stay as they are."""
    distributed.start()
    assert (distributed.size(), distributed.rank(), distributed.from_first(2.5), distributed.any_of(True)) == (1, 0, 2.5, True)
