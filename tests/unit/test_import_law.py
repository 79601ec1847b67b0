"""The import law of `[tool.importlinter]` in pyproject.toml: it is kept, and each of its contracts can be broken."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
VERDICT = re.compile(r"^(.+) (KEPT|BROKEN)$", re.MULTILINE)

VIOLATIONS = {
    "layers": ("packs/pack.py", "from stylecam.engines import base"),
    "qt": ("app/settings.py", "import PyQt6.QtCore"),
    "core": ("core/mix.py", "from PIL import Image"),
    "packs": ("packs/pack.py", "from stylecam.net import module"),  # torch through another module
    "torch": ("effects/blend.py", "import torch"),
    "gui": ("gui/__init__.py", "def late():\n    import cv2"),
}


def _contracts(repository: Path) -> dict[str, str]:
    config = tomllib.loads((repository / "pyproject.toml").read_text())["tool"]["importlinter"]
    return {contract["id"]: contract["name"] for contract in config["contracts"]}


def _verdicts(root: Path) -> tuple[int, dict[str, str]]:
    """Run import-linter on the package in `root`; return its exit code and a verdict per contract."""
    done = subprocess.run(
        [sys.executable, "-c", LINT], cwd=root, capture_output=True, text=True, env={"PYTHONPATH": str(root)}, check=False
    )
    return done.returncode, dict(VERDICT.findall(done.stdout))


def test_every_contract_is_kept(repository: Path) -> None:
    """No module imports what the law forbids."""
    code, verdicts = _verdicts(repository)
    assert verdicts == dict.fromkeys(_contracts(repository).values(), "KEPT")
    assert code == 0


def test_every_contract_has_a_violation_to_prove_it(repository: Path) -> None:
    """A contract that is added must be shown to bite."""
    assert _contracts(repository).keys() == VIOLATIONS.keys()


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_violation_breaks_its_contract(repository: Path, tmp_path: Path, contract: str) -> None:
    """One forbidden line in a copy of the package is found, also inside a function."""
    shutil.copy(repository / "pyproject.toml", tmp_path)
    shutil.copytree(repository / "stylecam", tmp_path / "stylecam", ignore=shutil.ignore_patterns("_data", "__pycache__"))
    file, line = VIOLATIONS[contract]
    with (tmp_path / "stylecam" / file).open("a") as source:
        source.write(f"\n{line}\n")
    code, verdicts = _verdicts(tmp_path)
    assert code != 0
    assert verdicts[_contracts(repository)[contract]] == "BROKEN"


def test_a_new_room_must_find_its_place(repository: Path, tmp_path: Path) -> None:
    """A package that no layer names breaks the law, so that nobody forgets to place it."""
    shutil.copy(repository / "pyproject.toml", tmp_path)
    shutil.copytree(repository / "stylecam", tmp_path / "stylecam", ignore=shutil.ignore_patterns("_data", "__pycache__"))
    (tmp_path / "stylecam" / "attic").mkdir()
    (tmp_path / "stylecam" / "attic" / "__init__.py").touch()
    assert _verdicts(tmp_path)[0] != 0
