"""Scenes: what the user keeps of the controls under a number and a name, to come back to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from stylecam.core.mix import StyleMix
from stylecam.core.params import RAW, Param, RenderParams, Scope
from stylecam.effects.mirror import MIRROR
from stylecam.effects.registry import all_params
from stylecam.errors import UsageError, did_you_mean

#: So many scenes have a key; there may be more, up to `MAX_SCENES`.
KEYS = 9
MAX_SCENES = 99
MAX_NAME = 60


def scene_params(scope: str) -> tuple[Param[Any], ...]:
    """Return the options that a scene holds beside its mix: how the weights are meant, or all that the window remembers.

    Not the mirror: whether it is on follows from the source, for a camera is a mirror and a clip is none.
    """
    return (
        (RAW,)
        if scope == "mix"
        else tuple(param for param in all_params() if param.persist and Scope.WINDOW in param.scope and param is not MIRROR)
    )


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A mix, and the options that belong to it.

    Args:
        name: for people, one line.
        mix: the weights of the styles, by their ids, each from 0 to 1.
        scope: one of `core.window_params.SCENE_SCOPES`: the mix, or everything that the window remembers.
        values: the options; others stay as they are when the scene is recalled.
        pack: the name of the pack that it was kept with, or empty.
        thumbnail: of the frame when it was kept, a JPEG of some kilobytes, or nothing.

    >>> scene = Scene.of(RenderParams(StyleMix({"senecio": 0.4})), "Quiet")
    >>> scene.on(RenderParams(StyleMix({"great_wave": 1.0}))).mix
    StyleMix(weights={'senecio': 0.4})
    """

    name: str
    mix: StyleMix
    scope: str = "mix"
    values: Mapping[Param[Any], Any] = field(default_factory=dict)
    pack: str = ""
    thumbnail: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, params: RenderParams, name: str, scope: str = "mix", *, pack: str = "", thumbnail: bytes = b"") -> Scene:
        """Return what `params` are as a scene."""
        mix = StyleMix({style: weight for style, weight in params.mix if weight})
        values = {param: params[param] for param in scene_params(scope)}
        return cls(name=clean_name(name), mix=mix, scope=scope, values=values, pack=pack, thumbnail=thumbnail)

    def on(self, params: RenderParams) -> RenderParams:
        """Return `params` as the scene would have them."""
        return params.but(self.values, mix=self.mix)

    def only(self, styles: Iterable[str]) -> tuple[Scene, tuple[str, ...]]:
        """Return the scene as a pack with these styles can show it, and the ids of the styles that are left out."""
        known = set(styles)
        missing = tuple(style for style in self.mix.weights if style not in known)
        if not missing:
            return self, ()
        return replace(self, mix=StyleMix({style: weight for style, weight in self.mix if style in known})), missing


def clean_name(name: str) -> str:
    r"""Return a name as one line without control characters, not too long.

    >>> clean_name("  Night\nin\tParis ")
    'Night in Paris'
    """
    words = "".join(letter if letter.isprintable() else " " for letter in name).split()
    return " ".join(words)[:MAX_NAME].strip() or "Scene"


def left_out_sentence(scene: Scene, missing: Iterable[str]) -> str:
    """Return what to tell the user about styles that the pack lacks; empty if there are none."""
    names = ", ".join(missing)
    from_pack = f", of the pack {scene.pack}" if scene.pack else ""
    return f"Scene '{scene.name}' is shown without {names}{from_pack}: this pack has no such style." if names else ""


class Scenes:
    """The scenes that are kept, by number from 1. Any thread may call any method; `subscribe` to hear of changes.

    >>> scenes = Scenes()
    >>> scenes.keep(2, Scene(name="Waves", mix=StyleMix({"great_wave": 1.0})))
    >>> scenes.numbers, scenes.first_free(), scenes.find("waves"), scenes.find("2")
    ((2,), 1, 2, 2)
    """

    def __init__(self, kept: Mapping[int, Scene] | None = None) -> None:
        self._lock = threading.RLock()
        self._kept = dict(sorted((kept or {}).items()))
        self._listeners: list[Callable[[], object]] = []

    def subscribe(self, listener: Callable[[], object]) -> None:
        """Call `listener` after every change, in the thread that made it; it must not wait for anything."""
        self._listeners.append(listener)

    @property
    def kept(self) -> Mapping[int, Scene]:
        """All scenes, by number, in order."""
        return MappingProxyType(self._kept)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers that have a scene, in order."""
        return tuple(self._kept)

    def __getitem__(self, number: int | str) -> Scene:
        """Return a scene, by number or as `find` takes it.

        Raises:
            UsageError: nothing is kept under that number or name.
        """
        if isinstance(number, str):
            number = self.find(number)
        try:
            return self._kept[number]
        except KeyError:
            raise UsageError(f"There is no scene {number} yet; Ctrl+{number} keeps this mix as scene {number}.") from None

    def find(self, text: str) -> int:
        """Return the number of a scene by its name, in any case of letters, or by its number.

        Raises:
            UsageError: there is none.
        """
        for number, scene in self._kept.items():
            if scene.name.casefold() == text.strip().casefold():
                return number
        for number in self._kept:
            if text.strip().lstrip("0") == str(number):
                return number
        names = [scene.name for scene in self._kept.values()]
        have = f"You have {', '.join(names)}." if names else "You have kept none yet: Ctrl+1 in the window keeps the mix as scene 1."
        raise UsageError(f"There is no scene '{text}'.{did_you_mean(text, names)} {have}")

    def first_free(self) -> int:
        """Return the first number without a scene.

        Raises:
            UsageError: there are as many as there may be.
        """
        return _first_free(self._kept)

    def keep(self, number: int, scene: Scene) -> None:
        """Keep a scene under a number, in the place of what was there.

        Raises:
            UsageError: the number is out of range.
        """
        if not 1 <= number <= MAX_SCENES:
            raise UsageError(f"Scene {number} cannot be; give a number from 1 to {MAX_SCENES}.")
        self._change({**self._kept, number: scene})

    def add(self, scenes: Mapping[int, Scene]) -> tuple[int, ...]:
        """Keep more scenes, each under its own number if that is free, else under the first that is; return the numbers.

        Raises:
            UsageError: there would be too many; then none is added.
        """
        with self._lock:
            kept, given = dict(self._kept), []
            for number, scene in scenes.items():
                given.append(number if number not in kept else _first_free(kept))
                kept[given[-1]] = scene
            self._change(kept)
        return tuple(given)

    def follow(self, others: Mapping[int, Scene], mine: Mapping[int, Scene]) -> None:
        """Take over what another copy of the program changed: where `others` differs from `mine`, and nothing was changed since."""
        with self._lock:
            kept = dict(self._kept)
            for number in {*others, *mine}:
                if others.get(number) != mine.get(number) == kept.get(number):
                    if number in others:
                        kept[number] = others[number]
                    else:
                        kept.pop(number, None)
            if kept != self._kept:
                self._change(kept)

    def rename(self, number: int, name: str) -> None:
        """Give a scene another name."""
        self.keep(number, replace(self[number], name=clean_name(name)))

    def delete(self, number: int) -> Scene:
        """Forget a scene, and return it."""
        scene = self[number]
        self._change({key: each for key, each in self._kept.items() if key != number})
        return scene

    def move(self, number: int, to: int) -> None:
        """Put a scene under another number; those between move up or down by one place, and free numbers stay free."""
        with self._lock:
            scene = self[number]
            if to not in self._kept:
                self._change({**{key: each for key, each in self._kept.items() if key != number}, to: scene})
                return
            numbers = list(self._kept)
            order = [self._kept[key] for key in numbers if key != number]
            order.insert(numbers.index(to), scene)
            self._change(dict(zip(numbers, order, strict=True)))

    def _change(self, kept: Mapping[int, Scene]) -> None:
        with self._lock:
            self._kept = dict(sorted(kept.items()))
        for listener in self._listeners:
            listener()


def _first_free(kept: Mapping[int, Scene]) -> int:
    for number in range(1, MAX_SCENES + 1):
        if number not in kept:
            return number
    raise UsageError(f"There are {MAX_SCENES} scenes, which is the most; delete one first.")
