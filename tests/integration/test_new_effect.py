"""What adding an effect with a slider costs: one file. Window, `still`, `video`, settings and undo have it then."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from stylecam import cli
from stylecam.app.settings import Settings, load, save
from stylecam.effects import registry
from stylecam.engines import select
from stylecam.gui.main import WindowJob, build_window
from stylecam.media.images import read_image
from stylecam.packs.store import save_pack
from tests.fakes import FakeEngine, gradient, tiny_pack
from tests.live_fakes import PHOTO, World
from tests.unit.capture.clips import write_clip
from tests.unit.outputs.clips import read_clip

EFFECT = '''
"""Fewer tones per channel."""
from stylecam.core.params import Param
from stylecam.effects.base import Effect, Place

LEVELS = Param(
    id="poster_levels", kind="number", default=0.0, unit="%", label="Poster levels", help="coarser and coarser tones", slider=True
)


def run(context, state):
    step = 1 + round(127 * context.params[LEVELS])
    return context.image // step * step, state


EFFECT = Effect(name="poster levels", place=Place.FINISH, wanted=lambda context: context.params[LEVELS] > 0, run=run, params=(LEVELS,))
'''
SWITCH = '''
"""Light and dark exchanged."""
from stylecam.core.params import Param
from stylecam.effects.base import Effect, Place

NEGATIVE = Param(id="negative", kind="switch", default=False, label="Negative", help="exchange light and dark")
EFFECT = Effect(
    name="negative",
    place=Place.FINISH,
    wanted=lambda context: context.params[NEGATIVE],
    run=lambda context, state: (255 - context.image, state),
    params=(NEGATIVE,),
)
'''
PACK = tiny_pack()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the working directory, with a package of one new effect on the search path, a pack, a photo and a clip."""
    (tmp_path / "more_effects").mkdir()
    (tmp_path / "more_effects" / "__init__.py").touch()
    (tmp_path / "more_effects" / "poster_levels.py").write_text(EFFECT)
    (tmp_path / "more_effects" / "negative.py").write_text(SWITCH)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(registry, "PACKAGES", [*registry.PACKAGES, "more_effects"])
    monkeypatch.setattr(select, "open_engine", lambda pack, name, **options: FakeEngine(PACK.config))
    monkeypatch.chdir(tmp_path)
    save_pack(PACK, Path("tiny"))
    Image.fromarray(gradient()).save("photo.png")
    write_clip(Path("clip.mkv"), [gradient(48, 64)] * 3, codec="ffv1")
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("more_effects")]:
        del sys.modules[name]


def test_still_and_video_have_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As an option with its range and help; what it says is done, and a slip is a sentence."""
    for command, source, target in (("still", "photo.png", "out.png"), ("video", "clip.mkv", "out.mp4")):
        rest = [command, source, "-o", target, "--pack", "./tiny", "--style", "senecio"]
        assert cli.main([*rest, "--poster-levels", "1"]) == 0
        assert cli.main([*rest, "--poster-levels", "1.5", "--force"]) == 2
        assert "--poster-levels 1.5 is out of range; give a number from 0 to 1." in capsys.readouterr().err
        with pytest.raises(SystemExit):
            cli.main([command, "--help"])
        assert "--poster-levels 0..1" in capsys.readouterr().out
    assert set(np.unique(read_image(Path("out.png")).image)) == {0, 128}
    flat = read_clip(Path("out.mp4")).images[1].astype(int)
    assert (np.minimum(abs(flat), abs(flat - 128)) < 24).mean() > 0.8  # but for what H.264 makes of edges


def test_the_window_has_it(folder: Path, qtbot: QtBot) -> None:
    """A slider in the side panel, with its name, that reaches the picture, is undone and done again, and is remembered."""
    world = World()
    window = build_window(WindowJob(world.services(), PACK, "tiny", Settings(), lambda settings: save(settings, folder), source="demo"))
    qtbot.addWidget(window)
    window.show()
    slider = window.side.sliders["poster_levels"]
    assert slider.accessibleName() == "Poster levels"
    slider.setValue(100)

    def painted(few: bool) -> bool:
        world.feed.put(PHOTO)
        shown = window.shown
        return shown is not None and not shown.starting and (set(np.unique(shown.image)) == {0, 128}) is few

    qtbot.waitUntil(lambda: painted(True), timeout=20000)
    window.actions_by_id["undo"].trigger()
    assert slider.value() == 0
    qtbot.waitUntil(lambda: painted(False), timeout=20000)
    window.actions_by_id["redo"].trigger()
    assert slider.value() == 100
    window.close()
    settings, notice = load(folder)
    assert (settings.params["poster_levels"], notice) == (1.0, "")
    again = build_window(WindowJob(world.services(), PACK, "tiny", settings, lambda _: "", source="demo"))
    qtbot.addWidget(again)
    assert again.side.sliders["poster_levels"].value() == 100
    again.close()


def test_a_switch_needs_no_more(folder: Path, qtbot: QtBot) -> None:
    """An effect that is on or off has an entry in the menu and an option, and is remembered."""
    for name, *options in (("plain.png",), ("negative.png", "--negative")):
        assert cli.main(["still", "photo.png", "-o", name, "--pack", "./tiny", "--style", "senecio", *options]) == 0
    plain, negative = (read_image(Path(name)).image for name in ("plain.png", "negative.png"))
    np.testing.assert_array_equal(negative, 255 - plain)
    window = build_window(WindowJob(World().services(), PACK, "tiny", Settings(), lambda settings: save(settings, folder), source="demo"))
    qtbot.addWidget(window)
    action = window.actions_by_id["negative"]
    assert (action.text().replace("&", ""), action.isChecked()) == ("Negative", False)
    action.trigger()
    assert action.isChecked()
    window.close()
    assert load(folder)[0].params["negative"] is True
