"""Settings come back as they were, old ones are understood, broken ones are set aside."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from stylecam.app import settings as settings_module
from stylecam.app.settings import FILE_NAME, Settings, load, save, to_remember
from stylecam.core.params import BYPASS
from stylecam.effects.color import KEEP_COLOR

FULL = Settings(
    source="demo",
    pack="studio",
    mix={"senecio": 0.4},
    locked=("senecio",),
    geometry="00ff",
    params={"strength": 0.7, "keep_color": 0.2, "raw": True, "mirror": False, "size_px": 320, "posterize": 0.5},
)


def test_no_file_is_a_first_start(tmp_path: Path) -> None:
    """Defaults, and nothing to say."""
    assert load(tmp_path / "none") == (Settings(), "")


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    """Every field survives, the folder is made, and saving again replaces the file and leaves no other."""
    folder = tmp_path / "new" / "folder"
    assert save(Settings(), folder) == ""
    assert save(FULL, folder) == ""
    assert load(folder) == (FULL, "")
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1, 2]", b"\xff\xfe\x00", b'{"version": "two"}', b'{"mix": {}}', b'{"version": 0}', b"[" * 5000, b'{"version": 99}'],
)
def test_a_file_that_makes_no_sense_is_set_aside(tmp_path: Path, data: bytes) -> None:
    """The user gets defaults and a sentence with the file's new name; nothing is lost, and the next start is quiet."""
    (tmp_path / FILE_NAME).write_bytes(data)
    settings, notice = load(tmp_path)
    assert settings == Settings()
    aside = tmp_path / "settings.broken.json"
    assert aside.name in notice
    assert aside.read_bytes() == data
    assert load(tmp_path) == (Settings(), "")


def test_a_second_broken_file_does_not_replace_the_first(tmp_path: Path) -> None:
    """Both are kept."""
    for data in (b"one", b"two"):
        (tmp_path / FILE_NAME).write_bytes(data)
        load(tmp_path)
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"one", b"two"}


def test_one_bad_value_costs_only_itself(tmp_path: Path) -> None:
    """A value of the wrong kind or range falls back to its default; unknown ones are passed over."""
    bad = {
        "version": 2,
        "params": {
            "strength": 7,
            "mirror": "yes",
            "size_px": -1,
            "hold_fps": -1,
            "steady": "yes",
            "calm": 0,
            "keep_color": float("nan"),
            "panic": True,
            "unknown": 1,
        },
        "mix": {"a": float("nan")},
        "locked": [1],
        "source": "demo",
        "x": 1,
    }
    (tmp_path / FILE_NAME).write_text(json.dumps(bad))
    assert load(tmp_path) == (Settings(source="demo"), "")


@pytest.mark.parametrize("bad", [{"mix": {"a": 10**400}}, {"geometry": "\ud800"}], ids=["a weight of 400 digits", "half a character"])
def test_values_that_no_machine_can_hold_cost_only_themselves(tmp_path: Path, bad: dict[str, object]) -> None:
    """A number too large for a float once ended the program at its start. Found by fuzzing."""
    (tmp_path / FILE_NAME).write_text(json.dumps({"version": 2, "source": "demo", **bad}))
    assert load(tmp_path) == (Settings(source="demo"), "")


def test_an_older_version_is_migrated_step_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of version 1 passes every step to the version of today, in order."""
    monkeypatch.setattr(settings_module, "VERSION", 3)
    steps = {
        1: lambda stored: stored | {"params": {"strength": stored.pop("amount") / 100}},
        2: lambda stored: stored | {"params": {"strength": stored["params"]["strength"] / 2}},
    }
    monkeypatch.setattr(settings_module, "_MIGRATIONS", steps)
    (tmp_path / FILE_NAME).write_text(json.dumps({"version": 1, "amount": 50, "source": "demo"}))
    assert load(tmp_path) == (Settings(source="demo", params={"strength": 0.25}), "")
    save(Settings(), tmp_path)
    assert json.loads((tmp_path / FILE_NAME).read_text())["version"] == 3


def test_settings_of_version_1_keep_every_option(tmp_path: Path) -> None:
    """In the first version the options stood beside the rest; a file that it wrote opens the window as it was left."""
    first = {
        "version": 1,
        "source": "demo",
        "pack": "studio",
        "mix": {"senecio": 0.4},
        "strength": 0.7,
        "keep_color": 0.2,
        "raw": True,
        "mirror": False,
        "size_px": 320,
        "locked": ["senecio"],
        "geometry": "00ff",
        "hold_fps": 20.0,
        "steady": True,
        "calm": False,
    }
    (tmp_path / FILE_NAME).write_text(json.dumps(first))
    settings, notice = load(tmp_path)
    assert notice == ""
    assert (settings.source, settings.pack, settings.mix, settings.locked, settings.geometry) == (
        "demo",
        "studio",
        {"senecio": 0.4},
        ("senecio",),
        "00ff",
    )
    ids = ("strength", "keep_color", "raw", "mirror", "size_px", "hold_fps", "steady", "calm")
    values = {param.id: value for param, value in settings.values().items()}
    assert {name: values[name] for name in ids} == {name: first[name] for name in ids}


def test_what_was_never_changed_is_not_written(tmp_path: Path) -> None:
    """So that a later version may begin with something better."""
    values = Settings().values()
    assert to_remember(values) == {}
    assert to_remember({**values, KEEP_COLOR: 0.3, BYPASS: True}) == {"keep_color": 0.3}


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    """Saving where a file stands in the way says so and does not raise."""
    (tmp_path / "file").write_text("x")
    assert "could not be saved" in save(FULL, tmp_path / "file")


def test_a_settings_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    """A folder under the file's name gives defaults and a sentence."""
    (tmp_path / FILE_NAME).mkdir()
    settings, notice = load(tmp_path)
    assert settings == Settings()
    assert "cannot be read" in notice


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_settings_are_for_their_owner_alone(tmp_path: Path) -> None:
    """The address of a camera may hold a password: nobody else may read the file, also where an older one was open to all."""
    (tmp_path / FILE_NAME).write_text("{}")
    (tmp_path / FILE_NAME).chmod(0o644)
    assert save(Settings(source="rtsp://me:secret@camera/"), tmp_path) == ""
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
