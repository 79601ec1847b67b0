"""What the numbers of every training must keep to, in one sentence each; `who` begins it, such as "Training"."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from stylecam.errors import TrainingError

LEAST_PX, MOST_PX = 32, 4096


def check_counts(config: object, names: Iterable[str], who: str) -> None:
    """Refuse counts below 1; None leaves one out.

    Raises:
        TrainingError: with its name and value.
    """
    for name in names:
        value = getattr(config, name)
        if value is not None and value < 1:
            raise TrainingError(f"{who} needs {name} of at least 1, not {value}; give a larger number.")


def check_sizes(config: object, names: Iterable[str], who: str, usual: str) -> None:
    """Refuse sides of images that show nothing, or that no memory holds.

    Raises:
        TrainingError: with its name and value, and what is `usual`.
    """
    for name in names:
        if not LEAST_PX <= getattr(config, name) <= MOST_PX:
            raise TrainingError(f"{who} needs {name} between {LEAST_PX} and {MOST_PX}, not {getattr(config, name)}; {usual}.")


def check_positive(config: object, names: Iterable[str], who: str) -> None:
    """Refuse what is not a finite number above 0.

    Raises:
        TrainingError: with its name and value.
    """
    for name in names:
        if not (math.isfinite(getattr(config, name)) and getattr(config, name) > 0):
            raise TrainingError(f"{who} needs a positive {name}, not {getattr(config, name)}.")


def check_weights(config: object, names: Mapping[str, str], who: str) -> None:
    """Refuse weights below 0; `names` says what 0 leaves out.

    Raises:
        TrainingError: with its name and value.
    """
    for name, what in names.items():
        if not (math.isfinite(getattr(config, name)) and getattr(config, name) >= 0):
            raise TrainingError(f"{who} needs a {name} of at least 0, not {getattr(config, name)}; 0 leaves {what} out.")


def check_shares(config: object, names: Mapping[str, str], who: str) -> None:
    """Refuse what is not from 0 to 1; `names` says what one of these ends means.

    Raises:
        TrainingError: with its name and value.
    """
    for name, end in names.items():
        if not 0 <= getattr(config, name) <= 1:
            raise TrainingError(f"{who} needs a {name} from 0 to 1, not {getattr(config, name)}; {end}.")


def check_minutes(minutes: float | None, what: str, advice: str) -> None:
    """Refuse a time in which nothing can be trained; None is no limit.

    Raises:
        TrainingError: `what` cannot be trained, with an advice.
    """
    if minutes is not None and not (math.isfinite(minutes) and minutes > 0):
        raise TrainingError(f"{what} cannot be trained in {minutes:g} minutes; {advice}.")


def check_end(minutes: float | None, steps: int | None) -> None:
    """Refuse a fit that never ends.

    Raises:
        TrainingError: neither is given.
    """
    if minutes is None and steps is None:
        raise TrainingError("A fit needs an end: give it minutes or steps.")
