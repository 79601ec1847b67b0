"""What another sink costs: one file with a `Sink` and a `make`, and one line of the registry."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SINK = """
from stylecam.core.queues import Overflow
from stylecam.outputs.base import Sink

class Camera(Sink):
    title, busy, done = "The camera", "camera busy", "sent"
    capacity, overflow, size = 2, Overflow.DROP_OLD, (32, 32)
    shapes = set()

    def write(self, frame):
        self.shapes.add(frame.image.shape)

    def close(self):
        pass

def make(request):
    return Camera()
"""

SCRIPT = """
import sys, time
from stylecam.outputs import registry
registry.SINKS += (registry.SinkSpec("camera_out", "camera_sink", "&Virtual camera", "Ctrl+Shift+V", "Send it to calls."),)  # the line

from dataclasses import replace
from pathlib import Path
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QLabel
from stylecam.app.live.session import Session
from stylecam.gui.window import MainWindow
from stylecam.outputs.registry import SinkRequest, start_sink
from tests.fakes import tiny_pack
from tests.live_fakes import World

app = QApplication([])
world = World()
def start(name, ledger, words, option):
    return start_sink(name, SinkRequest(Path(sys.argv[1]), words), ledger)

services = replace(world.services(), start_sink=start)
window = MainWindow(Session(tiny_pack(), services), lambda settings: "")
window.show()
window.open_source("demo")
action = window.actions_by_id["camera_out"]
window.help_sheet.show()
assert "Virtual camera" in [label.text() for label in window.help_sheet.findChildren(QLabel)]
window.help_sheet.close()
action.trigger()
window.actions_by_id["record"].trigger()
import camera_sink
for _ in range(400):
    world.feed.put()
    QTest.qWait(10)
    if camera_sink.Camera.shapes and window.session.ledger.snapshot()[0].get("recorded", 0) >= 3 and "00:" in action.iconText():
        break
assert camera_sink.Camera.shapes == {(32, 32, 3)}, camera_sink.Camera.shapes
assert action.isChecked()
action.trigger()
QTest.qWait(300)
assert (action.isChecked(), action.iconText()) == (False, "Virtual camera")
assert window.actions_by_id["record"].isChecked(), "the other one goes on"
window.close()
print("done")
"""


def test_a_camera_is_one_file_and_a_line(tmp_path: Path, repository: Path) -> None:
    """It has a switch with key and help in the window, runs beside the recorder in its own size, and goes off without disturbing that."""
    (tmp_path / "camera_sink.py").write_text(SINK)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(repository), str(tmp_path))), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-W", "error", "-c", SCRIPT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr
    (clip,) = tmp_path.glob("*.mp4")
    assert clip.stat().st_size > 0
