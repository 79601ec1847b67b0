"""Texts from elsewhere (packs, files, drivers) shown letter by letter: Qt would take what looks like HTML for HTML."""

from __future__ import annotations

import html

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel


def plain_label(text: str = "") -> QLabel:
    """Return a label that shows its texts as they are."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def plain_tip(text: str) -> str:
    """Return `text` for a tooltip, which has no format of its own: as HTML in which nothing of it is markup."""
    return f"<span>{html.escape(text).replace(chr(10), '<br>')}</span>"
