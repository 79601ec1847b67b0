"""Recalls scenes: at once or in a fade, one after the other in a loop. Without a thread of its own: whoever has one calls `tick`."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from stylecam.control.fade import between, ease
from stylecam.control.scenes import Scenes
from stylecam.control.state import Controls, Moves
from stylecam.core.params import RAW, STRENGTH, Param, RenderParams
from stylecam.core.window_params import FADE_S, FADE_SHAPE, SCENE_HOLD_S, SCENE_ORDER
from stylecam.errors import UsageError

#: So often a fade moves the controls.
STEP_S = 1 / 30
#: A loop stays so long at least: what flashes faster can hurt people.
_LEAST_HOLD_S = 0.5


@dataclass(frozen=True, kw_only=True)
class _Fade:
    """A fade under way: from `start` to `end`, which differ in `params` and the mix."""

    start: RenderParams
    end: RenderParams
    params: tuple[Param[Any], ...]
    began_s: float
    seconds: float
    shape: str


class ScenePlayer:
    """Turns the controls to a scene. Moving a slider, undo or another pack ends what is under way, where it is. Any thread may call it.

    Args:
        controls: what is turned; they also hold how long fades take.
        scenes: what can be recalled.
        clock: seconds.
        rng: draws the next scene of a random loop.
        fixed: returns the options that no scene may change at the moment.
        wake: called when there is something for `tick` to do.
    """

    def __init__(
        self,
        controls: Controls,
        scenes: Scenes,
        *,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
        fixed: Callable[[], Iterable[Param[Any]]] = tuple,
        wake: Callable[[], object] = lambda: None,
    ) -> None:
        self._controls, self._scenes, self._clock, self._wake = controls, scenes, clock, wake
        self._fixed = fixed
        self._rng = rng or random.Random()  # noqa: S311 (a walk, no secret)
        #: The number of the scene that is shown or comes; 0 once the controls were moved away from it.
        self.current = 0
        self._looping = False
        self._fade: _Fade | None = None
        self._next_s = 0.0
        self._left: Moves = controls.moves
        self._gliding = False
        controls.subscribe(self._heard)

    @property
    def is_fading(self) -> bool:
        """True while the controls move by themselves."""
        return self._fade is not None

    @property
    def is_gliding(self) -> bool:
        """True in a listener of the controls that hears of a step of a fade: what was carried from frame to frame still holds."""
        return self._gliding

    @property
    def is_looping(self) -> bool:
        """True while one scene follows another."""
        return self._looping

    @property
    def progress(self) -> float:
        """How much of the fade's time is gone, from 0 to 1; 1 without a fade."""
        fade = self._fade
        return min(1.0, (self._clock() - fade.began_s) / fade.seconds) if fade is not None else 1.0

    def recall(self, number: int, seconds: float | None = None) -> tuple[str, ...]:
        """Go to a scene, in so many seconds; by default as the fade's option says. A loop ends.

        Returns:
            The ids of the styles that the pack lacks, and which are left out.

        Raises:
            UsageError: nothing is kept under that number.
        """
        _ = self._scenes[number]  # before anything changes
        with self._controls.changing():
            self._looping = False
            return self._begin(number, self._controls[FADE_S] if seconds is None else seconds, remember=True)

    def step(self, by: int) -> tuple[str, ...]:
        """Go to the next scene (1) or the one before (-1), round and round.

        Raises:
            UsageError: there is no scene.
        """
        return self.recall(self._neighbour(by))

    def loop(self, on: bool) -> None:
        """Let scenes follow each other, in their order or at random, until it is switched off or a slider is moved.

        Raises:
            UsageError: there are fewer than two scenes.
        """
        if not on:
            self.stop()
            return
        if len(self._scenes.numbers) < 2:
            raise UsageError("A loop needs two scenes; Ctrl+2 keeps this mix as scene 2.")
        with self._controls.changing():
            self._looping = True
            self._begin(self._next(), self._controls[FADE_S], remember=True)

    def stop(self) -> None:
        """End fade and loop; the controls stay where they are."""
        with self._controls.lock:
            self._fade, self._looping = None, False

    def keep(self, number: int) -> None:
        """Note that what is shown was kept as this scene."""
        with self._controls.changing():
            self.stop()
            self.current, self._left = number, self._controls.moves

    def tick(self) -> float | None:
        """Do what is due; return after how many seconds to call again, or None to wait for `wake`."""
        with self._controls.lock:
            if self._fade is None and not self._looping:
                return None
            now = self._clock()
            if self._fade is not None:
                self._move(self._fade, now)
                if self._fade is not None:
                    return STEP_S
            if not self._looping:
                return None
            if now < self._next_s:
                return self._next_s - now
            if len(self._scenes.numbers) < 2:
                self._looping = False
                return None
            with self._controls.changing():
                self._begin(self._next(), self._controls[FADE_S], remember=False)
            return STEP_S

    def _begin(self, number: int, seconds: float, *, remember: bool) -> tuple[str, ...]:
        controls = self._controls
        scene, missing = self._scenes[number].only(controls.styles)
        start = controls.params()
        end = scene.on(start).but({param: start[param] for param in self._fixed()})
        # Strength and the meaning of weights move on the way where a mix comes out of the photo, whatever the scene holds.
        params: dict[Param[Any], None] = dict.fromkeys((RAW, STRENGTH, *(param for param in scene.values if start[param] != end[param])))
        if remember:
            controls.begin_recall(params)
        self.current = number
        fade = _Fade(start=start, end=end, params=tuple(params), began_s=self._clock(), seconds=seconds, shape=controls[FADE_SHAPE])
        self._fade = fade
        self._move(fade, fade.began_s)
        self._wake()
        return missing

    def _move(self, fade: _Fade, now: float) -> None:
        """Bring the controls to where a fade is at a moment."""
        gone = (now - fade.began_s) / fade.seconds if fade.seconds > 0 else 1.0
        params = between(fade.start, fade.end, ease(gone, fade.shape))
        self._gliding = fade.seconds > 0
        try:
            with self._controls.changing():
                if gone >= 1:
                    self._fade, self._next_s = None, now + max(_LEAST_HOLD_S, self._controls[SCENE_HOLD_S])
                self._controls.recall(params.mix, {param: params[param] for param in fade.params})
                self._left = self._controls.moves
        finally:
            self._gliding = False

    def _heard(self) -> None:
        """Somebody turned the controls. If that was not this player, they have the last word."""
        if self._controls.moves is not self._left or self._controls.solo is not None:
            self._left = self._controls.moves
            self._fade, self._looping, self.current = None, False, 0

    def _neighbour(self, by: int) -> int:
        numbers = self._scenes.numbers
        if not numbers:
            raise UsageError("There is no scene yet; Ctrl+1 keeps this mix as scene 1.")
        if self.current in numbers:
            return numbers[(numbers.index(self.current) + by) % len(numbers)]
        return numbers[0 if by > 0 else -1]

    def _next(self) -> int:
        if self._controls[SCENE_ORDER] == "random":
            others = [number for number in self._scenes.numbers if number != self.current]
            if others:
                return self._rng.choice(others)
        return self._neighbour(1)
