"""Starting Qt where OpenCV has been before, and where there may be no screen."""

from __future__ import annotations

import os
import sys

from stylecam.errors import UsageError


def prepare_environment() -> None:
    """Undo what OpenCV's wheel sets for its own Qt, and check that there is a display. Call before QApplication.

    Raises:
        UsageError: there is no display to open a window on.
    """
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        if "cv2" in os.environ.get(name, ""):
            del os.environ[name]
    if os.environ.get("LD_LIBRARY_PATH", "").endswith(":"):
        os.environ["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"].rstrip(":")
    has_screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform.startswith("linux") and not has_screen:
        raise UsageError(
            "There is no display to open a window on; start stylecam from a desktop session or with `xvfb-run -a`, "
            "or stylize files with `stylecam still`."
        )
