"""docs/architecture.md names what is there: files, tests, and the layers of the import law."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest


@pytest.fixture
def page(repository: Path) -> str:
    """Return the page."""
    return (repository / "docs" / "architecture.md").read_text()


def test_every_file_exists(page: str, repository: Path) -> None:
    """Paths are those of the package or of the repository."""
    names = set(re.findall(r"`((?:[\w.]+/)+\w+\.py)`", page))
    assert len(names) > 25
    missing = {name for name in names if not (repository / name).is_file() and not (repository / "stylecam" / name).is_file()}
    assert missing == set()


def test_every_named_test_exists(page: str, repository: Path) -> None:
    """A row that says what proves it names a function that pytest runs."""
    named = re.findall(r"`(test_\w+)` in `([\w/.]+)`", page)
    assert len(named) >= 6
    for test, file in named:
        assert f"\ndef {test}(" in (repository / file).read_text()


def test_the_law_is_that_of_the_contract(page: str, repository: Path) -> None:
    """The layers are written as import-linter enforces them."""
    contracts = tomllib.loads((repository / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    expected = "\n".join(re.sub(r"[()]", "", layer) for layer in layers)
    assert f"```\n{expected}\n```" in page
