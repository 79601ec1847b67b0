"""A reader with faults of every kind, to try the harness: its third input is the bad one."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import numpy as np

from tests.fuzz.targets import Target


class Faulty(Target):
    """Does what `kind` says with its third input; other inputs raise what it may raise."""

    allowed = (ValueError,)

    def __init__(self, folder: Path, kind: str) -> None:
        super().__init__(folder)
        self._kind = kind

    def make(self, rng: random.Random) -> bytes:
        """Return anything."""
        return rng.randbytes(8)

    def read(self, data: bytes) -> None:
        """Fail, one way or the other."""
        from tests.fuzz.child import input_rng

        if data != self.make(input_rng(f"faulty:{self._kind}", 0, 2)):
            raise ValueError("as documented")
        if self._kind == "raise":
            raise KeyError("a reader's fault")
        if self._kind == "memory":
            np.ones(310_000_000, np.uint8).sum()
        elif self._kind == "loop":
            while True:
                pass
        elif self._kind == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        elif self._kind == "exit":
            os._exit(3)
        else:
            time.sleep(600)
