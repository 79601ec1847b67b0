"""How long the program takes from its start to its window and to the first stylized frame: the first time, and again."""

from __future__ import annotations

import os
import sysconfig
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from stylecam.bench.app.run import run_app

_SOURCE = "pattern"


@dataclass(frozen=True)
class Start:
    """Seconds from the start of the program's process (not of the virtual screen around it).

    `window_s` is until the window was drawn for the first time, still without a frame; `first_frame_s` until a stylized frame was drawn.
    """

    window_s: float
    first_frame_s: float


def measure_starts(pack: str) -> dict[str, Start]:
    """Start the real window twice with the same user folders, on the test pattern, and return "cold" and "warm".

    Cold is as after installing: empty user folders (no settings, no cache), and Python's files, those of the
    packages, and ours dropped from the system's memory, so that they are read from the disk again. Only Linux can be asked for that
    without being its administrator; and what another program has mapped at the moment, such as the interpreter that runs this bench and
    the libraries of the desktop, stays in memory, as does what a disk of a virtual machine keeps in its host. A start right after
    switching the computer on is slower than this.

    Raises:
        EngineError: the app failed; the message is its own.
    """
    found = {}
    with tempfile.TemporaryDirectory() as home:
        forget_files(_program_folders())
        for name in ("cold", "warm"):
            numbers = run_app(_SOURCE, 1, pack=pack, moves=0, home=Path(home))
            trace = numbers["trace"]
            begun_ns = trace["begun_ns"] or numbers["begun_ns"]
            window_s, first_frame_s = ((trace[key] - begun_ns) / 1e9 for key in ("window_ns", "first_painted_ns"))
            found[name] = Start(round(window_s, 3), round(first_frame_s, 3))
    return found


def forget_files(folders: Iterable[Path]) -> int:
    """Ask the system to drop what it holds in memory of all files below `folders`; return how many files it was asked for.

    Nothing is lost: what was not written yet stays, and what is dropped is read again when it is needed.
    """
    if not hasattr(os, "posix_fadvise"):
        return 0
    count = 0
    for folder in folders:
        for path in folder.rglob("*"):
            try:
                if path.is_symlink() or not path.is_file():
                    continue
                handle = os.open(path, os.O_RDONLY)
            except OSError:
                continue  # not ours to read
            try:
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
                count += 1
            finally:
                os.close(handle)
    return count


def _program_folders() -> list[Path]:
    package = Path(__file__).resolve().parents[2]
    libraries = {Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")}
    return [folder for folder in (*libraries, package, package.parent / "weights") if folder.is_dir()]
