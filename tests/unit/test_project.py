"""The project's own files agree with each other."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

CONSTRAINT = re.compile(r"^([\w.-]+)==[\w.+-]+$")


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_is_pinned(repository: Path) -> None:
    """Development and CI use exact versions: what pyproject.toml asks for on this system stands in constraints.txt."""
    lines = [line for line in (repository / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    pinned = {_name(match[1]) for line in lines if (match := CONSTRAINT.match(line))}
    assert len(pinned) == len(lines), "a line that is no exact version, or a name twice"
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    extras = [text for texts in project["optional-dependencies"].values() for text in texts]
    asked = [Requirement(text) for text in [*project["dependencies"], *extras]]
    here = {_name(requirement.name) for requirement in asked if requirement.marker is None or requirement.marker.evaluate()}
    assert here - pinned == {_name(project["name"])}, "only the package's own extras are not pinned"


def test_license_of_the_project_is_shipped(repository: Path) -> None:
    """The licence that pyproject.toml names is the text that lies beside it."""
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    assert project["license"] == "GPL-3.0-or-later"
    assert "GNU GENERAL PUBLIC LICENSE" in (repository / "LICENSE").read_text()[:400]
