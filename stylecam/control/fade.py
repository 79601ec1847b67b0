"""The way from one scene to another: γ and β in a straight line, numbers too; what cannot be halved changes in the middle."""

from __future__ import annotations

from typing import Any

from stylecam.core.mix import StyleMix
from stylecam.core.params import RAW, STRENGTH, Param, RenderParams


def ease(share: float, shape: str) -> float:
    """Return how much of the way is gone when `share` of the time is.

    Args:
        share: from 0 to 1.
        shape: one of `core.window_params.FADE_SHAPES`.

    >>> [ease(0.25, shape) for shape in ("linear", "smooth", "slow-start", "slow-end")]
    [0.25, 0.15625, 0.0625, 0.4375]
    """
    share = min(1.0, max(0.0, share))
    if shape == "smooth":
        return share * share * (3 - 2 * share)
    if shape == "slow-start":
        return share * share
    if shape == "slow-end":
        return share * (2 - share)
    return share


def between(start: RenderParams, end: RenderParams, share: float) -> RenderParams:
    """Return what lies between two states of all controls.

    γ and β of the mix move in a straight line (arXiv 1610.07629, section 3.4, mixes them so), with the strength too: a weaker mix counts
    less on the way, and the plain photo not at all. Weights are scaled only as far as the line needs it, so that no slider jumps.

    Args:
        start: at share 0.
        end: at share 1.
        share: how much of the way is gone.

    >>> a, b = RenderParams(StyleMix({"senecio": 0.5})), RenderParams(StyleMix({"great_wave": 1.0}), {STRENGTH: 0.5})
    >>> halfway = between(a, b, 0.5)
    >>> halfway[STRENGTH], {style: round(weight, 2) for style, weight in halfway.mix}
    (0.75, {'senecio': 0.44, 'great_wave': 0.22})
    """
    if share <= 0:
        return start
    if share >= 1:
        return end
    values = {param: _value(param, start[param], end[param], share) for param in {**start.values, **end.values}}
    # The way is V = photo + s (M - photo) from one end's s and M to the other's: the mix M counts by its strength.
    weak, strong = _strength(start), _strength(end)
    strength = weak + share * (strong - weak)
    mix, raw = _mixed(start, end, share * strong / strength if strength else share)
    return RenderParams(mix, {**values, RAW: raw, STRENGTH: strength})


def _strength(params: RenderParams) -> float:
    return 0.0 if params.mix.is_silent else params[STRENGTH]


def _mixed(start: RenderParams, end: RenderParams, share: float) -> tuple[StyleMix, bool]:
    """Return the weights, and whether they are raw."""
    if share <= 0 or share >= 1:
        return (start.mix, start[RAW]) if share <= 0 else (end.mix, end[RAW])
    first, second = _effective(start), _effective(end)
    mixed = {style: (1 - share) * first.get(style, 0.0) + share * second.get(style, 0.0) for style in {**first, **second}}
    if start[RAW] or end[RAW]:
        return StyleMix(mixed), True
    # They are scaled to sum to 1 in any case: so large that the sliders begin and end where they stand, and none leaves its range.
    total = (1 - share) * abs(sum(start.mix.weights.values())) + share * abs(sum(end.mix.weights.values()))
    peak = max(map(abs, mixed.values()), default=0.0)
    scale = min(total, 1 / peak) if peak else 1.0
    return StyleMix({style: scale * weight for style, weight in mixed.items()}), False


def _effective(params: RenderParams) -> dict[str, float]:
    """Return the weights with which the styles are added up."""
    weights = dict(params.mix.weights)
    total = 1.0 if params[RAW] else sum(weights.values())
    return {style: weight / total for style, weight in weights.items()} if total else weights


def _value(param: Param[Any], start: Any, end: Any, share: float) -> Any:
    if param.kind == "number" and all(param.low <= value <= param.high for value in (start, end)):
        return start + share * (end - start)
    return start if share < 0.5 else end  # a switch, a choice, a size; or one end means "off"
