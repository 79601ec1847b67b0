"""What stylecam is made of: every package has its licence in NOTICE.md and its hashes for CI."""

from __future__ import annotations

import re
from pathlib import Path

from scripts import lock
from scripts.licences import BEGIN, END, licence_of, plain, runtime_packages

_PIN = re.compile(r"^([\w.-]+)==([\w.+]+) \\$")
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def test_every_package_and_its_licence_is_named(repository: Path) -> None:
    """What is installed here and needed at run time, by us or by what we need, stands in the table with the licence that it names."""
    rows = (repository / "NOTICE.md").read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].splitlines()
    named = {cells[1].strip(): cells[2].strip() for cells in (row.split("|") for row in rows if row.startswith("| "))}
    installed = {name: licence_of(package) for name, (package, _) in runtime_packages().items()}
    assert {"numpy", "pyqt6", "protobuf"} <= installed.keys()
    assert {name: named.get(name) for name in installed} == installed, "run scripts/licences.py"
    assert "not named" not in installed.values()


def test_every_pin_has_hashes(repository: Path) -> None:
    """What constraints.txt pins stands in requirements-hashed.txt under the same version, with at least one hash; torch alone does not."""
    lines = [line for line in (repository / "requirements-hashed.txt").read_text().splitlines() if not line.startswith("#")]
    hashes: dict[str, int] = {}
    versions: dict[str, str] = {}
    for line in lines:
        if found := _PIN.match(line):
            name = plain(found[1])
            versions[name], hashes[name] = found[2], 0
        else:
            assert _HASH.match(line), line
            hashes[name] += 1
    pins = {plain(name): version for name, _, version in (line.partition("==") for line in lock.pins())}
    assert versions == pins, "run scripts/lock.py"
    assert all(hashes.values())
    assert "torch" not in versions


def test_ci_checks_the_hashes(repository: Path) -> None:
    """CI asks the Makefile for the hashes, and that gives the file to pip."""
    assert "HASHED=1" in (repository / ".ci" / "run").read_text()
    assert "--require-hashes --no-deps -r requirements-hashed.txt" in (repository / "Makefile").read_text()
