"""Short names for styles and packs: made of the words that people write, and given to none twice."""

from __future__ import annotations

import re
from collections.abc import Callable


def as_id(text: str) -> str:
    """Return a text's letters and digits in small letters, with one underscore for all between; empty if it has none.

    >>> as_id("My Garden, 2nd!")
    'my_garden_2nd'
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def first_free(name: str, is_taken: Callable[[str], bool], joint: str = "_") -> str:
    """Return `name`, or with a number the first that nothing else has.

    >>> first_free("waves", {"waves", "waves_2"}.__contains__)
    'waves_3'
    """
    number, free = 1, name
    while is_taken(free):
        number += 1
        free = f"{name}{joint}{number}"
    return free
