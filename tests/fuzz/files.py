"""Files of the user's own, and what users give to each other: settings, scenes."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, replace
from pathlib import Path

from stylecam.app import settings as settings_file
from stylecam.app.settings import Settings
from stylecam.capture.base import CameraFormat
from stylecam.control.scene_file import parse_scenes, scenes_json
from stylecam.control.scenes import Scene
from stylecam.control.state import Controls
from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams
from stylecam.effects.registry import all_params
from stylecam.errors import InputError
from tests.fuzz.mutate import damaged, odd_json
from tests.fuzz.packs import sample_images
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
        found.geometry.encode()
        assert settings_file.save(found, self.folder) == ""
        for path in self.folder.iterdir():
            path.unlink()


@target("scenes")
class ScenesFile(Target):
    """A file of scenes, as somebody else exported it."""

    allowed = (InputError,)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        everything = RenderParams(StyleMix({"starry_night": 0.5, "great_wave": 1.0}), {param: param.first for param in all_params()})
        scenes = {
            1: replace(Scene.of(everything, "Waves", "everything"), thumbnail=sample_images()["JPEG"]),
            4: Scene.of(everything, "Mix"),
        }
        self._data = scenes_json(scenes)

    def make(self, rng: random.Random) -> bytes:
        """Change values, or damage the text."""
        if rng.random() < 0.7:
            return json.dumps(odd_json(self._data, rng)).encode("utf-8", "surrogatepass")
        return damaged(json.dumps(self._data, indent=2).encode(), rng, _WORDS)

    def read(self, data: bytes) -> None:
        """Read it, recall every scene, and write what was read: it is read again."""
        scenes, note = parse_scenes(data, "scenes.json")
        assert note.isprintable()
        for scene in scenes.values():
            assert scene.name.isprintable()
            scene.on(RenderParams())
        assert parse_scenes(json.dumps(scenes_json(scenes)).encode(), "again.json")[0].keys() == scenes.keys()
