"""The program opens no network socket unless it is told to: seen from outside, so that native libraries count too.

The tests of the window are watched one by one as well, see `tests/gui/conftest.py`; no test may bind a socket that other machines reach.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stylecam.bench.app.fake_ip_camera import NumberedCamera
from stylecam.core.process import child_environment
from tests.sockets import traced_addresses, traced_calls

STRACE = shutil.which("strace")
needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is not installed")

# The converter is what would report; the stub is what OpenVINO itself takes where the reporting package is missing.
CONVERT = """
import sys
from pathlib import Path
from stylecam.engines.lowering.onnx import build_graph
from stylecam.engines.libraries import import_openvino, import_onnxruntime
from tests.fakes import tiny_pack
from tests.sockets import watched_sockets
with watched_sockets() as seen:
    openvino, runtime = import_openvino(), import_onnxruntime()
    pack = tiny_pack()
    Path("net.onnx").write_bytes(build_graph(pack.config.graph(), pack.tensors, 16, 16).SerializeToString())
    openvino.convert_model("net.onnx")
from openvino.tools.ovc import telemetry_utils
print(telemetry_utils.tm.__name__, len(seen), sys.modules.get("openvino_telemetry"))
"""


def traced(folder: Path, *arguments: str) -> list[str]:
    """Run the program under strace and return its network calls; it must succeed."""
    log = folder / "calls"
    environment = child_environment(QT_QPA_PLATFORM="offscreen", STYLECAM_HOME=str(folder / "home"), CUDA_VISIBLE_DEVICES="")
    command = [str(STRACE), "-f", "-qq", "-e", "trace=network", "-o", str(log), sys.executable, "-m", "stylecam", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=250, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return traced_calls(log)


@pytest.mark.slow
@needs_strace
@pytest.mark.parametrize("engine", ["openvino", "onnx", "torch"])
def test_the_window_opens_no_socket(tmp_path: Path, engine: str) -> None:
    """A whole session, recorded, on each engine with all that its library does at its start and end."""
    assert traced(tmp_path, "--source", "pattern:160x120@30", "--engine", engine, "--frames", "8", "--record") == []


@pytest.mark.slow
@needs_strace
@pytest.mark.parametrize(
    "command", [("doctor",), ("pack", "list"), ("still", "{photo}", "-o", "out.png", "--style", "great_wave=1", "--size", "96")]
)
def test_commands_open_no_socket(tmp_path: Path, repository: Path, command: tuple[str, ...]) -> None:
    """Nor do commands, among them the one that asks every library what it finds."""
    photo = str(repository / "assets" / "photos" / "chelsea.jpg")
    assert traced(tmp_path, *(word.format(photo=photo) for word in command)) == []


@pytest.mark.slow
@needs_strace
def test_a_stream_that_is_asked_for_is_all_that_is_reached(tmp_path: Path) -> None:
    """An address as the source: then, and only then, is there a connection, and to that address alone."""
    with NumberedCamera(160, 120, frames=30) as camera:
        calls = traced(tmp_path, "--source", camera.url, "--frames", "8")
    assert traced_addresses(calls) == {"127.0.0.1"}
    assert any("connect(" in call for call in calls)
    assert not any(word in call for call in calls for word in ("bind(", "listen("))


def test_the_libraries_report_nothing(tmp_path: Path) -> None:
    """OpenVINO's reporting is replaced before it is loaded, its converter reaches nobody, and no file of consent is left in the home."""
    environment = child_environment(HOME=str(tmp_path), USERPROFILE=str(tmp_path))
    for name in ("CI", "TF_BUILD", "JENKINS_URL"):  # in which it keeps silent of itself
        environment.pop(name, None)
    done = subprocess.run([sys.executable, "-c", CONVERT], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["openvino.tools.ovc.telemetry_stub", "0", "None"]
    assert not (tmp_path / "intel").exists()
    plain = "import openvino; from openvino.tools.ovc import telemetry_utils; print(telemetry_utils.tm.__name__)"
    done = subprocess.run([sys.executable, "-c", plain], env=environment, capture_output=True, text=True, timeout=250, check=True)
    assert done.stdout.strip() == "openvino_telemetry", "else there is nothing to bar"
