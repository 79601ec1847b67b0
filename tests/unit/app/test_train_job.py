"""The trainer as a child: followed, paused, stopped, killed from either side, and gone on with."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from stylecam.app import child_job
from stylecam.app.child_job import DONE, FAILED, NICENESS, PAUSED, RUNNING, STOPPED
from stylecam.app.training import job as train_job
from stylecam.app.training.job import TrainJob, thinned
from stylecam.app.training.runs import TrainRequest, TrainRun, new_run, unfinished_runs
from stylecam.cli import build_parser
from stylecam.core import paths
from stylecam.errors import TrainingError
from stylecam.packs.store import load_manifest
from tests.train_fakes import COMMAND, PIXEL

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")
jobs: list[TrainJob] = []


@pytest.fixture(autouse=True)
def _fake_trainer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the fake in the trainer's place, and end whatever a test left running."""
    monkeypatch.setattr(train_job, "PROGRAM", COMMAND)
    yield
    for job in jobs:
        job.stop(5.0)
        job.close(20.0)
    jobs.clear()


@pytest.fixture
def run(tmp_path: Path) -> TrainRun:
    """Return a run that was not begun yet."""
    style_image = tmp_path / "my garden.png"
    style_image.write_bytes(PIXEL)
    return new_run(TrainRequest("my_garden", "-My Garden", "Me", "tiny", 3.0, "/photos", 1.4, 8, (0.25, 0.0, 0.5, 1.0)), style_image)


def begin(run: TrainRun, monkeypatch: pytest.MonkeyPatch, mode: str = "run", steps: int = 100000) -> TrainJob:
    """Start the fake; by default it goes on for longer than any test."""
    monkeypatch.setenv("FAKE_TRAIN", mode)
    monkeypatch.setenv("FAKE_STEPS", str(steps))
    jobs.append(TrainJob(run))
    return jobs[-1]


def until(condition: Callable[[], object], timeout_s: float = 90.0) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def step_of(job: TrainJob) -> int:
    """Return the newest step that was reported."""
    report = job.status().report
    return report.step if report is not None else 0


def test_a_run_to_its_end_is_installed(run: TrainRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every report arrives, the curve has a point for each, files are named, and the style is in the user's packs."""
    job = begin(run, monkeypatch, steps=12)
    until(lambda: job.status().is_over)
    status = job.status()
    assert (status.state, status.problem, step_of(job)) == (DONE, "", 12)
    assert status.curve == tuple((step, 10 / step) for step in range(1, 13))
    assert Path(status.files["preview"]).read_bytes() == PIXEL
    assert load_manifest(paths.user_packs() / "my_garden.stylepack").styles[0].id == "my_garden"
    assert unfinished_runs() == []


def test_the_command_says_all_that_was_chosen(run: TrainRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Style image, its part, pack, time, strokes, colours and photos reach the trainer; a title that begins with a dash is no option."""
    run.live_photo.write_bytes(PIXEL)
    job = begin(run, monkeypatch, steps=1)
    until(lambda: job.status().is_over)
    argv = json.loads((run.folder / "argv.json").read_text())
    assert argv[:3] == ["train", "add-style", str(run.style_image)]
    options = dict(itertools.pairwise(argv))
    wanted = {"--minutes": "3", "--scale": "1.4", "--colors": "8", "--photos": "/photos", "--id": "my_garden"}
    assert wanted.items() <= options.items()
    assert options["--preview"] == str(run.live_photo)
    assert {"--to=tiny", "--title=-My Garden", "--artist=Me", "--json", "--until-stdin-closes", "--force", "--crop=0.25,0,0.5,1"} <= set(
        argv
    )
    run.own_photos.mkdir()
    assert str(run.own_photos) in train_job.trainer_command(run)
    assert "--resume" in train_job.trainer_command(run)


@posix
def test_the_child_has_low_priority(run: TrainRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """The live frames go first."""
    monkeypatch.setattr(child_job, "NICENESS", NICENESS)
    job = begin(run, monkeypatch)
    assert psutil.Process(job.pid).nice() > psutil.Process().nice() or psutil.Process(job.pid).nice() >= NICENESS


def test_pause_stops_the_reports_and_resume_goes_on(run: TrainRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is paused no step is made; afterwards the steps go on where they were."""
    job = begin(run, monkeypatch)
    until(lambda: step_of(job) >= 3)
    job.pause()
    assert job.status().state == PAUSED
    paused_at = -1
    while paused_at != (paused_at := step_of(job)):  # the step at hand, which a busy machine reports late
        time.sleep(1.0)
    time.sleep(0.7)
    assert step_of(job) == paused_at
    job.resume()
    assert job.status().state == RUNNING
    until(lambda: step_of(job) > paused_at)
    steps = [step for step, _ in job.status().curve]
    assert steps == list(range(1, len(steps) + 1))


@pytest.mark.parametrize("paused", [False, True])
def test_stop_keeps_what_was_learnt(run: TrainRun, monkeypatch: pytest.MonkeyPatch, paused: bool) -> None:
    """The pack of the last step is written and installed, also out of a pause; the run can be resumed but is not pressed on the user."""
    job = begin(run, monkeypatch)
    until(lambda: step_of(job) >= 7)
    if paused:
        job.pause()
    job.stop()
    until(lambda: job.status().is_over)
    assert (job.status().state, job.status().problem) == (STOPPED, "")
    assert int((run.folder / "checkpoint.safetensors").read_text()) >= 7
    assert (paths.user_packs() / "my_garden.stylepack").is_file()
    assert unfinished_runs() == []
    assert run.can_resume


def test_a_resumed_run_goes_on_from_its_checkpoint(run: TrainRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second trainer begins behind the step at which the first was stopped."""
    first = begin(run, monkeypatch)
    until(lambda: step_of(first) >= 7)
    first.stop()
    until(lambda: first.status().is_over)
    kept = int((run.folder / "checkpoint.safetensors").read_text())
    second = begin(run, monkeypatch)
    until(lambda: second.status().count)
    assert second.status().curve[0][0] == kept + 1


def test_a_trainer_that_heeds_no_stop_is_killed(run: TrainRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the time it was given; what it wrote before is kept."""
    job = begin(run, monkeypatch, "deaf")
    until(lambda: step_of(job) >= 6)
    job.stop(timeout_s=0.3)
    until(lambda: job.status().is_over)
    assert job.status().state == STOPPED
    assert not psutil.pid_exists(job.pid)


def test_a_mistake_is_reported_in_the_trainers_own_words(run: TrainRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sentence arrives without the program's name."""
    job = begin(run, monkeypatch, "broken")
    until(lambda: job.status().is_over)
    assert (job.status().state, job.status().problem) == (FAILED, "The style image is a blank; choose another.")


@posix
def test_a_killed_trainer_is_one_sentence_and_offered_again(run: TrainRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job fails, says that the checkpoint is kept, and the run counts as unfinished."""
    job = begin(run, monkeypatch, "dies")
    until(lambda: job.status().is_over)
    assert job.status().state == FAILED
    assert "signal 9" in job.status().problem
    assert "Resume" in job.status().problem
    assert "\n" not in job.status().problem
    (left,) = unfinished_runs()
    assert (left.folder, left.request, left.can_resume) == (run.folder, run.request, True)


def test_a_program_that_cannot_be_started_is_an_error(run: TrainRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a crash of the window."""
    monkeypatch.setattr(train_job, "PROGRAM", (str(run.folder / "no such program"),))
    with pytest.raises(TrainingError, match="cannot be started"):
        TrainJob(run)


def test_closing_the_window_keeps_the_work_and_offers_it(run: TrainRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child ends by itself with its checkpoint written."""
    job = begin(run, monkeypatch)
    until(lambda: step_of(job) >= 6)
    assert job.close(20.0)
    assert [left.folder for left in unfinished_runs()] == [run.folder]
    assert int((run.folder / "checkpoint.safetensors").read_text()) >= 6


def test_the_trainer_understands_its_command(run: TrainRun, tmp_path: Path) -> None:
    """Every word of it is read by the program's own parser, as it was meant: all that was asked for, or as little as can be."""

    def parsed(run: TrainRun) -> dict[str, object]:
        command = train_job.trainer_command(run)
        assert tuple(command[: len(COMMAND)]) == COMMAND
        return vars(build_parser().parse_args(command[len(COMMAND) :]))

    full = parsed(run)
    assert full["style_image"] == run.style_image
    assert (full["to"], full["output"], full["run_folder"]) == ("tiny", run.pack, run.folder)
    assert (full["minutes"], full["id"], full["title"], full["artist"]) == (3.0, "my_garden", "-My Garden", "Me")
    assert (full["scale"], full["colors"], full["photos"]) == (1.4, 8, Path("/photos"))
    assert full["crop"] == "0.25,0,0.5,1"
    assert (full["json"], full["until_stdin_closes"], full["resume"], full["force"]) == (True, True, False, True)
    assert (full["preview"], full["steps"]) == ([], None)
    run.live_photo.write_bytes(PIXEL)
    (run.folder / "checkpoint.safetensors").write_text("7")
    again = parsed(run)
    assert (again["preview"], again["resume"], again["force"]) == ([run.live_photo], True, False)
    least = parsed(new_run(TrainRequest("x", "X", "unknown", "-odd.stylepack"), run.style_image))
    assert (least["to"], least["colors"], least["photos"], least["minutes"]) == ("-odd.stylepack", 0, None, 10.0)


PARENT = """
import sys, time
from pathlib import Path
from stylecam.app.training import job as train_job
from stylecam.app.training.runs import TrainRequest, new_run
train_job.PROGRAM = tuple(sys.argv[3:])
run = new_run(TrainRequest("my_garden", "My Garden", "Me", "tiny"), Path(sys.argv[1]))
job = train_job.TrainJob(run)
while not job.status().report or job.status().report.step < 6:
    time.sleep(0.01)
if sys.argv[2] == "paused":
    job.pause()
    time.sleep(0.3)
print(job.pid, flush=True)
time.sleep(600)
"""


@posix
@pytest.mark.parametrize("state", [pytest.param("running", marks=pytest.mark.slow), "paused"])
def test_the_trainer_ends_within_seconds_of_a_killed_app_and_keeps_its_work(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """SIGKILL to the app, also during a pause: no trainer is left over, the last step is in the checkpoint, and it can be resumed."""
    style_image = tmp_path / "garden.png"
    style_image.write_bytes(PIXEL)
    monkeypatch.setenv("FAKE_STEPS", "100000")
    environment = os.environ | {"PYTHONPATH": str(repository)}
    command = [sys.executable, "-c", PARENT, str(style_image), state, *COMMAND]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as app:
        assert app.stdout is not None
        child = psutil.Process(int(app.stdout.readline()))
        app.send_signal(signal.SIGKILL)
        app.wait(60)
    try:
        child.wait(60)
    except psutil.TimeoutExpired:
        child.kill()
        pytest.fail("the trainer outlived the app")
    (left,) = unfinished_runs()
    assert left.can_resume
    assert int((left.folder / "checkpoint.safetensors").read_text()) >= 6
    assert left.pack.is_file()


def test_a_run_of_another_window_is_left_alone(run: TrainRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is being trained at this moment is not offered to be resumed."""
    job = begin(run, monkeypatch)
    until(lambda: step_of(job) >= 1)
    assert unfinished_runs() == []


def test_a_long_curve_is_thinned() -> None:
    """It stays bounded, keeps its newest points whole and its first."""
    curve: tuple[tuple[int, float], ...] = ()
    for step in range(5000):
        curve = thinned((*curve, (step, 1.0)))
    assert len(curve) <= train_job.MAX_POINTS
    assert [step for step, _ in curve[-100:]] == list(range(4900, 5000))
    assert curve[0][0] == 0
    assert [step for step, _ in curve] == sorted({step for step, _ in curve})
