"""Windows without a screen: real Qt widgets on Qt's offscreen platform."""

from __future__ import annotations

import os


def pytest_configure() -> None:
    """Choose the platform before any test makes a QApplication; a screen that is named on purpose stays."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
