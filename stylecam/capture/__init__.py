"""Where frames come from: cameras, clips, streams, folders, a test pattern."""

import os

# OpenCV reads these when it is loaded. What goes wrong is reported in sentences of our own, not by OpenCV on the terminal. Media
# Foundation's hardware transforms take up to minutes to open a camera; a Video4Linux camera that was unplugged shall not block for ten
# seconds; macOS' question for permission belongs to the main thread, not to capture.
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "3")
os.environ.setdefault("OPENCV_AVFOUNDATION_SKIP_AUTH", "1")
