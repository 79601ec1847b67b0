"""What is fuzzed: for each reader, how an input is made, and what reading it may raise."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

_TARGETS: dict[str, Callable[[Path], Target]] = {}


class Target(ABC):
    """One reader of strangers' data. Made in a child process, with a folder of its own.

    Args:
        folder: empty, for files.
    """

    #: What the reader says it raises; anything else is found.
    allowed: tuple[type[Exception], ...] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def make(self, rng: random.Random) -> bytes:
        """Return an input; the same for the same state of `rng`."""

    @abstractmethod
    def read(self, data: bytes) -> None:
        """Read it as the program would, and check what came of it."""


def target(name: str) -> Callable[[type[Target]], type[Target]]:
    """Register a target by name."""

    def add(kind: type[Target]) -> type[Target]:
        _TARGETS[name] = kind
        return kind

    return add


def names() -> tuple[str, ...]:
    """Return the names of all targets."""
    _load()
    return tuple(_TARGETS)


def make(name: str, folder: Path) -> Target:
    """Make a target by name; `faulty:KIND` is one with a fault, to try the harness."""
    _load()
    if name.startswith("faulty:"):
        from tests.fuzz.faulty import Faulty

        return Faulty(folder, name.partition(":")[2])
    return _TARGETS[name](folder)


def _load() -> None:
    import tests.fuzz.files
    import tests.fuzz.frames
    import tests.fuzz.packs
    import tests.fuzz.streams  # noqa: F401 (they register themselves)
