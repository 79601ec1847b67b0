"""What starting the program imports. Time is not measured here: these modules are what costs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"numpy", "cv2", "PIL", "torch", "onnx", "onnxruntime", "openvino", "PyQt6", "safetensors", "tqdm", "platformdirs"}
REPORT = "import sys, json; print('\\n' + json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"


def _imported(repository: Path, code: str) -> set[str]:
    """Run `code` in a fresh interpreter and return the top-level modules that are imported at its end."""
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(repository)!r})\n{code}\n{REPORT}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_help_imports_nothing_heavy(repository: Path) -> None:
    """`stylecam --help`, and the help of each command, answers from the standard library alone."""
    code = """
from stylecam.cli import COMMANDS, main
for argv in (["--help"], ["--version"], *([command, "--help"] for command in COMMANDS)):
    try:
        main(argv)
    except SystemExit as stopped:
        assert stopped.code == 0
    else:
        raise AssertionError(argv)
"""
    assert _imported(repository, code) & HEAVY == set()


def test_wrong_usage_imports_nothing_heavy(repository: Path) -> None:
    """A slip on the command line is answered as quickly."""
    code = "from stylecam.cli import main; assert main(['stil']) == 2"
    assert _imported(repository, code) & HEAVY == set()


def test_core_and_packs_leave_torch_and_opencv_alone(repository: Path) -> None:
    """Every module of the two rooms can be imported without torch, OpenCV or Qt, which they would drag into everything."""
    modules = [
        ".".join(path.relative_to(repository).with_suffix("").parts).removesuffix(".__init__")
        for room in ("core", "packs")
        for path in sorted((repository / "stylecam" / room).rglob("*.py"))
    ]
    assert len(modules) > 5
    imported = _imported(repository, "\n".join(f"import {module}" for module in modules))
    assert imported & {"torch", "cv2", "PyQt6", "onnx", "onnxruntime", "openvino"} == set()


@pytest.mark.parametrize(("engine", "absent"), [("openvino", {"torch", "onnxruntime"}), ("onnx", {"torch", "openvino"})])
def test_painting_without_torch_does_not_import_torch(repository: Path, tmp_path: Path, engine: str, absent: set[str]) -> None:
    """With OpenVINO or ONNX Runtime a picture is painted without importing torch, which would cost seconds."""
    code = f"""
from pathlib import Path
from PIL import Image
from stylecam.cli import main
from stylecam.packs.store import save_pack
from tests.fakes import tiny_pack
folder = Path({str(tmp_path)!r})
save_pack(tiny_pack(), folder / "tiny")
Image.new("RGB", (32, 24), "teal").save(folder / "photo.png")
options = ["--pack", str(folder / "tiny"), "--engine", {engine!r}, "--style", "senecio"]
assert main(["still", str(folder / "photo.png"), "-o", str(folder / "out.png"), *options]) == 0
assert Image.open(folder / "out.png").size == (32, 24)
"""
    assert _imported(repository, code) & {*absent, "PyQt6"} == set()
