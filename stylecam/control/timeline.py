"""Scenes at moments of a clip: what each frame is stylized with, by the same interpolation as in the window."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from stylecam.control.fade import between, ease
from stylecam.control.scenes import Scene
from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams, Scope
from stylecam.core.window_params import FADE_SHAPE
from stylecam.errors import UsageError


@dataclass(frozen=True)
class Timeline:
    """Styles at moments of a clip; what lies between two moments is interpolated, γ and β in a straight line.

    Args:
        points: seconds from the first frame, and what holds there, in ascending order: a mix as a mapping or text, a scene (see
            `load_scenes`), or `RenderParams`. Before the first moment its own holds, after the last its own.
        fade_s: None for a way that takes all the time from one moment to the next; else each change begins at its moment and takes so many
            seconds, 0 for a cut.
        shape: of every change: "smooth", "linear", "slow-start" or "slow-end".

    >>> import stylecam
    >>> timeline = stylecam.Timeline([(0, "senecio"), (0.1, {"great_wave": 0.5, "the_scream": 0.5})])
    >>> with stylecam.Stylizer("live32") as stylizer:
    ...     done = stylecam.process_video("clip.mp4", "morph.mp4", stylizer.callback(timeline))
    >>> done.step, done.files["video"]
    (3, 'morph.mp4')

    Raises:
        UsageError: there is no point, the times do not ascend, or a mix cannot be read.
    """

    points: tuple[tuple[float, RenderParams], ...]
    fade_s: float | None = None
    shape: str = FADE_SHAPE.default

    def __init__(
        self,
        points: Iterable[tuple[float, RenderParams | Scene | StyleMix | Mapping[str, float] | str]],
        fade_s: float | None = None,
        shape: str = FADE_SHAPE.default,
    ) -> None:
        object.__setattr__(self, "points", tuple((float(seconds), _params(style)) for seconds, style in points))
        object.__setattr__(self, "fade_s", fade_s)
        object.__setattr__(self, "shape", shape)
        times = [seconds for seconds, _ in self.points]
        if not times or not all(math.isfinite(each) and each >= 0 for each in times) or times != sorted(set(times)):
            raise UsageError("Scenes need times in seconds from 0 up, each later than the one before, such as 0, 4.5, 9.")

    def at(self, seconds: float) -> RenderParams:
        """Return what a frame at this moment is stylized with.

        >>> import stylecam
        >>> a, b = "senecio", "great_wave"
        >>> stylecam.Timeline([(0, a), (4, b)]).at(2).mix.weights
        {'senecio': 0.5, 'great_wave': 0.5}
        >>> stylecam.Timeline([(0, a), (4, b)], fade_s=1.0).at(4.25).mix.weights
        {'senecio': 0.84375, 'great_wave': 0.15625}
        """
        begun = [point for point in self.points if point[0] <= seconds]
        if not begun:
            return self.points[0][1]
        if self.fade_s is None:
            if len(begun) == len(self.points):
                return begun[-1][1]
            (start_s, start), (end_s, end) = begun[-1], self.points[len(begun)]
            return between(start, end, ease((seconds - start_s) / (end_s - start_s), self.shape))
        now = begun[0][1]
        for number, (start_s, end) in enumerate(begun[1:], 2):
            # Where the next begins before this has come, that goes on from there, as a second key does in the window.
            until_s = begun[number][0] if number < len(begun) else seconds
            now = between(now, end, ease((until_s - start_s) / self.fade_s, self.shape)) if self.fade_s else end
        return now

    def is_moving(self, seconds: float) -> bool:
        """Return whether a change is under way at this moment, or has just ended: frames before and after it belong together.

        >>> import stylecam
        >>> stylecam.Timeline([(0, "senecio"), (4, "great_wave")], fade_s=0.0).is_moving(4.0)
        False
        """
        if self.fade_s is None:
            return self.points[0][0] <= seconds
        return any(start_s < seconds for start_s, _ in self.points[1:]) if self.fade_s else False


def _params(style: RenderParams | Scene | StyleMix | Mapping[str, float] | str) -> RenderParams:
    if isinstance(style, RenderParams):
        return style
    if isinstance(style, Scene):  # its options for the window alone, such as the size, mean nothing here
        return RenderParams(style.mix, {param: value for param, value in style.values.items() if Scope.VIDEO in param.scope})
    return RenderParams(StyleMix.of(style))


def parse_scene_times(text: str, find: Callable[[str], RenderParams]) -> list[tuple[float, RenderParams]]:
    """Read "Waves@0,Paris@4.5": the names of scenes and when they hold, in seconds; `find` returns what a name stands for.

    Raises:
        UsageError: a time is missing or no number; what `find` raises passes.
    """
    points = []
    for part in text.split(","):
        name, _, seconds = part.strip().rpartition("@")
        try:
            moment = float(seconds)
        except ValueError:
            name = ""
        if not name:
            raise UsageError(f"'{part.strip()}' names no scene and time; write them like Waves@0,Paris@4.5.")
        points.append((moment, find(name)))
    return points
