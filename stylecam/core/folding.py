"""Texts as searches compare them."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Return a text in small letters and without accents.

    >>> folded("The Night Café")
    'the night cafe'
    """
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)).casefold()


def run_together(text: str) -> str:
    """Return a text's letters and digits alone, folded: "Van Gogh", "van_gogh" and "vangogh" are the same.

    >>> run_together("Van Gogh, 1889")
    'vangogh1889'
    """
    return "".join(letter for letter in folded(text) if letter.isalnum())
