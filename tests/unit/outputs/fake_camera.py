"""A backend of pyvirtualcam that keeps what it is sent, and fails as drivers do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Driver:
    """What all cameras of the backend share: what was sent, when, and what is to go wrong."""

    def __init__(self) -> None:
        self.frames: list[NDArray[np.uint8]] = []
        self.times: list[float] = []
        self.opened: list[dict[str, Any]] = []
        self.closed = 0
        self.refuses = ""
        self.is_gone = False

    def backend(self) -> type:
        """Return the class that pyvirtualcam makes a camera with."""
        driver = self

        class Backend:
            def __init__(self, **wanted: Any) -> None:
                if driver.refuses:
                    raise RuntimeError(driver.refuses)
                driver.opened.append(wanted)
                self._shape = (wanted["height"], wanted["width"], 3)

            def send(self, frame: NDArray[np.uint8]) -> None:
                if driver.is_gone:
                    raise OSError(19, "No such device")
                driver.frames.append(frame.reshape(self._shape).copy())
                driver.times.append(time.monotonic())

            def close(self) -> None:
                driver.closed += 1

            def device(self) -> str:
                return "Fake Camera"

            def native_fourcc(self) -> None:
                return None

        return Backend


@contextmanager
def fake_driver() -> Iterator[Driver]:
    """Let pyvirtualcam know this backend alone."""
    import pyvirtualcam
    from pyvirtualcam import camera

    before, driver = dict(camera.BACKENDS), Driver()
    camera.BACKENDS.clear()
    pyvirtualcam.register_backend("fake", driver.backend())
    try:
        yield driver
    finally:
        camera.BACKENDS.clear()
        camera.BACKENDS.update(before)
