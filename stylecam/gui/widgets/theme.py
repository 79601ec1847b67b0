"""A dark theme: the preview is the brightest thing in the window."""

STYLE_SHEET = """
QWidget { background: #18181b; color: #e4e4e7; font-size: 13px; }
QMainWindow, QMenuBar, QStatusBar { background: #111113; }
QMenuBar { padding: 2px 6px; }
QMenuBar::item { padding: 5px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: #2a2a30; }
QMenu { background: #202024; border: 1px solid #3a3a42; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 22px; border-radius: 4px; }
QMenu::item:selected { background: #34343c; }
QStatusBar { border-top: 1px solid #26262b; }
QStatusBar::item { border: none; }
QStatusBar QLabel { background: transparent; color: #9b9ba4; font-size: 12px; padding: 3px 8px; }
#faint { color: #9b9ba4; font-size: 11px; }
#title { font-weight: 600; }
#section { font-size: 15px; font-weight: 600; color: #f2a93b; padding-top: 6px; }
#key { background: #2a2a30; border: 1px solid #3a3a42; border-radius: 4px; padding: 1px 7px; font-size: 12px; }
#sheet { background: #202024; border: 1px solid #3a3a42; }
#sheet QLabel { background: transparent; }
#sheet #key { background: #2f2f36; }
#bar { background: #111113; }
#rack, QScrollArea { background: transparent; }
StyleRow { background: #202024; border: 1px solid #202024; border-radius: 7px; }
StyleRow[state="on"] { background: #26241f; border-color: #6b5227; }
StyleRow[state="muted"] QLabel { color: #5f5f68; }
StyleRow QLabel, StyleRow QSlider { background: transparent; }
#well { background: #111113; border: 1px solid #34343a; border-radius: 7px; color: #9b9ba4; padding: 4px; }
#well:focus { border-color: #f2a93b; }
QPushButton:disabled { color: #5f5f68; }
QPushButton#primary { background: #f2a93b; border-color: #f2a93b; color: #111113; font-weight: 600; }
QPushButton#primary:hover { background: #f7c873; }
QPushButton#primary:disabled { background: #6b5227; border-color: #6b5227; color: #18181b; }
QProgressBar { background: #2a2a30; border: none; border-radius: 4px; max-height: 8px; min-height: 8px; }
QProgressBar::chunk { background: #f2a93b; border-radius: 4px; }
#notice #inset { background: transparent; color: #f4e3c1; }
QLabel:disabled, QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled { color: #5f5f68; }
#banner { background: #7f1d1d; color: #fff5f5; padding: 9px 14px; }
#notice { background: #26241f; color: #f4e3c1; padding: 9px 14px; }
QLineEdit, QComboBox, QSpinBox { background: #202024; border: 1px solid #34343a; border-radius: 6px; padding: 6px 10px; min-height: 18px; }
QSpinBox { padding: 6px 4px; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus { border-color: #f2a93b; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: none; width: 0; height: 0; border-left: 4px solid #202024;
    border-right: 4px solid #202024; border-top: 5px solid #9b9ba4; }
QComboBox QAbstractItemView { background: #202024; border: 1px solid #3a3a42; selection-background-color: #34343c; outline: none; }
QComboBox QAbstractItemView::item { padding: 5px 8px; }
QComboBox QAbstractItemView::item:hover, QComboBox QAbstractItemView::item:selected { background: #6b5227; color: #fff5e0; }
QCheckBox::indicator { width: 15px; height: 15px; border: 1px solid #9b9ba4; border-radius: 4px; background: #111113; }
QCheckBox::indicator:checked { background: #f2a93b; border-color: #f2a93b; }
QCheckBox::indicator:focus { border-color: #f2a93b; }
QToolButton, QPushButton { background: #2a2a30; border: 1px solid #3a3a42; border-radius: 6px; padding: 6px 10px; min-height: 18px; }
QToolButton:hover, QPushButton:hover { background: #34343c; }
QToolButton:focus, QPushButton:focus { border-color: #f2a93b; }
QToolButton:pressed { background: #f2a93b; border-color: #f2a93b; color: #111113; }
QToolButton:checked { background: #2b2618; border-color: #a3752d; color: #f7c873; }
QToolButton:disabled { color: #5f5f68; }
QToolButton#small { padding: 0; min-height: 0; border-radius: 5px; font-size: 11px; color: #9b9ba4; background: transparent; }
QToolButton#small:hover { color: #e4e4e7; background: #34343c; }
QToolButton#small:checked { background: #f2a93b; border-color: #f2a93b; color: #111113; }
QToolButton#chip { background: #2b2618; border-color: #a3752d; color: #f7c873; text-align: left; }
QToolButton#chip:hover { background: #3a3220; }
QToolButton#record:checked, QToolButton#bypass:checked { background: #dc2626; border-color: #dc2626; color: #fff5f5; }
QSlider { min-height: 18px; }
QSlider::groove:horizontal { height: 4px; background: #3a3a42; border-radius: 2px; }
QSlider::sub-page:horizontal { background: #f2a93b; border-radius: 2px; }
QSlider::sub-page:horizontal:disabled { background: #6b5227; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: #f4f4f5; }
QSlider::handle:horizontal:focus { background: #f2a93b; }
QSlider::handle:horizontal:disabled { background: #5f5f68; }
QScrollBar:vertical { width: 10px; background: transparent; }
QScrollBar::handle:vertical { background: #3a3a42; border-radius: 5px; min-height: 30px; }
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical { background: transparent; }
QSplitter::handle { background: #111113; width: 2px; }
QToolTip { background: #2a2a30; color: #e4e4e7; border: 1px solid #3a3a42; padding: 4px; }
"""
