"""The wheel carries all that the program needs, and works where there is no checkout."""

import ast
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from email.parser import Parser
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement
from PIL import Image

from tests.fakes import gradient

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with what is installed, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(repository)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment that holds the wheel alone, and sees the libraries that are installed for the tests."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    # Behind the environment's own folder, and without the .pth files that lie there: a checkout installed for development stays unseen.
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def _run(environment: Path, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "HOME": str(cwd), "STYLECAM_HOME": str(cwd / "home"), "CUDA_VISIBLE_DEVICES": ""}
    program, *arguments = command
    return subprocess.run([str(environment / "bin" / program), *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False)


def test_weights_assets_and_licences_are_inside(wheel: Path, repository: Path) -> None:
    """Everything under weights and assets lies in the wheel as it lies in the checkout, and so do licence and notice; tests do not."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for folder in ("weights", "assets"):
            files = [path for path in (repository / folder).rglob("*") if path.is_file()]
            assert files
            for path in files:
                assert archive.getinfo(f"stylecam/_data/{path.relative_to(repository)}").file_size == path.stat().st_size
    assert {"stylecam/_data/weights/live32/manifest.json", "stylecam/py.typed"} <= names
    assert {name.rpartition("/")[2] for name in names if "/licenses/" in name} == {"LICENSE", "NOTICE.md"}
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"stylecam"}
    assert not [name for name in names if "__pycache__" in name]


def test_dependencies_cover_what_the_package_imports(wheel: Path) -> None:
    """Each library that a module imports is one that pip installs with the wheel, or with an extra that its user asked for."""
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        asked = [Requirement(text) for text in Parser().parsestr(archive.read(metadata).decode()).get_all("Requires-Dist", [])]
        sources = [archive.read(name) for name in archive.namelist() if name.startswith("stylecam/") and name.endswith(".py")]
    extras = ("", "camera", "cluster", "sound")
    installed = {
        _name(each.name) for each in asked if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras)
    }
    known, imported = packages_distributions(), set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    foreign = imported - sys.stdlib_module_names - {"stylecam"}
    assert {"numpy", "PIL", "cv2", "torch"} <= foreign
    missing = {module for module in foreign if not installed & {_name(distribution) for distribution in known.get(module, [])}}
    assert missing == set()


def test_installed_program_is_the_wheels(environment: Path, repository: Path, tmp_path: Path) -> None:
    """The new environment imports stylecam, and finds its data, in itself and not in the checkout."""
    code = "import stylecam; from stylecam.core.paths import shipped; print(stylecam.__file__, shipped('weights', 'live32'))"
    done = _run(environment, "python", "-c", code, cwd=tmp_path)
    package, pack = map(Path, done.stdout.split())
    assert package.is_relative_to(environment)
    assert pack.is_relative_to(environment)
    assert (pack / "manifest.json").is_file()
    assert not environment.is_relative_to(repository)


def test_installed_program_paints_a_photo(environment: Path, tmp_path: Path) -> None:
    """`stylecam still` paints with the pack that came in the wheel, from a folder that has nothing to do with it."""
    Image.fromarray(gradient(90, 120)).save(tmp_path / "photo.png")
    done = _run(environment, "stylecam", "still", "photo.png", "-o", "out.png", "--style", "starry_night=0.7,great_wave=0.3", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr.startswith("out.png: 120x90")
    with Image.open(tmp_path / "out.png") as painted:
        assert painted.size == (120, 90)
        assert np.abs(np.asarray(painted).astype(int) - gradient(90, 120)).mean() > 10


def test_installed_program_refuses_in_one_sentence(environment: Path, tmp_path: Path) -> None:
    """A misspelt style is answered by the installed program as it is here."""
    Image.fromarray(gradient()).save(tmp_path / "photo.png")
    done = _run(environment, "stylecam", "still", "photo.png", "-o", "out.png", "--style", "stary_night", cwd=tmp_path)
    assert done.returncode == 2
    assert "Did you mean starry_night" in done.stderr
    assert "Traceback" not in done.stderr


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
