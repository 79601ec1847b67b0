"""Remembers which engine was faster on this machine, so that a slower one is not warmed again at every start."""

from __future__ import annotations

import json
import logging
import math
from pathlib import Path

from stylecam.core.atomic_io import write_file
from stylecam.errors import StylecamError

_FILE = "engine_ranking.json"
_MOST = 100  # pairs of machine and pack; the oldest go first

_log = logging.getLogger(__name__)


class Ranking:
    """What was measured for one key: engine → nanoseconds per pixel.

    Args:
        folder: where the file lies; None remembers nothing.
        key: names machine, versions and network; anything that changes the answer must be in it.
    """

    def __init__(self, folder: Path | None, key: str) -> None:
        self._folder, self._key = folder, key

    def load(self) -> dict[str, float]:
        """Return what was measured, or nothing if there is no file or it cannot be understood."""
        entry = self._read().get(self._key)
        if not isinstance(entry, dict):
            return {}
        good = all(isinstance(value, float | int) and math.isfinite(value) and value > 0 for value in entry.values())
        return {str(name): float(value) for name, value in entry.items()} if good else {}

    def save(self, measured: dict[str, float]) -> None:
        """Keep `measured`. A disk that refuses is only logged: the ranking can be measured again."""
        if self._folder is None:
            return
        entries = self._read()
        entries.pop(self._key, None)
        entries[self._key] = measured
        kept = dict(list(entries.items())[-_MOST:])
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_file(self._folder / _FILE, json.dumps(kept, indent=1).encode(), force=True)
        except (OSError, StylecamError) as error:
            _log.info("the ranking of engines cannot be kept: %s", error)

    def _read(self) -> dict[str, object]:
        if self._folder is None:
            return {}
        try:
            entries = json.loads((self._folder / _FILE).read_bytes())
        except (OSError, ValueError):  # not there, not JSON, not UTF-8
            return {}
        return entries if isinstance(entries, dict) else {}
