"""Finds the effects, and with them all options that there are."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from stylecam.core.params import GENERAL, Param
from stylecam.core.window_params import WINDOW_PARAMS
from stylecam.effects.base import Effect, Stage

#: Packages whose modules are looked through for an `EFFECT`, or single modules. A program that brings effects of its own appends its name.
PACKAGES = ["stylecam.effects"]


def effects() -> tuple[Effect, ...]:
    """Return all effects in the order in which they run.

    >>> [effect.name for effect in effects()][:2]
    ['size', 'mirror']
    """
    found: list[Effect] = []
    for name in PACKAGES:
        place = importlib.import_module(name)
        inside = (importlib.import_module(f"{name}.{each.name}") for each in pkgutil.iter_modules(getattr(place, "__path__", [])))
        found += [effect for module in (place, *inside) if isinstance(effect := getattr(module, "EFFECT", None), Stage)]
    return tuple(sorted(found, key=lambda effect: (effect.place, effect.name)))


def all_params() -> tuple[Param[Any], ...]:
    """Return every option of how frames are stylized, those of no effect first."""
    return tuple(dict.fromkeys([*GENERAL, *(param for effect in effects() for param in effect.params)]))


def every_param() -> tuple[Param[Any], ...]:
    """Return every option that has an id: those of `all_params`, and those of the window that change no frame."""
    return (*all_params(), *WINDOW_PARAMS)
