"""The style sheet of every widget, made from a palette: dark, light, or as the system has it."""

from __future__ import annotations

import re
from string import Template

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QGuiApplication, QPalette
from PyQt6.QtWidgets import QApplication

from stylecam.core.paths import shipped
from stylecam.gui.widgets.palette import CONTRAST, DARK, LIGHT, Palette

#: What can be chosen.
THEMES = ("dark", "light", "contrast", "system")
#: How large letters are drawn, by names.
TEXT_SIZES = {"normal": 1.0, "large": 1.2, "larger": 1.45}

_SHEET = Template("""
QWidget { background: $panel; color: $text; font-size: 13px; }
QMainWindow, QMenuBar, QStatusBar { background: $window; }
QMenuBar { padding: 2px 6px; }
QMenuBar::item { padding: 4px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $card; border: 1px solid $line; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 10px; border-radius: 4px; border: 1px solid transparent; }
QMenu::item:selected { background: $hover; border-color: $hover_line; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $quiet_line; margin: 5px 8px; }
QMenu::icon { padding-left: 8px; }
QMenu::indicator { width: 14px; height: 14px; border: 1px solid transparent; margin-left: 4px; }
QMenu::indicator:non-exclusive:unchecked, QMenu::indicator:exclusive:unchecked { border: 1px solid $line; border-radius: 3px; }
QMenu::indicator:non-exclusive:checked, QMenu::indicator:exclusive:checked { border: 1px solid $accent; border-radius: 3px;
    background: $accent; image: url($check); }
QStatusBar { border-top: 1px solid $quiet_line; }
QStatusBar::item { border: none; }
QStatusBar QLabel { background: transparent; color: $faint; font-size: 12px; padding: 1px 6px; }
#faint { color: $faint; font-size: 12px; }
#title { font-weight: 600; }
#section { font-size: 14px; font-weight: 600; color: $text; padding-top: 6px; qproperty-indent: 0; }
#head { font-size: 12px; font-weight: 600; color: $faint; }
#key { background: $raised; border: 1px solid $line; border-radius: 4px; padding: 1px 7px; font-size: 12px; }
#sheet, #sheet QScrollArea, #sheet #inner { background: $card; }
#sheet QScrollArea > QWidget > QWidget { background: $card; }
#sheet QLabel { background: transparent; }
#sheet #key { background: $raised; }
#bar, #stage { background: $window; }
#rack, QScrollArea, #bar #clear, #bar QLabel { background: transparent; }
StyleCard { background: $card; border: 2px solid $card; border-radius: 8px; }
StyleCard:hover { border-color: $line; }
StyleCard[state="on"] { background: $active; border-color: $accent; }
StyleCard[state="alone"] { background: $active; border-color: $alone; }
StyleCard[state="muted"] QSlider::sub-page:horizontal { background: $disabled; }
StyleCard:focus, StyleCard[state="on"]:focus, StyleCard[state="alone"]:focus { border-color: $focus; }
StyleCard QLabel, StyleCard QSlider { background: transparent; }
MixChip { background: $active; border: 1px solid $accent; border-radius: 11px; }
MixChip[state="alone"] { border-color: $alone; }
MixChip[state="muted"] { background: $card; border-color: $line; }
MixChip QLabel { background: transparent; font-size: 12px; }
#well { background: $window; border: 1px solid $line; border-radius: 7px; color: $faint; padding: 4px; }
#well:focus { border: 2px solid $focus; padding: 3px; }
QPushButton#primary { background: $accent; border-color: $accent; color: $on_accent; font-weight: 600; }
QPushButton#primary:hover { border-color: $text; }
QPushButton#primary:focus { border: 2px solid $on_accent; }
QPushButton#primary:disabled { background: $raised; border-color: $line; color: $disabled; }
QProgressBar { background: $raised; border: 1px solid $line; border-radius: 4px; max-height: 8px; min-height: 8px; }
QProgressBar::chunk { background: $accent; border-radius: 4px; }
QLabel:disabled, QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled { color: $disabled; }
#banner { background: $warning; color: $on_warning; border-radius: 8px; }
#banner QLabel { background: transparent; color: $on_warning; }
#notice { background: $card; border: 1px solid $line; border-radius: 8px; }
#notice[kind="problem"] { border: 2px solid $record; }
#notice QLabel { background: transparent; color: $text; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit { background: $card; border: 1px solid $line; border-radius: 6px;
    padding: 5px 9px; min-height: 18px; selection-background-color: $focus; selection-color: $window; placeholder-text-color: $faint; }
QLineEdit { padding: 0 9px; min-height: 28px; }
QSpinBox, QDoubleSpinBox { padding: 5px 4px; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus { border: 2px solid $focus; padding: 4px 8px; }
QLineEdit:focus { padding: 0 8px; min-height: 26px; }
QLineEdit#number { background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 0 2px; min-height: 18px;
    color: $text; }
QLineEdit#number:disabled { color: $disabled; }
QLineEdit#number:hover { border-color: $line; }
QLineEdit#number:focus { background: $card; border: 2px solid $focus; padding: 0 1px; min-height: 16px; }
QComboBox:hover { border-color: $hover_line; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url($down); width: 14px; height: 14px; }
QListView, QTreeView { background: $card; border: 1px solid $line; border-radius: 6px; outline: none; }
QListView:focus, QTreeView:focus { border: 2px solid $focus; }
QListView::item, QTreeView::item { padding: 6px; color: $text; }
QListView::item:hover, QTreeView::item:hover { background: $hover; }
QListView::item:selected, QTreeView::item:selected { background: $focus; color: $window; }
QComboBox QAbstractItemView { border-radius: 0; background: $card; border: 1px solid $line; selection-background-color: $focus;
    selection-color: $window; outline: none; }
QComboBox QAbstractItemView::item { padding: 4px 8px; min-height: 18px; }
QComboBox QAbstractItemView::item:hover, QComboBox QAbstractItemView::item:selected { background: $focus; color: $window; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QCheckBox, QRadioButton { background: transparent; }
QCheckBox::indicator, QRadioButton::indicator { width: 15px; height: 15px; border: 1px solid $line; border-radius: 4px; background: $card; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($check); }
QRadioButton::indicator:checked { background: $accent; border: 4px solid $card; }
QCheckBox:focus, QRadioButton:focus { outline: 2px solid $focus; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 2px solid $focus; }
QToolButton, QPushButton { background: $raised; border: 1px solid $line; border-radius: 6px; padding: 5px 9px; min-height: 18px; }
QToolButton:hover, QPushButton:hover { background: $hover; border-color: $hover_line; }
QToolButton:checked { background: $active; border-color: $accent; color: $text; }
QToolButton:pressed, QPushButton:pressed { background: $hover; border-color: $text; }
QToolButton:disabled, QPushButton:disabled { color: $disabled; border-color: $quiet_line; background: transparent; }
QToolButton:focus, QPushButton:focus { border: 2px solid $focus; padding: 4px 8px; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton#small { padding: 0; min-height: 0; border: 1px solid transparent; border-radius: 5px; background: transparent; }
QToolButton#small:hover { background: $hover; border-color: $hover_line; }
QToolButton#small:checked { background: transparent; border-color: transparent; }
QToolButton#small:checked:hover { border-color: $hover_line; }
QToolButton#small:focus { border: 2px solid $focus; padding: 0; }
QToolButton#chip { border-radius: 10px; padding: 0 8px; font-size: 12px; min-height: 18px; }
QToolButton#chip:focus { padding: 0 7px; }
QToolButton#solo_chip { background: $alone; border-color: $alone; color: $on_alone; text-align: left; font-weight: 600; border-radius: 12px;
    padding: 3px 10px; }
QToolButton#solo_chip:hover { border-color: $text; }
QToolButton#solo_chip:focus { border: 2px solid $on_alone; padding: 2px 9px; }
QToolButton#record { font-weight: 600; }
QToolButton#record:checked, QToolButton#bypass:checked { background: $record; border-color: $record; color: $on_record; }
QToolButton#live:checked { background: $live; border-color: $live; color: $on_live; font-weight: 600; }
QToolButton#record:checked:focus, QToolButton#bypass:checked:focus { border: 2px solid $on_record; }
QToolButton#live:checked:focus { border: 2px solid $on_live; }
QLineEdit QToolButton { min-height: 0; padding: 0; border: none; background: transparent; }
QToolButton#star { padding: 0; min-height: 0; border: none; border-radius: 11px; background: $card; }
QToolButton#star:hover { border: 1px solid $hover_line; }
QSlider { min-height: 22px; }
QSlider::groove:horizontal { height: 6px; background: $line; border-radius: 3px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 3px; }
QSlider::sub-page:horizontal:disabled { background: $disabled; }
QSlider::handle:horizontal { width: 16px; height: 16px; margin: -6px 0; border-radius: 8px; background: $knob; border: 1px solid $window; }
QSlider::handle:horizontal:hover { background: $text; }
QSlider::handle:horizontal:focus { border: 3px solid $focus; width: 12px; height: 12px; }
QSlider::handle:horizontal:disabled { background: $disabled; }
QScrollBar:vertical { width: 10px; background: transparent; }
QScrollBar::handle:vertical { background: $line; border-radius: 5px; min-height: 30px; }
QScrollBar:horizontal { height: 10px; background: transparent; }
QScrollBar::handle:horizontal { background: $line; border-radius: 5px; min-width: 30px; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $window; width: 5px; }
QSplitter::handle:hover { background: $line; }
QToolTip { background: $card; color: $text; border: 1px solid $line; padding: 4px; }
""")


def style_sheet(palette: Palette, text_scale: float = 1.0) -> str:
    """Return the style sheet of a palette, with letters `text_scale` times as large."""
    signs = "light" if palette is LIGHT else "dark"
    files = {name: shipped("assets", "icons", f"{file}-{signs}.svg").as_posix() for name, file in (("check", "tick"), ("down", "down"))}
    sheet = _SHEET.substitute(vars(palette) | files)
    return re.sub(r"font-size: (\d+)px", lambda size: f"font-size: {round(int(size[1]) * text_scale)}px", sheet)


#: The theme that stylecam begins with.
STYLE_SHEET = style_sheet(DARK)


class Theme(QObject):
    """The theme of the moment. `changed` tells those who draw by themselves."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.name = "dark"
        self.text_size = "normal"
        self.palette = DARK
        self._listens = False

    def apply(self, name: str, text_size: str = "") -> None:
        """Dress the application in a theme of `THEMES`; "system" follows the system from now on. `text_size` is of `TEXT_SIZES`."""
        self.name = name if name in THEMES else "dark"
        self.text_size = text_size if text_size in TEXT_SIZES else self.text_size
        hints = QGuiApplication.styleHints()
        if hints is not None and not self._listens:
            self._listens = True
            hints.colorSchemeChanged.connect(lambda: self.apply(self.name) if self.name == "system" else None)
        is_light = self.name == "light" or (self.name == "system" and hints is not None and hints.colorScheme() == Qt.ColorScheme.Light)
        self.palette = LIGHT if is_light else CONTRAST if self.name == "contrast" else DARK
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setPalette(_qt_palette(self.palette))  # for what no style sheet reaches, such as links
            app.setStyleSheet(style_sheet(self.palette, TEXT_SIZES[self.text_size]))
        self.changed.emit()


def _qt_palette(palette: Palette) -> QPalette:
    made = QPalette()
    role = QPalette.ColorRole
    for roles, colour in (
        ((role.Window, role.Button), palette.panel),
        ((role.Base, role.AlternateBase, role.ToolTipBase), palette.card),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), palette.text),
        ((role.Highlight, role.Link), palette.focus),
        ((role.HighlightedText,), palette.window),
        ((role.PlaceholderText,), palette.faint),
    ):
        for each in roles:
            made.setColor(each, QColor(colour))
    return made


#: The one of this program.
theme = Theme()
