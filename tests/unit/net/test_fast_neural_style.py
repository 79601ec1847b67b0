"""Somebody's network of PyTorch's fast_neural_style example becomes a pack that stylizes the same in every engine; hostile files do not."""

from __future__ import annotations

import os
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from stylecam.cli import main
from stylecam.engines.base import MEASURE, Image
from stylecam.engines.runtimes.onnxruntime import OnnxEngine
from stylecam.engines.runtimes.openvino import OpenVinoEngine
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.errors import PackError, TrainingError
from stylecam.net.importers.fast_neural_style import read_fast_neural_style
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack
from stylecam.training.tasks.identity import with_identity_row
from tests.unit.engines.nets import difference, make_photo
from tests.unit.net.example_net import random_net

PHOTO = make_photo(48, 60)


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    """The weights of a random network of the example."""
    return random_net().state_dict()


@pytest.fixture(scope="module")
def painting() -> Image:
    """What the example itself makes of the photo; neither flat nor mostly cut off, so that a wrong scale would show."""
    x = torch.from_numpy(PHOTO.transpose(2, 0, 1)[None].copy()).float()
    with torch.inference_mode():
        y = random_net()(x)[0]
    assert y.std() > 20
    assert ((y < 0) | (y > 255)).float().mean() < 0.2
    return y.clamp(0, 255).round().byte().permute(1, 2, 0).contiguous().numpy()


@pytest.fixture
def imported(state: dict[str, torch.Tensor], tmp_path: Path) -> StylePack:
    """The pack that the command makes of it."""
    torch.save(state, tmp_path / "Night Garden.pth")
    words = ["--title", "Night Garden", "--licence", "BSD-3-Clause", "--artist", "Me"]
    assert main(["pack", "import", f"{tmp_path}/Night Garden.pth", "-o", f"{tmp_path}/garden.stylepack", *words]) == 0
    return load_pack(tmp_path / "garden.stylepack")


ENGINES = {
    "torch": lambda pack: TorchEngine(pack.config, pack.tensors, device="cpu"),
    "onnx": lambda pack: OnnxEngine(pack.config, pack.tensors, device="cpu", threads=1),
    "openvino": lambda pack: OpenVinoEngine(pack.config, pack.tensors, precision="f32", threads=1),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_stylizes_what_the_example_stylizes(imported: StylePack, painting: Image, engine: str) -> None:
    """At most a rounding step apart, biases and both scales included."""
    painted, _ = ENGINES[engine](imported).stylize(PHOTO, imported.rows[0])
    mean, most = difference(painted, painting)
    assert mean <= 1e-3
    assert most <= 1.01 / 255


def test_statistics_and_maps_work_too(imported: StylePack, painting: Image) -> None:
    """Given its own measured statistics, or a map that is the same everywhere, the torch engine stylizes the same image."""
    engine = ENGINES["torch"](imported)
    _, stats = engine.stylize(PHOTO, imported.rows[0], stats=MEASURE)
    again, _ = engine.stylize(PHOTO, imported.rows[0], stats=stats)
    mapped, _ = engine.stylize(PHOTO, imported.rows[:1], maps=np.ones((1, 3, 4), np.float32))
    for picture in (again, mapped):
        assert difference(picture, painting)[1] <= 1.01 / 255


def test_the_pack_says_what_it_is(imported: StylePack) -> None:
    """Title, author and licence are the ones given; the recipe names the file's hash."""
    (style,) = imported.styles
    assert (style.id, style.title, style.artist, style.licence) == ("night_garden", "Night Garden", "Me", "BSD-3-Clause")
    assert imported.recipe["imported"]["sha256"] == style.sha256


def test_an_identity_row_is_refused(imported: StylePack) -> None:
    """Its trick is a normalised output, which such a network lacks: a sentence, not a fault."""
    with pytest.raises(TrainingError, match="no normalisation at its output"):
        with_identity_row(imported)


def test_files_of_old_pytorch_are_read(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    """The format before zip files, with the statistics that networks then carried: dropped, the rest is the same."""
    old = OrderedDict(state)
    for name, value in state.items():
        if ".in" in f".{name}" and name.endswith(".weight"):
            stem = name.removesuffix(".weight")
            old[f"{stem}.running_mean"], old[f"{stem}.running_var"] = torch.zeros_like(value), torch.ones_like(value)
    torch.save(old, tmp_path / "old.model", _use_new_zipfile_serialization=False)
    torch.save(state, tmp_path / "new.pth")
    config, tensors = read_fast_neural_style(tmp_path / "old.model")
    assert (config.styles, config.output_after) == (1, "clip")
    for name, value in read_fast_neural_style(tmp_path / "new.pth")[1].items():
        np.testing.assert_array_equal(tensors[name], value)


class _Bomb:
    """Makes a folder when it is unpickled by a careless program."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_file_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str], zipped: bool) -> None:
    """A pickle that would run something is refused with one sentence, and nothing was run."""
    trace = tmp_path / "trace"
    torch.save({"conv1.conv2d.weight": _Bomb(trace)}, tmp_path / "bomb.pth", _use_new_zipfile_serialization=zipped)
    assert main(["pack", "import", f"{tmp_path}/bomb.pth", "-o", f"{tmp_path}/out.stylepack", "--title", "Boom"]) == 3
    error = capsys.readouterr().err
    assert "never run" in error
    assert "'); get" not in error
    assert error.count("\n") == 1
    assert not trace.exists()
    assert not (tmp_path / "out.stylepack").exists()


Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: state.pop("res3.in1.weight"), r"it has no res3\.in1\.weight"),
        (lambda state: state.update(extra=torch.zeros(1)), "it also has 'extra'"),
        (lambda state: state.update({"in1.weight": torch.ones(33)}), r"its in1\.weight is"),
        (lambda state: state.update({"in1.weight": torch.ones(32, dtype=torch.int32)}), r"its in1\.weight is torch\.int32"),
        (lambda state: state.update({"in1.weight": torch.ones(32).to_sparse()}), r"its in1\.weight is"),
        (lambda state: state.update({"in1.weight": 1.0}), "no state_dict"),
    ],
)
def test_another_network_is_named(state: dict[str, torch.Tensor], tmp_path: Path, change: Change, words: str) -> None:
    """The sentence says what is missing, too much or of the wrong shape."""
    other: dict[str, Any] = dict(state)
    change(other)
    torch.save(other, tmp_path / "other.pth")
    with pytest.raises(PackError, match=words):
        read_fast_neural_style(tmp_path / "other.pth")


def test_numbers_that_are_not_finite_make_no_pack(
    state: dict[str, torch.Tensor], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such a network would paint nothing; the pack's own check refuses it."""
    torch.save(dict(state) | {"in1.weight": torch.full((32,), torch.nan)}, tmp_path / "nan.pth")
    assert main(["pack", "import", f"{tmp_path}/nan.pth", "-o", f"{tmp_path}/nan.stylepack", "--title", "NaN"]) == 3
    assert "not finite" in capsys.readouterr().err


def test_damage_and_bombs_of_size_are_sentences(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    """A missing file, a cut one, noise, a photo, and a zip that would fill the memory."""
    torch.save(state, tmp_path / "whole.pth")
    data = (tmp_path / "whole.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(data[: len(data) // 2])
    (tmp_path / "noise.pth").write_bytes(np.random.default_rng(0).bytes(3000))
    (tmp_path / "empty.pth").write_bytes(b"")
    torch.save([1, 2], tmp_path / "list.pth")
    with zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x/data/0", "w") as entry:
        for _ in range(130):
            entry.write(bytes(1024 * 1024))
    for name in ("missing", "cut", "noise", "empty", "list", "bomb"):
        with pytest.raises(PackError, match=r"\.$") as caught:
            read_fast_neural_style(tmp_path / f"{name}.pth")
        assert str(caught.value).isprintable(), name
    with pytest.raises(PackError, match="unpacks to"):
        read_fast_neural_style(tmp_path / "bomb.pth")
