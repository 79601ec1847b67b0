"""A pack's texts are shown as they are written, whatever they look like."""

from __future__ import annotations

from dataclasses import replace

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from stylecam.gui.live.card import StyleCard
from stylecam.gui.widgets.plain_text import plain_label, plain_tip
from tests.fakes import tiny_pack

HOSTILE = "<img src='/etc/x'><b>bold</b>"


def test_markup_in_a_title_is_not_rendered(qtbot: QtBot) -> None:
    """A stranger's title is text in every label and is escaped in every tooltip of its row."""
    row = StyleCard(replace(tiny_pack().styles[0], title=HOSTILE, artist=HOSTILE))
    qtbot.addWidget(row)
    shown = [label for label in row.findChildren(QLabel) if "<" in label.text()]
    assert shown
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in shown)
    for tip in (row.toolTip(), row.star.toolTip()):
        assert "<img" not in tip
        assert "&lt;img" in tip


def test_plain_helpers_keep_lines_and_letters(qtbot: QtBot) -> None:
    """Line breaks survive, markup does not."""
    label = plain_label(HOSTILE)
    qtbot.addWidget(label)
    assert label.text() == HOSTILE
    assert plain_tip("a\n<b>") == "<span>a<br>&lt;b&gt;</span>"
