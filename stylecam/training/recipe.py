"""What a pack says of how it was made: the settings and the loss curve of every stage of its training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stylecam import __version__
from stylecam.packs.pack import StylePack
from stylecam.training.config import TrainConfig

#: Steps that one point of the curve averages.
WINDOW = 100


@dataclass
class Curve:
    """Content and style loss over the steps, averaged over windows of 100 steps."""

    points: list[tuple[float, float]] = field(default_factory=list)
    window: list[tuple[float, float]] = field(default_factory=list)

    def add(self, content: float, style: float) -> None:
        """Take in the losses of one step."""
        self.window.append((content, style))
        if len(self.window) == WINDOW:
            self.points.append(_mean(self.window))
            self.window.clear()

    def latest(self) -> dict[str, float]:
        """Return the means of the last up to 100 steps, or nothing before the first."""
        if not self.window and not self.points:
            return {}
        content, style = _mean(self.window) if self.window else self.points[-1]
        return {"content": content, "style": style}

    def to_json(self) -> dict[str, Any]:
        """Return the curve as JSON data."""
        return {"points": self.points, "window": self.window}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Curve:
        """Read what `to_json` wrote."""
        return cls([(c, s) for c, s in data["points"]], [(c, s) for c, s in data["window"]])


def describe(
    config: TrainConfig, init: StylePack | None, steps: int, seconds: float, skipped: int, photos: int, curve: Curve
) -> dict[str, Any]:
    """Return the recipe: the stages of `init`, then this one. It holds no paths: packs travel."""
    settings = config.to_json()
    for key in ("report_every", "checkpoint_every", "precision"):
        del settings[key]
    stage = {
        "program": f"stylecam {__version__}",
        "steps_done": steps,
        "minutes": round(seconds / 60, 1),
        "steps_skipped": skipped,
        "photos": photos,
        "settings": settings,
        "curve": {
            "every_steps": WINDOW,
            "content": [round(content, 4) for content, _ in curve.points],
            "style": [round(style, 4) for _, style in curve.points],
        },
    }
    earlier = init.recipe.get("stages") if init else None
    return {"stages": [*(earlier if isinstance(earlier, list) else []), stage]}  # a stranger's recipe may hold anything


def _mean(values: list[tuple[float, float]]) -> tuple[float, float]:
    return sum(c for c, _ in values) / len(values), sum(s for _, s in values) / len(values)
