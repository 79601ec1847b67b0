"""The layers dialog: a frozen frame, a row per layer, and a stylization with the chosen ones that can be stopped and is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from stylecam.app.child_job import DONE, FAILED, STOPPED
from stylecam.app.live.session import Session
from stylecam.app.tools import layers_desk
from stylecam.core import paths
from stylecam.gui.tools.layers_dialog import LayersDialog
from stylecam.gui.window import MainWindow
from tests.fakes import tiny_pack
from tests.live_fakes import World
from tests.tools_fakes import COMMAND, LAYERS


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LayersDialog]:
    """Return the dialog, opened by its menu entry on a window with a fake source, and with all its rows."""
    monkeypatch.setattr(layers_desk.LayersDesk.__init__, "__defaults__", (COMMAND,))
    monkeypatch.setenv("STYLECAM_HOME", str(tmp_path / "home"))
    world = World()
    window = MainWindow(Session(tiny_pack(), world.services()), lambda _: "")
    window.show()
    window.open_source("demo")
    world.feed.put()
    qtbot.waitUntil(lambda: window.session.latest is not None, timeout=60000)
    window.actions_by_id["layers"].trigger()
    found = window.tools.layers
    assert found is not None
    yield found
    window.close()


def with_style_image(dialog: LayersDialog, folder: Path) -> None:
    """Choose a style image."""
    Image.new("RGB", (40, 30), "blue").save(folder / "blue.png")
    dialog.choose_style_image(folder / "blue.png")


def test_every_layer_gets_a_row(qtbot: QtBot, dialog: LayersDialog) -> None:
    """Looking freezes a frame and lists its layers from fine to coarse, the paper's own chosen; nothing can start without a style image."""
    qtbot.waitUntil(lambda: len(dialog.rows) == len(LAYERS), timeout=90000)
    assert [dialog._list.itemAt(place).widget().layer for place in range(len(LAYERS))] == list(LAYERS)
    assert [row.content.isChecked() for row in dialog.rows.values()] == [False, False, True]
    assert dialog.desk.frame.is_file()
    assert not dialog.start_button.isEnabled()
    assert not dialog.bar.isVisible(), "nothing is on its way"
    screen = dialog.screen()
    assert screen is not None
    assert screen.availableGeometry().size().expandedTo(dialog.size()) == screen.availableGeometry().size(), "it fits its screen"


@pytest.mark.slow
def test_chosen_layers_stylize_the_frame(qtbot: QtBot, dialog: LayersDialog, tmp_path: Path) -> None:
    """The layers that are ticked reach the command, the preview is shown, and the window says where the result lies."""
    qtbot.waitUntil(lambda: len(dialog.rows) == len(LAYERS), timeout=90000)
    with_style_image(dialog, tmp_path)
    dialog.rows["relu2_1"].content.setChecked(True)
    dialog.rows["relu1_1"].strokes.setChecked(False)
    with qtbot.waitSignal(dialog.said, timeout=90000) as said:
        dialog.start_button.click()
        assert dialog.stop_button.isVisible()
    assert said.args == [f"Saved {dialog.desk.output}.", False]
    window = dialog.parent()
    assert isinstance(window, MainWindow)
    assert [button.text() for button in window.notice.buttons] == ["Show in folder"]
    job = dialog.desk.optimizing
    assert job is not None
    assert job.status().state == DONE
    command = job._process.args
    assert isinstance(command, list)
    assert command[command.index("--content-layers") + 1] == "relu2_1"
    assert command[command.index("--style-layers") + 1] == "relu2_1"
    assert not dialog.image.is_empty
    assert dialog.desk.output is not None
    assert dialog.desk.output.parent == paths.user_pictures()
    assert dialog.start_button.isVisible()


@pytest.mark.slow
def test_a_stop_keeps_the_result(qtbot: QtBot, dialog: LayersDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop ends a long run; what there is by then is saved, and the dialog says so."""
    qtbot.waitUntil(lambda: len(dialog.rows) == len(LAYERS), timeout=90000)
    monkeypatch.setenv("FAKE_TOOLS", "long")
    with_style_image(dialog, tmp_path)
    dialog.start_button.click()
    qtbot.waitUntil(lambda: dialog.bar.value() > 0, timeout=90000)
    with qtbot.waitSignal(dialog.said, timeout=90000) as said:
        dialog.stop_button.click()
    assert "best so far" in said.args[0]
    assert dialog.desk.optimizing is not None
    assert dialog.desk.optimizing.status().state == STOPPED
    assert dialog.desk.output is not None
    assert dialog.desk.output.is_file()


@pytest.mark.slow
def test_failures_are_said(qtbot: QtBot, dialog: LayersDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A style image that is none is named; a child that fails says its sentence, and the next try may begin."""
    qtbot.waitUntil(lambda: len(dialog.rows) == len(LAYERS), timeout=90000)
    (tmp_path / "text.png").write_text("nonsense")
    dialog.choose_style_image(tmp_path / "text.png")
    assert "text.png" in dialog.message.text()
    with_style_image(dialog, tmp_path)
    for row in dialog.rows.values():
        row.strokes.setChecked(False)
    dialog.start_button.click()
    assert "at least one layer" in dialog.message.text()
    dialog.rows["relu1_1"].strokes.setChecked(True)
    monkeypatch.setenv("FAKE_TOOLS", "broken")
    with qtbot.waitSignal(dialog.said, timeout=90000) as said:
        dialog.start_button.click()
    assert said.args == ["The style image is a blank; choose another.", True]
    assert dialog.desk.optimizing is not None
    assert dialog.desk.optimizing.status().state == FAILED
    assert dialog.start_button.isEnabled()
