"""The Train dialog: every control to its effect, the growing style on the live video, and what is left when something dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent, QImage
from PyQt6.QtWidgets import QComboBox, QFileDialog
from pytestqt.qtbot import QtBot

from stylecam.app.child_job import DONE, RUNNING, STOPPED
from stylecam.app.live.session import Session
from stylecam.app.training import job as train_job
from stylecam.app.training.desk import time_left
from stylecam.app.training.runs import TrainRequest, TrainRun, new_run, unfinished_runs
from stylecam.core import paths
from stylecam.core.mix import StyleMix
from stylecam.gui.train import camera_grab
from stylecam.gui.train.dialog import TrainDialog
from stylecam.gui.widgets.theme import STYLE_SHEET
from stylecam.gui.window import MainWindow
from tests.fakes import gradient, tiny_pack
from tests.live_fakes import World
from tests.train_fakes import COMMAND, write_style


@pytest.fixture(autouse=True)
def _fake_trainer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the fake in the trainer's place; it goes on for longer than any test."""
    monkeypatch.setattr(train_job, "PROGRAM", COMMAND)
    monkeypatch.setenv("FAKE_STEPS", "100000")


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


@pytest.fixture
def window(qtbot: QtBot, world: World) -> Iterator[MainWindow]:
    """Return a window on a fake source and engine, with three styles."""
    pack = tiny_pack()
    window = MainWindow(Session(pack, world.services()), lambda _: "")
    window.setStyleSheet(STYLE_SHEET)
    window.show()
    window.open_source("demo")
    yield window
    window.close()
    job = window.training.dialog.job if window.training.dialog is not None else None
    if job is not None and not job.close(30.0):  # a busy machine: that it ends by itself is a test of its own
        psutil.Process(job.pid).kill()
        assert job.close(30.0)


@pytest.fixture
def dialog(window: MainWindow) -> TrainDialog:
    """Return the dialog, opened by its action."""
    window.actions_by_id["train"].trigger()
    assert window.training.dialog is not None
    return window.training.dialog


@pytest.fixture
def style_image(tmp_path: Path) -> Path:
    """Return a style image of many colours."""
    path = tmp_path / "my_little-garden.png"
    Image.fromarray(gradient(60, 90)).save(path)
    return path


@pytest.fixture
def learning(dialog: TrainDialog, style_image: Path, qtbot: QtBot) -> TrainDialog:
    """Return the dialog with a trainer that has made some steps."""
    dialog.form.choose(style_image)
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: len(dialog.plot.points) > 6, timeout=90000)
    return dialog


def click(qtbot: QtBot, button: object) -> None:
    """Press a button that can be seen and pressed."""
    assert button.isVisible()  # type: ignore[attr-defined]
    assert button.isEnabled()  # type: ignore[attr-defined]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def pick(box: QComboBox, value: object) -> None:
    """Choose an entry as a user does."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def request_of(dialog: TrainDialog) -> TrainRequest:
    """Return what would be asked for."""
    return dialog.form.request("tiny", set())


def ended(qtbot: QtBot, dialog: TrainDialog) -> str:
    """Wait until the trainer has ended and the dialog has said so; return the state."""
    job = dialog.job
    assert job is not None
    qtbot.waitUntil(lambda: job.status().is_over and not dialog._timer.isActive(), timeout=90000)
    return job.status().state


def test_the_action_opens_it_beside_the_running_video(window: MainWindow, dialog: TrainDialog, world: World, qtbot: QtBot) -> None:
    """It is not modal: frames go on. Nothing can be started without a style image, and a second opening is the same dialog."""
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert not dialog.start_button.isEnabled()
    before = window.frames_shown

    def moved() -> bool:
        world.feed.put()
        return window.frames_shown > before

    qtbot.waitUntil(moved, timeout=20000)
    dialog.close()
    window.actions_by_id["train"].trigger()
    assert window.training.dialog is dialog
    assert dialog.isVisible()


def test_a_style_image_is_chosen_dropped_or_refused(
    dialog: TrainDialog, style_image: Path, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A click asks for a file, a drop takes one; the title is the file's name in words. What is no image is said and not taken."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(style_image), ""))
    qtbot.mouseClick(dialog.form.box, Qt.MouseButton.LeftButton)
    assert dialog.form.style_image == style_image
    assert dialog.form.title.text() == "My little garden"
    assert not dialog.form.box.is_empty
    assert dialog.start_button.isEnabled()
    broken = tmp_path / "broken.png"
    broken.write_text("no picture")
    dialog.form.choose(broken)
    assert dialog.form.style_image == style_image
    assert "broken.png" in dialog.message.text()
    assert not dialog.form.box.is_empty
    other = style_image.with_name("other.png")
    other.write_bytes(style_image.read_bytes())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(other))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    dialog.form.box.dropEvent(QDropEvent(QPointF(5, 5), copy, data, left, none))
    assert dialog.form.style_image == other
    qtbot.keyClick(dialog.form.box, Qt.Key.Key_Return)
    assert dialog.form.style_image == style_image
    dialog.form.title.clear()
    assert not dialog.start_button.isEnabled()


def test_every_field_reaches_the_request(dialog: TrainDialog, style_image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Title, artist, part, photos, time, strokes and colours; the defaults are ten minutes on the photos that ship."""
    form = dialog.form
    form.choose(style_image)
    assert request_of(dialog) == TrainRequest("my_little_garden", "My little garden", "unknown", "tiny", 10.0)
    form.title.setText("Été à Aix")
    form.artist.setText("Paul")
    pick(form.quality, 30.0)
    pick(form.strokes, 2.0)
    form.part.boxes[0].setValue(25)
    form.part.boxes[3].setValue(50)
    pick(form.colors, 8)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    pick(form.photos, "folder")
    assert request_of(dialog) == TrainRequest("ete_a_aix", "Été à Aix", "Paul", "tiny", 30.0, str(tmp_path), 2.0, 8, (0.25, 0.0, 0.75, 0.5))
    pick(form.photos, "shipped")
    assert request_of(dialog).photos == ""
    form.folder = ""
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    pick(form.photos, "folder")
    assert form.photos.currentData() == "shipped", "a folder that was not chosen is no choice"


def test_fewer_colours_are_shown(dialog: TrainDialog, style_image: Path) -> None:
    """The style image in the dialog has no more colours than were asked for, and gets them back."""

    def colors() -> int:
        image = dialog.form.box._pixmap.toImage().convertToFormat(QImage.Format.Format_RGB32)
        bits = image.constBits()
        assert bits is not None
        return len(np.unique(np.frombuffer(bits.asarray(image.sizeInBytes()), np.uint32)))

    dialog.form.choose(style_image)
    many = colors()
    pick(dialog.form.colors, 4)
    assert colors() <= 4
    pick(dialog.form.colors, 0)
    assert colors() == many > 100


def test_a_part_is_framed_with_the_mouse_or_typed(
    dialog: TrainDialog, style_image: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dragging over the style image cuts it there, and again within the part; the fields say so, and what is shown is trained on."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: pytest.fail("a frame is no click"))
    form = dialog.form
    form.choose(style_image)
    left = Qt.MouseButton.LeftButton

    def drag(start: tuple[float, float], end: tuple[float, float]) -> None:
        place = form.box.image_rect()
        points = [QPoint(round(place.x() + x * place.width()), round(place.y() + y * place.height())) for x, y in (start, end)]
        qtbot.mousePress(form.box, left, pos=points[0])
        qtbot.mouseMove(form.box, points[1])
        qtbot.mouseRelease(form.box, left, pos=points[1])

    def ratio() -> float:
        return form.box._pixmap.width() / form.box._pixmap.height()

    assert ratio() == pytest.approx(1.5, abs=0.02)
    assert not form.part.whole_button.isEnabled()
    drag((0.5, 0.0), (1.5, 2.0))  # beyond the image: cut at its edge
    assert form.part.crop == pytest.approx((0.5, 0.0, 0.5, 1.0), abs=0.011)
    assert ratio() == pytest.approx(0.75, abs=0.03)
    drag((1.0, 1.0), (0.0, 0.5))  # from the lower right
    assert form.part.crop == pytest.approx((0.5, 0.5, 0.5, 0.5), abs=0.021)
    assert [box.value() / 100 for box in form.part.boxes] == list(request_of(dialog).crop)
    form.part.boxes[0].setValue(90)
    assert form.part.crop[2] <= 0.1, "the part stays inside the style image"
    click(qtbot, form.part.whole_button)
    assert request_of(dialog).crop == (0.0, 0.0, 1.0, 1.0)
    assert ratio() == pytest.approx(1.5, abs=0.02)
    form.part.boxes[1].setValue(40)
    form.choose(style_image)
    assert form.part.crop == (0.0, 0.0, 1.0, 1.0), "another style image begins whole"
    form.set_locked(True)
    drag((0.2, 0.2), (0.8, 0.8))
    assert form.part.crop == (0.0, 0.0, 1.0, 1.0)
    form.set_locked(False)


def test_learning_is_shown_and_ends_in_the_rack(
    window: MainWindow, dialog: TrainDialog, style_image: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Curve, progress, time left and preview; at the end the style is in the rack and installed, and the window says so."""
    monkeypatch.setenv("FAKE_STEPS", "60")
    monkeypatch.setenv("FAKE_PACE_S", "0.05")
    dialog.form.choose(style_image)
    click(qtbot, dialog.start_button)
    assert not dialog.form.title.isEnabled()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: pytest.fail("the style image was asked for while one is being trained"))
    qtbot.mouseClick(dialog.form.box, Qt.MouseButton.LeftButton)
    assert not dialog.form.box.acceptDrops()
    qtbot.waitUntil(lambda: len(dialog.plot.points) > 10, timeout=90000)
    assert "of about 60" in dialog.message.text()
    assert "left" in dialog.message.text()
    assert 0 < dialog.bar.value() < dialog.bar.maximum() == 60
    qtbot.waitUntil(lambda: not dialog.image.is_empty, timeout=60000)
    assert ended(qtbot, dialog) == DONE
    assert dialog.plot.points[-1] == (60, 10 / 60)
    assert dialog.bar.value() == 60
    assert "in the rack" in dialog.message.text()
    assert (paths.user_packs() / "my_little_garden.stylepack").is_file()
    qtbot.waitUntil(lambda: "my_little_garden" in window.rack.rows, timeout=60000)
    assert dialog.form.title.isEnabled()
    assert not dialog.resume_button.isVisible()


@pytest.mark.slow
def test_the_growing_style_is_on_the_live_video(window: MainWindow, learning: TrainDialog, world: World, qtbot: QtBot) -> None:
    """It is soloed when it arrives, and the image changes as it grows without a touch of any control."""
    qtbot.waitUntil(lambda: window.controls.solo == "my_little_garden", timeout=60000)
    pictures = set()

    def grows() -> bool:
        world.feed.put()
        shown = window.shown
        if shown is not None and shown.params.mix == StyleMix({"my_little_garden": 1.0}) and not shown.starting:
            pictures.add(shown.image.tobytes())
        return len(pictures) > 3

    qtbot.waitUntil(grows, timeout=90000)
    assert window.banner.text() == ""


@pytest.mark.slow
def test_the_other_sliders_stay(window: MainWindow, dialog: TrainDialog, style_image: Path, qtbot: QtBot) -> None:
    """Weights, locks, undo and redo are as before when a style joins the rack; its own slider stands at zero and works."""
    window.rack.rows["senecio"].slider.setValue(30)
    window.rack.rows["great_wave"].slider.setValue(70)
    window.rack.rows["starry_night"].slider.setValue(20)
    window.actions_by_id["undo"].trigger()
    window.controls.toggle_lock("great_wave")
    before, touched = window.controls.moves, window.controls.touched
    dialog.live.setChecked(False)
    dialog.form.choose(style_image)
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: "my_little_garden" in window.rack.rows, timeout=90000)
    assert window.controls.moves.weights == {**before.weights, "my_little_garden": 0.0}
    assert window.controls.locked == {"great_wave"}
    assert window.controls.solo is None
    assert window.controls.touched == touched
    assert window.rack.rows["great_wave"].slider.value() == 70
    assert not window.rack.rows["great_wave"].slider.isEnabled()
    window.actions_by_id["redo"].trigger()
    assert window.controls.moves.weights["starry_night"] == 0.2
    window.actions_by_id["undo"].trigger()
    window.actions_by_id["undo"].trigger()
    assert window.controls.moves.weights["great_wave"] == 0.0
    window.rack.rows["my_little_garden"].slider.setValue(50)
    qtbot.waitUntil(lambda: window.session.params.mix.weights.get("my_little_garden") == 0.5, timeout=5000)


@pytest.mark.slow
def test_live_preview_can_be_switched(window: MainWindow, learning: TrainDialog, qtbot: QtBot) -> None:
    """The box solos the style and gives the mix back; solo that the user took away is not forced on him again."""
    qtbot.waitUntil(lambda: window.controls.solo == "my_little_garden", timeout=60000)
    learning.live.setChecked(False)
    assert window.controls.solo is None
    learning.live.setChecked(True)
    assert window.controls.solo == "my_little_garden"
    window.controls.toggle_solo("my_little_garden")
    job = learning.job
    assert job is not None
    seen = job.status().packs
    qtbot.waitUntil(lambda: job.status().packs > seen + 1, timeout=60000)
    assert window.controls.solo is None


def test_pause_and_go_on(learning: TrainDialog, qtbot: QtBot) -> None:
    """One button: the curve stands still, then grows again."""
    click(qtbot, learning.pause_button)
    assert (learning.pause_button.text(), learning.message.text()) == ("Continue", "Paused.")
    for _ in range(20):  # what was said before the pause may arrive late on a busy machine
        paused_at = learning.plot.points[-1]
        qtbot.wait(300)
        if learning.plot.points[-1] == paused_at:
            break
    else:
        pytest.fail("the curve goes on growing")
    click(qtbot, learning.pause_button)
    qtbot.waitUntil(lambda: learning.plot.points[-1][0] > paused_at[0], timeout=60000)
    assert learning.pause_button.text() == "Pause"


def test_stop_keeps_and_resume_goes_on(window: MainWindow, learning: TrainDialog, qtbot: QtBot) -> None:
    """What was learnt is in the rack and installed; Resume goes on with the same run behind the last step."""
    click(qtbot, learning.stop_button)
    assert ended(qtbot, learning) == STOPPED
    assert "is kept" in learning.message.text()
    assert (paths.user_packs() / "my_little_garden.stylepack").is_file()
    qtbot.waitUntil(lambda: "my_little_garden" in window.rack.rows, timeout=60000)
    run = learning.desk.run
    assert run is not None
    kept = int((run.folder / "checkpoint.safetensors").read_text())
    click(qtbot, learning.resume_button)
    qtbot.waitUntil(lambda: bool(learning.plot.points) and learning.plot.points[0][0] == kept + 1, timeout=90000)
    assert learning.desk.run is run


def test_a_killed_trainer_is_said_and_resumed_while_the_frames_go_on(
    window: MainWindow, learning: TrainDialog, world: World, qtbot: QtBot
) -> None:
    """SIGKILL: one sentence in both windows, frames still come, and Resume goes on from the checkpoint."""
    assert learning.job is not None
    os.kill(learning.job.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    assert ended(qtbot, learning) == "failed"
    assert "Resume" in learning.message.text()
    assert "My little garden" in window.notice.text()
    before = window.frames_shown

    def moved() -> bool:
        world.feed.put()
        return window.frames_shown > before

    qtbot.waitUntil(moved, timeout=20000)
    click(qtbot, learning.resume_button)
    qtbot.waitUntil(lambda: len(learning.plot.points) > 3, timeout=90000)
    assert learning.plot.points[0][0] > 1


def test_a_mistake_is_said_in_the_trainers_words(
    dialog: TrainDialog, style_image: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence stands in the dialog, and another style image can be tried."""
    monkeypatch.setenv("FAKE_TRAIN", "broken")
    dialog.form.choose(style_image)
    click(qtbot, dialog.start_button)
    assert ended(qtbot, dialog) == "failed"
    assert dialog.message.text() == "The style image is a blank; choose another."
    assert dialog.start_button.isEnabled()


@pytest.mark.slow
def test_the_camera_gives_the_photos(
    window: MainWindow, dialog: TrainDialog, style_image: Path, world: World, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Different frames of what the window shows are written as JPEGs, counted, and the trainer is given them to train on."""
    monkeypatch.setattr(camera_grab, "EVERY_MS", 10)
    monkeypatch.setattr("stylecam.gui.train.camera_grab.FRAMES", 9)
    dialog.form.choose(style_image)
    pick(dialog.form.photos, "camera")
    click(qtbot, dialog.start_button)
    assert dialog.stop_button.text() == "Cancel"
    assert "Taking photos" in dialog.message.text()

    def started() -> bool:
        world.feed.put(gradient(48, 64))
        return dialog.job is not None and dialog.job.status().count > 0

    qtbot.waitUntil(started, timeout=90000)
    run = dialog.desk.run
    assert run is not None
    photos = sorted(run.own_photos.iterdir())
    assert len(photos) == 9
    with Image.open(photos[0]) as first:
        assert first.size == (64, 48)
        assert np.abs(np.asarray(first, np.int16) - gradient(48, 64)).mean() < 12
    argv = json.loads((run.folder / "argv.json").read_text())
    assert argv[argv.index("--photos") + 1] == str(run.own_photos)
    assert argv[argv.index("--preview") + 1] == str(run.live_photo)


def test_a_camera_that_gives_nothing_is_said(dialog: TrainDialog, style_image: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while, in a sentence; nothing is left of the run. Cancelling before leaves nothing either."""
    dialog.form.choose(style_image)
    pick(dialog.form.photos, "camera")
    click(qtbot, dialog.start_button)
    click(qtbot, dialog.stop_button)
    assert not dialog.is_busy
    assert list(paths.user_trainings().iterdir()) == []
    monkeypatch.setattr(camera_grab, "EVERY_MS", 10)
    monkeypatch.setattr(camera_grab, "TIMEOUT_S", 0.1)
    click(qtbot, dialog.start_button)
    qtbot.waitUntil(lambda: "Too few" in dialog.message.text(), timeout=60000)
    assert list(paths.user_trainings().iterdir()) == []


def cut_short(style_image: Path) -> TrainRun:
    """Leave a run as a crash leaves it, at step 40."""
    run = new_run(TrainRequest("cut_short", "Cut Short", "Me", "tiny"), style_image)
    (run.folder / "checkpoint.safetensors").write_text("40")
    write_style(run.pack, "cut_short", "Cut Short")
    run.mark(RUNNING, (2**22 + 1, 1.0))
    return run


@pytest.mark.slow
def test_what_was_cut_short_is_offered(window: MainWindow, style_image: Path, qtbot: QtBot) -> None:
    """A notice says it at the start, and goes on with it from its checkpoint in the dialog."""
    window.training.unfinished(window.notices)
    assert window.notices.texts == []
    cut_short(style_image)
    window.training.unfinished(window.notices)
    assert window.notice.text() == "“Cut Short” is unfinished."
    assert [button.text() for button in window.notice.buttons] == ["Continue", "Delete"]
    window.notice.buttons[0].click()
    dialog = window.training.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: len(dialog.plot.points) > 2, timeout=90000)
    assert dialog.plot.points[0][0] == 41
    assert not dialog._offer.isVisible()
    assert unfinished_runs() == []
    qtbot.waitUntil(lambda: "cut_short" in window.rack.rows, timeout=60000)


def test_what_was_cut_short_can_be_discarded(window: MainWindow, style_image: Path, qtbot: QtBot) -> None:
    """Then nothing of it is left or offered."""
    run = cut_short(style_image)
    window.actions_by_id["train"].trigger()
    dialog = window.training.dialog
    assert dialog is not None
    click(qtbot, dialog.offer_no)
    assert not run.folder.exists()
    assert not dialog._offer.isVisible()


@pytest.mark.slow
def test_closing_the_window_ends_the_trainer(window: MainWindow, learning: TrainDialog) -> None:
    """It keeps its work, and is offered at the next start."""
    job = learning.job
    assert job is not None
    window.close()
    assert job.close(90.0)
    assert not psutil.pid_exists(job.pid)
    assert [run.request.title for run in unfinished_runs()] == ["My little garden"]


def test_closing_the_dialog_does_not_end_the_trainer(window: MainWindow, learning: TrainDialog, qtbot: QtBot) -> None:
    """It goes on unseen, and the dialog shows where it is when it is opened again."""
    learning.close()
    last = learning.plot.points[-1]
    qtbot.waitUntil(lambda: learning.plot.points[-1][0] > last[0] + 5, timeout=60000)
    window.actions_by_id["train"].trigger()
    assert learning.stop_button.isVisible()


@pytest.mark.slow
def test_a_style_for_another_network_is_said(window: MainWindow, learning: TrainDialog, qtbot: QtBot) -> None:
    """When another pack was opened meanwhile: one sentence, and the rack stays as it is."""
    window.open_pack("other")
    qtbot.waitUntil(lambda: "another network" in window.notice.text(), timeout=20000)
    assert tuple(window.rack.rows) == ("senecio", "new_one")


@pytest.mark.slow
def test_a_name_that_is_taken_gets_a_number(window: MainWindow, dialog: TrainDialog, style_image: Path, qtbot: QtBot) -> None:
    """A style image with the title of a style in the rack is a style of its own."""
    dialog.form.choose(style_image)
    dialog.form.title.setText("Senecio")
    click(qtbot, dialog.start_button)
    assert dialog.desk.run is not None
    assert dialog.desk.run.request.style == "senecio_2"
    qtbot.waitUntil(lambda: "senecio_2" in window.rack.rows, timeout=90000)


@pytest.mark.slow
def test_the_status_bar_shows_a_training_whose_dialog_is_closed(window: MainWindow, learning: TrainDialog, qtbot: QtBot) -> None:
    """Per cent, pause and go on, the way to the dialog, and stop-and-keep, all with the dialog closed (D12)."""
    sign = window.extras.training
    learning.close()
    qtbot.waitUntil(lambda: sign.isVisible() and "“My little garden”: " in sign.open.text() and "%" in sign.open.text(), timeout=30000)
    assert 0 < sign.bar.value() < sign.bar.maximum()
    click(qtbot, sign.pause)
    assert sign.open.text().endswith("paused")
    click(qtbot, sign.pause)
    assert not sign.open.text().endswith("paused")
    click(qtbot, sign.open)
    assert learning.isVisible()
    learning.close()
    click(qtbot, sign.stop)
    assert ended(qtbot, learning) == STOPPED
    qtbot.waitUntil(lambda: not sign.isVisible(), timeout=30000)


@pytest.mark.slow
def test_a_stopped_training_is_offered_again_for_its_style_image(window: MainWindow, style_image: Path, qtbot: QtBot) -> None:
    """After a restart, whoever chooses the same image can go on where it was stopped; another image offers nothing."""
    run = cut_short(style_image)
    run.mark(STOPPED)
    window.actions_by_id["train"].trigger()
    dialog = window.training.dialog
    assert dialog is not None
    assert not dialog._offer.isVisible()
    other = style_image.with_name("other.png")
    Image.fromarray(gradient(30, 40)).save(other)
    dialog.form.choose(other)
    assert not dialog._offer.isVisible()
    dialog.form.choose(style_image)
    assert dialog.offer_text.text() == "“Cut Short” is unfinished, and was made of this image."
    click(qtbot, dialog.offer_yes)
    qtbot.waitUntil(lambda: len(dialog.plot.points) > 2, timeout=90000)
    assert dialog.plot.points[0][0] == 41


@pytest.mark.slow
def test_the_start_of_the_trainer_moves(dialog: TrainDialog, style_image: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the first step the bar is one that moves, and seconds are counted (D17)."""
    monkeypatch.setenv("FAKE_PACE_S", "3")
    dialog.form.choose(style_image)
    click(qtbot, dialog.start_button)
    assert (dialog.bar.minimum(), dialog.bar.maximum()) == (0, 0)
    qtbot.waitUntil(lambda: dialog.message.text().endswith(" s"), timeout=10000)
    click(qtbot, dialog.stop_button)


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (20, "less than a minute left"), (70, "about 1 minute left"), (600, "about 10 minutes left")]
)
def test_time_left_in_words(seconds: float | None, text: str) -> None:
    """Whole minutes."""
    assert time_left(seconds) == text


def test_the_plot_is_imported_only_for_the_dialog_and_brings_no_other_qt(repository: Path) -> None:
    """Start-up does not pay for it; a user's setting for other programs does not bring a second Qt."""
    code = """
import os, sys
from stylecam.gui import main, window
assert not {"pyqtgraph", "psutil"} & set(sys.modules), "start-up pays for the dialog"
from PyQt6.QtWidgets import QApplication
app = QApplication([])
from stylecam.gui.train.parts import LossPlot
LossPlot()
import pyqtgraph
assert pyqtgraph.Qt.QT_LIB == "PyQt6"
assert not {"PySide6", "PyQt5", "PySide2", "OpenGL", "matplotlib"} & set(sys.modules)
"""
    environment = os.environ | {"PYTHONPATH": str(repository), "PYQTGRAPH_QT_LIB": "PySide6", "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env=environment)
