"""What a pack says of how it was made: the settings and the loss curve of every stage of its training. It holds no paths: packs travel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stylecam import __version__
from stylecam.packs.pack import StylePack

#: Steps that one point of the curve averages.
WINDOW = 100


@dataclass
class Curve:
    """Figures of the steps, such as content and style, averaged over windows of 100 steps. All steps have the same figures."""

    points: list[dict[str, float]] = field(default_factory=list)
    window: list[dict[str, float]] = field(default_factory=list)

    def add(self, figures: Mapping[str, float]) -> None:
        """Take in the figures of one step."""
        self.window.append(dict(figures))
        if len(self.window) == WINDOW:
            self.points.append(_mean(self.window))
            self.window.clear()

    def latest(self) -> dict[str, float]:
        """Return the means of the last up to 100 steps, or nothing before the first."""
        if self.window:
            return _mean(self.window)
        return dict(self.points[-1]) if self.points else {}

    def to_json(self) -> dict[str, Any]:
        """Return the curve as JSON data."""
        return {"points": self.points, "window": self.window}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Curve:
        """Read what `to_json` wrote."""
        return cls([dict(point) for point in data["points"]], [dict(step) for step in data["window"]])

    def columns(self) -> dict[str, Any]:
        """Return what a recipe keeps: a list per figure, one number per window."""
        names = self.points[0] if self.points else {}
        return {"every_steps": WINDOW} | {name: [round(point[name], 4) for point in self.points] for name in names}


def stage(
    settings: Mapping[str, Any], *, steps: int, seconds: float, skipped: int, photos: int, curve: Curve, **more: Any
) -> dict[str, Any]:
    """Return one stage of a recipe; `more` is what only this kind of training has to say."""
    return {
        "program": f"stylecam {__version__}",
        **more,
        "steps_done": steps,
        "minutes": round(seconds / 60, 1),
        "steps_skipped": skipped,
        "photos": photos,
        "settings": dict(settings),
        "curve": curve.columns(),
    }


def with_stage(pack: StylePack | None, new: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recipe: the one that `pack` has, and a stage more."""
    recipe = dict(pack.recipe) if pack else {}
    earlier = recipe.get("stages")
    return {**recipe, "stages": [*(earlier if isinstance(earlier, list) else []), dict(new)]}  # a stranger's recipe may hold anything


def _mean(steps: list[dict[str, float]]) -> dict[str, float]:
    return {name: sum(step[name] for step in steps) / len(steps) for name in steps[0]}
