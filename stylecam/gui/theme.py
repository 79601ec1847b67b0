"""A dark theme: the picture is the brightest thing in the window."""

STYLE_SHEET = """
QWidget { background: #18181b; color: #e4e4e7; font-size: 13px; }
QMainWindow, QMenuBar, QStatusBar { background: #111113; }
QStatusBar QLabel, #faint { color: #9b9ba4; font-size: 11px; }
#title { font-weight: 600; }
#rack, QScrollArea { background: transparent; }
StyleRow { background: #202024; border-radius: 6px; }
StyleRow QLabel, StyleRow QSlider { background: transparent; }
#banner { background: #7f1d1d; color: #fff5f5; padding: 8px 14px; }
QLineEdit { background: #202024; border: 1px solid #34343a; border-radius: 6px; padding: 6px 10px; }
QLineEdit:focus { border-color: #f2a93b; }
QPushButton { background: #2a2a30; border: 1px solid #3a3a42; border-radius: 6px; padding: 7px; }
QPushButton:hover { background: #34343c; }
QPushButton:pressed { background: #f2a93b; color: #111113; }
QSlider::groove:horizontal { height: 4px; background: #3a3a42; border-radius: 2px; }
QSlider::sub-page:horizontal { background: #f2a93b; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: #f4f4f5; }
QSlider::handle:horizontal:focus { background: #f2a93b; }
QScrollBar:vertical { width: 10px; background: transparent; }
QScrollBar::handle:vertical { background: #3a3a42; border-radius: 5px; min-height: 30px; }
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical { height: 0; }
QSplitter::handle { background: #111113; width: 2px; }
QToolTip { background: #2a2a30; color: #e4e4e7; border: 1px solid #3a3a42; padding: 4px; }
"""
