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
from stylecam.capture import open_source
from stylecam.capture.reader import CaptureThread, Phase
from stylecam.cli import still
from stylecam.control.commands import Commands
from stylecam.control.state import Controls
from stylecam.core.frame import Frame
from stylecam.core.mix import StyleMix
from stylecam.core.params import FREEZE, STRENGTH
from stylecam.core.queues import Mailbox
from stylecam.engines import runtimes, select
from stylecam.errors import InputError
from stylecam.media.images import read_image
from stylecam.offline.stylizer import Stylizer
from stylecam.packs.store import save_pack
from stylecam.training.loop import fit
from tests.fakes import gradient, tiny_pack

ENGINE = """
from stylecam.engines.base import Engine


class NegativeEngine(Engine):
    name, precision, device = "negative", "u8", "CPU"

    def __init__(self, config, tensors, **options):
        self.config = config

    def stylize(self, image, scale_shift, *, maps=None, stats=None):
        return 255 - image, None
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

    def loss(self, photos, step, through, mark):
        loss = (self.model(photos) - (1 - photos)).square().mean()
        return loss, {"error": loss.item()}

    def fingerprint(self):
        return {"task": "invert"}

    def write(self, run):
        with run.averaged():
            torch.save(self.model.state_dict(), self.output)
        return {"weights": str(self.output)}
'''

SOURCE = """
import time

import numpy as np

from stylecam.capture.base import Source, SourceInfo
from stylecam.core.frame import Frame


class Countdown(Source):
    def __init__(self, start):
        self.left = start

    def open(self):
        return SourceInfo("countdown", 32, 24, live=False)

    def read(self):
        if not self.left:
            return None
        self.left -= 1
        return Frame(np.full((24, 32, 3), 10 * self.left, np.uint8), 2 - self.left, time.monotonic_ns(), 0)

    def close(self):
        self.left = 0


def named(text, camera):
    return Countdown(int(text))
"""

INPUT = '''
import threading


class Pads(threading.Thread):
    """Plays what a pad controller would send: an id and a value per line."""

    def __init__(self, commands, lines):
        super().__init__()
        self.commands, self.lines = commands, lines

    def run(self):
        for line in self.lines:
            name, _, value = line.partition(" ")
            self.commands.run(name, float(value) if value else None)
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


def test_a_training_task_is_one_file(module: Write, tmp_path: Path) -> None:
    """The loop asks it for photos and a loss; steps, averages, reports and saving are the loop's."""
    reports = list(fit(module("invert", TASK).Invert(tmp_path / "invert.pt")))
    assert reports[-1].values["error"] < 0.01 * reports[0].values["error"]
    learnt = torch.load(reports[-1].files["weights"], weights_only=True)
    torch.testing.assert_close(learnt["weight"][..., 0, 0], -torch.eye(3), atol=0.2, rtol=0)


def test_a_source_is_one_file_and_a_line(module: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its word opens it, help and guesses name it, and the capture thread hands its frames on and says when it has ended."""
    module("countdown", SOURCE)
    line = open_source.SourceWord("countdown", "countdown:START", "countdown")
    monkeypatch.setattr(open_source, "WORDS", (*open_source.WORDS, line))
    inbox: Mailbox[Frame] = Mailbox()
    capture = CaptureThread(open_source.open_source("countdown:3", tmp_path / "demo.mp4"), inbox)
    capture.start()
    last = None
    while (frame := inbox.take(10)) is not None:
        last = frame
    assert last is not None
    assert (last.index, int(last.image.max())) == (2, 0)
    assert capture.state.phase is Phase.ENDED
    capture.stop()
    with pytest.raises(InputError, match=r"Did you mean countdown\?.*countdown:START"):
        open_source.open_source("cuntdown", tmp_path / "demo.mp4")


def test_a_control_input_is_one_file(module: Write) -> None:
    """From its own thread it sets weights, options and switches by id; whoever listens is told, and undo takes its moves back."""
    controls = Controls(["starry_night", "senecio"])
    told: list[int] = []
    controls.subscribe(lambda: told.append(1))
    pads = module("pads", INPUT).Pads(Commands(controls), ["weight.senecio 0.4", "strength 0.5", "freeze"])
    pads.start()
    pads.join(10)
    assert controls.mix() == StyleMix({"senecio": 0.4})
    assert (controls[STRENGTH], controls[FREEZE]) == (0.5, True)
    assert told
    Commands(controls).run("undo")
    assert controls[STRENGTH] == 1.0


METHOD = """
from pathlib import Path

from stylecam.cli.one_image import one_image


def add_arguments(parser):
    parser.add_argument("--amount", type=int, default=255)


def run(args):
    from stylecam.media.images import ImageFile, read_image, write_image

    source, output = one_image(args)
    write_image(ImageFile(args.amount - read_image(source).image), output, force=args.force)
    return 0
"""


def test_a_method_of_still_is_a_module_and_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module with its own option and what it does to one image is `--method NAME` once it stands in the table."""
    module = ModuleType("negative")
    exec(METHOD, module.__dict__)
    monkeypatch.setitem(still.METHODS, "negative", module)
    Image.fromarray(gradient()).save(tmp_path / "photo.png")
    command = ["still", str(tmp_path / "photo.png"), "-o", str(tmp_path / "out.png"), "--method", "negative", "--amount", "255"]
    assert cli.main(command) == 0
    np.testing.assert_array_equal(read_image(tmp_path / "out.png").image, 255 - gradient())
