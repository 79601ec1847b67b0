"""Where things lie: what the program ships, and what belongs to the user."""

from __future__ import annotations

import os
from pathlib import Path

#: The name of the pack that ships, which is used where none is named.
DEFAULT_PACK = "live32"
_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(*parts: str) -> Path:
    """Return the path of something that stylecam ships, such as `shipped("weights", "live32")`.

    In an installed wheel it lies in `stylecam/_data`, in a checkout beside the package.
    """
    installed = _PACKAGE / "_data"
    return (installed if installed.is_dir() else _PACKAGE.parent).joinpath(*parts)


def loss_network() -> Path:
    """Return the file of the loss network that ships."""
    return shipped("weights", "vgg16", "vgg16_imagenet_fp16.safetensors")


def user_packs() -> Path:
    """Return the folder of installed style packs (it may not exist yet). `STYLECAM_HOME` moves all user folders."""
    return _user("data") / "packs"


def user_trainings() -> Path:
    """Return the folder of the trainings of styles that are under way (it may not exist yet)."""
    return _user("data") / "trainings"


def user_scenes() -> Path:
    """Return the file of the user's scenes (it may not exist yet)."""
    return _user("data") / "scenes.json"


def user_cache() -> Path:
    """Return the folder for what can be made again: L-BFGS reference curves."""
    return _user("cache")


def user_settings() -> Path:
    """Return the folder of settings and presets."""
    return _user("config")


def user_pictures() -> Path:
    """Return the folder for snapshots (it may not exist yet)."""
    return _media("pictures")


def user_videos() -> Path:
    """Return the folder for recordings (it may not exist yet)."""
    return _media("videos")


def _media(kind: str) -> Path:
    if home := os.environ.get("STYLECAM_HOME"):
        return Path(home) / kind
    import platformdirs  # here, because the command line's help reads the pack's name, and must not wait for it

    folder = platformdirs.user_pictures_path() if kind == "pictures" else platformdirs.user_videos_path()
    return folder / "stylecam"


def _user(kind: str) -> Path:
    if home := os.environ.get("STYLECAM_HOME"):
        return Path(home) / kind
    import platformdirs

    dirs = platformdirs.PlatformDirs("stylecam", appauthor=False)
    return {"data": dirs.user_data_path, "cache": dirs.user_cache_path, "config": dirs.user_config_path}[kind]
