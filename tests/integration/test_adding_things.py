"""What adding things costs, as the table of docs/architecture.md says: each is written here as a stranger would, in one file."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from PIL import Image

from stylecam import cli
from stylecam.core.mix import StyleMix
from stylecam.engines import runtimes, select
from stylecam.net.families import base as families
from stylecam.net.module import TransformNet
from stylecam.offline.stylizer import Stylizer
from stylecam.outputs import registry
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack, save_pack
from stylecam.training.loop import fit
from tests.fakes import gradient, tiny_pack
from tests.unit.outputs.clips import frame

ENGINE = """
from stylecam.engines.base import Engine


class NegativeEngine(Engine):
    name, precision, device = "negative", "u8", "CPU"

    def __init__(self, config, tensors, **options):
        self.config = config

    def stylize(self, image, scale_shift, *, maps=None, stats=None):
        return 255 - image, None
"""

FAMILY = '''
from dataclasses import dataclass

from stylecam.net.families.base import Architecture, register
from stylecam.net.ir import IMAGE, IMAGE_CHANNELS, Draft


@register("hourglass")
@dataclass(frozen=True)
class Hourglass(Architecture):
    """Half the size, one convolution, and back."""

    channels: int = 8

    def draw(self, head):
        draft = Draft()
        x = draft.conv(IMAGE, "in", self.channels, kernel=3, stride=2)
        x = draft.relu(draft.cin(x, "in"))
        x = draft.conv(x, "out", IMAGE_CHANNELS, kernel=3, enlarge=2)
        return draft.graph(draft.act(draft.cin(x, "out"), "sigmoid"), eps=self.eps)

    def to_json(self):
        return {"channels": self.channels, "styles": self.styles, "identity": self.identity, "eps": self.eps}

    @classmethod
    def from_json(cls, data):
        return cls(**data)
'''

SINK = """
from stylecam.outputs.base import Sink

taken = []


class Slides(Sink):
    title, busy, done = "Slides", "slides busy", "slides shown"

    def write(self, frame):
        taken.append(frame.index)

    def close(self):
        taken.append("closed")


def make(request):
    return Slides()
"""

TASK = '''
import torch
from torch import nn

from stylecam.training.loop import Task
from stylecam.training.schedule import Pace


class Invert(Task):
    """A convolution of one pixel learns to invert photos."""

    stage = "invert"
    device = torch.device("cpu")
    dtype = torch.float32

    def __init__(self, output):
        torch.manual_seed(0)
        self.model, self.output = nn.Conv2d(3, 3, 1), output
        self.pace = Pace(steps=150, report_steps=1)

    def rates(self, through):
        return {"all": 0.05}

    def batch(self, step, seconds):
        return torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(step))

    def loss(self, photos, step, mark):
        loss = (self.model(photos) - (1 - photos)).square().mean()
        return loss, {"error": loss.item()}

    def fingerprint(self):
        return {"task": "invert"}

    def write(self, run):
        with run.averaged():
            torch.save(self.model.state_dict(), self.output)
        return {"weights": str(self.output)}
'''

Write = Callable[[str, str], ModuleType]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Return what writes a file of Python and imports it; it is forgotten afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    written: list[str] = []

    def write(name: str, text: str) -> ModuleType:
        (tmp_path / f"{name}.py").write_text(text)
        written.append(name)
        return importlib.import_module(name)

    yield write
    for name in written:
        sys.modules.pop(name, None)


def test_an_engine_is_one_file_and_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file lies in `engines.runtimes`, the line in `engines.select`: command line and library then know it."""
    (tmp_path / "negative.py").write_text(ENGINE)
    monkeypatch.setattr(runtimes, "__path__", [*runtimes.__path__, str(tmp_path)])
    monkeypatch.setitem(select._ENGINES, "negative", ("negative", "NegativeEngine", ()))
    monkeypatch.setattr(select, "NAMES", ("auto", *select._ENGINES))  # as it would be with the line in the file
    monkeypatch.chdir(tmp_path)
    save_pack(tiny_pack(), Path("tiny"))
    Image.fromarray(gradient()).save("photo.png")
    assert cli.main(["still", "photo.png", "-o", "out.png", "--pack", "./tiny", "--style", "senecio", "--engine", "negative"]) == 0
    with Image.open("out.png") as image:
        np.testing.assert_array_equal(np.asarray(image), 255 - gradient())
    np.testing.assert_array_equal(Stylizer("./tiny", engine="negative").stylize(gradient(), "senecio"), 255 - gradient())
    sys.modules.pop("stylecam.engines.runtimes.negative")


def test_a_network_family_is_one_file(module: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The torch module, packs on disk and every engine follow from the description, and agree on the image."""
    monkeypatch.setattr(families, "_FAMILIES", dict(families._FAMILIES))
    architecture = module("hourglass", FAMILY).Hourglass(styles=2, identity=True)
    torch.manual_seed(0)
    net = TransformNet(architecture)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    infos = tiny_pack(("senecio", "great_wave")).styles
    save_pack(StylePack("hourglass", "Hourglass", "CC0-1.0", architecture, infos, net.tensors()), tmp_path / "pack")
    pack = load_pack(tmp_path / "pack")
    assert pack.config == architecture
    photo, mix = gradient(31, 45), {"senecio": 0.7, "great_wave": 0.3}
    x = torch.from_numpy(photo).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        wanted = net.stylize(x, torch.from_numpy(pack.scale_shift(StyleMix(mix)))[None])[0].permute(1, 2, 0).numpy() * 255
    assert wanted.std() > 10
    for name in ("openvino", "onnx", "torch"):
        with Stylizer(pack, engine=name, precision="f32") as stylizer:
            assert np.abs(stylizer.stylize(photo, mix) - wanted).max() < 1


def test_a_sink_is_one_file_and_a_line(module: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets a thread and a bounded queue of its own, and is closed at the end."""
    slides = module("slides", SINK)
    line = registry.SinkSpec("slides", "slides", "&Slides", "Ctrl+J", "Start or stop the slides.")
    monkeypatch.setattr(registry, "SINKS", (*registry.SINKS, line))
    sink = registry.start_sink("slides", registry.SinkRequest(tmp_path))
    sink.put(frame(0))
    assert sink.close(10)
    assert slides.taken == [0, "closed"]


def test_a_training_task_is_one_file(module: Write, tmp_path: Path) -> None:
    """The loop asks it for photos and a loss; steps, averages, reports and saving are the loop's."""
    reports = list(fit(module("invert", TASK).Invert(tmp_path / "invert.pt")))
    assert reports[-1].values["error"] < 0.01 * reports[0].values["error"]
    learnt = torch.load(reports[-1].files["weights"], weights_only=True)
    torch.testing.assert_close(learnt["weight"][..., 0, 0], -torch.eye(3), atol=0.2, rtol=0)
