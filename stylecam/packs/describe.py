"""What a pack's recipe says, in lines for people; strangers may have written it, so nothing in it is trusted to be there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LENGTH = 80
#: More stages than these are summed up.
_MOST = 4
#: The figures of a step whose sum is shown.
_LOSSES = ("content", "style")
#: What is larger is no measurement, and no plot could show it.
_MAX_STEPS, _MAX_LOSS = 10**9, 1e30


def training_line(stage: Mapping[str, Any]) -> str:
    """Return how long a stage of training was, as far as its recipe says.

    >>> training_line({"steps_done": 300, "minutes": 3.0, "program": "stylecam 0.1"})
    '300 steps in 3 minutes, by stylecam 0.1'
    >>> training_line({"steps_done": 1})
    '1 step'
    """
    steps, minutes, program = (plain(stage[key]) if key in stage else "" for key in ("steps_done", "minutes", "program"))
    minutes = minutes.removesuffix(".0")
    steps = f"{int(steps):,}" if steps.isdecimal() else steps
    lasted = f"{steps or 'some'} step{'' if steps == '1' else 's'}"
    if minutes:
        lasted += f" in {minutes} minute{'' if minutes == '1' else 's'}"
    return f"{lasted}, by {program}" if program else lasted


def recipe_lines(recipe: Mapping[str, Any]) -> list[str]:
    """Return a line for every stage of training, or for every pack that was merged; none where the recipe says nothing of that.

    >>> recipe_lines({"stages": [{"steps_done": 300}]})
    ['Training: 300 steps']
    """
    stages, merged = recipe.get("stages"), recipe.get("merged")
    stages = [stage for stage in stages if isinstance(stage, dict)] if isinstance(stages, list) else []
    lines = [f"Training: {training_line(stage)}" for stage in stages]
    if len(lines) > _MOST:
        steps = sum(stage["steps_done"] for stage in stages if isinstance(stage.get("steps_done"), int))
        lines = [
            f"Training: {steps:,} steps in {len(lines)} stages; the last two:",
            *(line.removeprefix("Training: ") for line in lines[-2:]),
        ]
    names = [plain(each.get("pack", "?")) for each in merged if isinstance(each, dict)] if isinstance(merged, list) else []
    if names:
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST + 1 else ""
        lines.append(f"Merged of {', '.join(names[:_MOST] if more else names)}{more}")
    if isinstance(recipe.get("imported"), dict):
        lines.append(f"Imported from {plain(recipe['imported'].get('format', 'another program'))}")
    return lines


def plain(value: Any) -> str:
    """Return what a stranger wrote as a short text without control codes."""
    text = str(value)[:_LENGTH]
    return text if text.isprintable() else ascii(text)


def curve_of(recipe: Mapping[str, Any]) -> tuple[tuple[int, float], ...]:
    """Return (step, loss) of the last stage of training that kept its curve: content and style together; nothing where none did.

    >>> curve_of({"stages": [{"curve": {"every_steps": 100, "content": [0.5, 0.25], "style": [1.0, 0.5]}}]})
    ((100, 1.5), (200, 0.75))
    """
    stages = recipe.get("stages")
    for stage in reversed(stages) if isinstance(stages, list) else ():
        curve = stage.get("curve") if isinstance(stage, dict) else None
        if not isinstance(curve, dict) or not isinstance(every := curve.get("every_steps"), int) or not 0 < every <= _MAX_STEPS:
            continue
        parts = [curve[name] for name in _LOSSES if isinstance(curve.get(name), list)]
        if parts and all(isinstance(value, (int, float)) and abs(value) <= _MAX_LOSS for part in parts for value in part):
            return tuple((every * (at + 1), float(sum(values))) for at, values in enumerate(zip(*parts, strict=False)))
    return ()
