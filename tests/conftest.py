"""Every test is alone: own user folders, no network, no GPU, no stray log."""

from __future__ import annotations

import gc
import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stylecam.app import child_job
from stylecam.core.process import end_now
from tests.sockets import is_local, watched_sockets

_STATUS = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Before any library looks: hide the GPU, unless the tests that need it were asked for, and the screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # torch's threads would burn two thirds of the tests' time on a busy machine, waiting for each other.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if config.option.markexpr.strip() != "cuda":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End as the program does after a window (see `stylecam.__main__`): PyQt's own end can crash, after all has been reported."""
    status = config.stash.get(_STATUS, None)
    if status is not None and "PyQt6.QtCore" in sys.modules:
        end_now(status)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep the exit code for that."""
    session.config.stash[_STATUS] = int(exitstatus)


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `faults` whatever the table of docs/reliability.md names, so that `make faults` holds the page."""
    here = Path(__file__).parent
    page = (here.parent / "docs" / "reliability.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/]+\.py::test_\w+)`", page))
    for item in items:
        if f"{item.path.relative_to(here).as_posix()}::{getattr(item, 'originalname', item.name)}" in named:
            item.add_marker("faults")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder that is a true file system of a megabyte; skips where the system lets nobody mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "stylecam", str(folder)], capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("this system has no mount")
    if mounted.returncode:
        pytest.skip("this system lets us mount nothing")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(autouse=True)
def _qt_garbage_here(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect in this thread what a window's test leaves: the end of a widget in a later test's thread would crash Qt."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the user's folders (packs, cache, settings) to an empty place."""
    monkeypatch.setenv("STYLECAM_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(autouse=True)
def _children_keep_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let trainers and their like have a test's own priority: beside other work they would get no time at all."""
    monkeypatch.setattr(child_job, "NICENESS", os.nice(0) if hasattr(os, "nice") else child_job.NICENESS)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test reach another machine; local sockets are allowed."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _binds_are_local() -> Iterator[None]:
    """Fail a test in which a socket is bound where another machine could reach it."""
    with watched_sockets() as seen:
        yield
    open_ones = [address for event, address in seen if event == "socket.bind" and not is_local(address)]
    assert not open_ones, f"a socket was bound to {open_ones}; bind to 127.0.0.1"


class _Recorder(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def _no_stray_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs a warning or an error; one that expects them takes `caplog` and looks at them."""
    logger, recorder = logging.getLogger("stylecam"), _Recorder()
    before = (logger.level, list(logger.handlers))
    logger.addHandler(recorder)
    yield
    logger.setLevel(before[0])
    logger.handlers[:] = before[1]
    if recorder.records and "caplog" not in request.fixturenames:
        pytest.fail("unexpected log: " + "; ".join(record.getMessage() for record in recorder.records))


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the root of the checkout."""
    return Path(__file__).resolve().parent.parent
