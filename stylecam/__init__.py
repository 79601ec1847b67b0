"""Stylizes live video in 32 painters' styles with one network: `import stylecam` is the library, `stylecam` the program.

>>> import numpy as np, stylecam
>>> photo = np.zeros((48, 64, 3), np.uint8)  # any uint8 RGB image (H, W, 3)
>>> pack = stylecam.load_pack("live32")
>>> stylecam.stylize(photo, {"starry_night": 0.7, "great_wave": 0.3}, pack=pack).shape
(48, 64, 3)

The names in `__all__` are the public interface; each is imported when it is first used, so that `import stylecam` takes no time, and
torch is loaded only by what needs it. docs/library.md is a guide of five minutes.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stylecam.control.scene_file import load_scenes
    from stylecam.control.timeline import Timeline
    from stylecam.core.mix import StyleMix
    from stylecam.engines.base import Engine
    from stylecam.engines.select import open_engine
    from stylecam.errors import StylecamError
    from stylecam.offline.process_video import process_video
    from stylecam.offline.stylizer import Stylizer, stylize
    from stylecam.packs.library import list_packs, load_pack
    from stylecam.packs.pack import StylePack
    from stylecam.training.start import train

__version__ = "0.1.0"

__all__ = [
    "Engine",
    "StyleMix",
    "StylePack",
    "StylecamError",
    "Stylizer",
    "Timeline",
    "list_packs",
    "load_pack",
    "load_scenes",
    "open_engine",
    "process_video",
    "stylize",
    "train",
]

_MODULES = {
    "Engine": "engines.base",
    "StyleMix": "core.mix",
    "StylePack": "packs.pack",
    "StylecamError": "errors",
    "Stylizer": "offline.stylizer",
    "Timeline": "control.timeline",
    "list_packs": "packs.library",
    "load_pack": "packs.library",
    "load_scenes": "control.scene_file",
    "open_engine": "engines.select",
    "process_video": "offline.process_video",
    "stylize": "offline.stylizer",
    "train": "training.start",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _MODULES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
