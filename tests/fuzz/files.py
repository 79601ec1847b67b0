"""The user's own files: settings."""

from __future__ import annotations

import json
import random
from dataclasses import asdict
from pathlib import Path

from stylecam.app import settings as settings_file
from stylecam.app.settings import Settings
from stylecam.capture.base import CameraFormat
from stylecam.control.state import Controls
from stylecam.core.mix import StyleMix
from stylecam.effects.registry import all_params
from tests.fuzz.mutate import damaged, odd_json
from tests.fuzz.targets import Target, target

_WORDS = (
    b'"version": 3',
    b'"version": true',
    b'"version": 1',
    b"NaN",
    b"1e999",
    b"[" * 3000,
    b'"params": {',
    b'"camera": "1x1@1"',
    b"\\ud800",
)


@target("settings")
class SettingsFile(Target):
    """The settings: whatever stands there, the window starts, with what makes sense."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        full = Settings(
            source="demo",
            mix={"starry_night": 0.5, "great_wave": 1.0},
            locked=("great_wave",),
            geometry="01d9",
            camera="1280x720@30",
            params={param.id: param.first for param in all_params()},
        )
        self._data = {"version": settings_file.VERSION, **asdict(full)}

    def make(self, rng: random.Random) -> bytes:
        """Change values, or damage the text."""
        data = dict(self._data)
        if rng.random() < 0.2:
            data = {**data, **data.pop("params"), "version": 1}
        if rng.random() < 0.7:
            return json.dumps(odd_json(data, rng)).encode("utf-8", "surrogatepass")
        return damaged(json.dumps(data, indent=2).encode(), rng, _WORDS)

    def read(self, data: bytes) -> None:
        """Load them, and use every value as a session does at its start."""
        (self.folder / settings_file.FILE_NAME).write_bytes(data)
        found, sentence = settings_file.load(self.folder)
        assert sentence.isprintable()
        controls = Controls(["starry_night", "great_wave"])
        controls.restore(StyleMix(found.mix) if found.mix is not None else controls.first_mix(), found.values(), found.locked)
        if found.camera:
            CameraFormat.parse(found.camera)
        controls.params()
        assert settings_file.save(found, self.folder) == ""
        for path in self.folder.iterdir():
            path.unlink()
