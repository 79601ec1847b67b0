"""What can be told apart: contrasts of the palettes, and that the style sheet uses nothing else."""

from __future__ import annotations

import re

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stylecam.gui.widgets.icons import app_icon, icon
from stylecam.gui.widgets.palette import CONTRAST, DARK, LIGHT, Palette, contrast
from stylecam.gui.widgets.theme import THEMES, style_sheet, theme

GROUNDS = ("window", "panel", "card", "raised", "active", "hover")


@pytest.mark.parametrize("palette", [DARK, LIGHT, CONTRAST], ids=lambda palette: palette.name)
def test_everything_can_be_told_apart(palette: Palette) -> None:
    """WCAG 2: text 4.5:1, whatever marks a control or its state 3:1, on every ground that it stands on."""

    def least(colours: tuple[str, ...], grounds: tuple[str, ...]) -> dict[tuple[str, str], float]:
        return {(one, ground): contrast(getattr(palette, one), getattr(palette, ground)) for one in colours for ground in grounds}

    text = least(("text", "faint"), GROUNDS)
    text |= least(("disabled",), ("panel", "card", "raised"))
    text |= {
        (one, ground): contrast(getattr(palette, one), getattr(palette, ground))
        for one, ground in (
            ("on_accent", "accent"),
            ("on_alone", "alone"),
            ("on_record", "record"),
            ("on_live", "live"),
            ("on_warning", "warning"),
        )
    }
    assert {pair: round(value, 2) for pair, value in text.items() if value < 4.5} == {}
    marks = least(("line", "hover_line", "accent", "focus", "alone", "record", "live", "knob"), GROUNDS)
    assert {pair: round(value, 2) for pair, value in marks.items() if value < 3} == {}


def test_contrast_is_that_of_wcag() -> None:
    """White on black is 21:1, a colour on itself 1:1, and the grey #767676 on white the famous 4.54:1."""
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#336699", "#336699") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("palette", [DARK, LIGHT, CONTRAST], ids=lambda palette: palette.name)
def test_the_sheet_has_no_colours_of_its_own(palette: Palette) -> None:
    """Every colour of the style sheet is one of the palette's, so that the test above has seen it; focus shows on all that takes it."""
    sheet = style_sheet(palette)
    assert set(re.findall(r"#[0-9a-f]{6}\b", sheet)) <= {value for value in vars(palette).values() if value.startswith("#")}
    for widget in (
        "QToolButton:focus",
        "QLineEdit:focus",
        "QComboBox:focus",
        "StyleCard:focus",
        "handle:horizontal:focus",
        "indicator:focus",
    ):
        assert re.search(rf"{re.escape(widget)}[^}}]*{palette.focus}", sheet), widget


def test_themes_change_while_the_window_is_open(qtbot: QtBot) -> None:
    """Dark, light, and as the system; icons follow; an unknown name from a settings file is dark."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before = app.styleSheet()
    try:
        drawn = {}
        for name in ("light", "dark"):
            theme.apply(name)
            assert theme.palette.name == name
            assert theme.palette.panel in app.styleSheet()
            drawn[name] = icon("camera").pixmap(24, 24).toImage()
        assert drawn["light"] != drawn["dark"]
        theme.apply("mauve")
        assert theme.name == "dark"
        theme.apply("system")
        hints = app.styleHints()
        assert hints is not None
        assert theme.palette is (LIGHT if hints.colorScheme() == Qt.ColorScheme.Light else DARK)
        assert set(THEMES) == {"dark", "light", "contrast", "system"}
        theme.apply("contrast", "larger")
        assert theme.palette is CONTRAST
        assert "font-size: 19px" in app.styleSheet(), "13 px, and 1.45 times that"
    finally:
        theme.apply("dark", "normal")
        app.setStyleSheet(before)
    assert not app_icon().pixmap(64, 64).isNull()
