"""Write the table of NOTICE.md: every package that stylecam needs when it runs, with its licence, as the installed packages name it.

python scripts/licences.py
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- table by scripts/licences.py -->", "<!-- end of the table -->"
#: The parts that a user may add; what is needed for development alone is not shipped to anybody.
EXTRAS = ("camera", "cluster", "sound")
_LONGEST = 100


def plain(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def runtime_packages() -> dict[str, tuple[Distribution, str]]:
    """Return what is needed at run time and installed here, direct or by others, by name, and what asks for it: stylecam or an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found: dict[str, tuple[Distribution, str]] = {}
    for part in ("", *EXTRAS):
        asked = project["optional-dependencies"][part] if part else project["dependencies"]
        waiting = [(Requirement(text), "") for text in asked]
        while waiting:
            requirement, extra = waiting.pop()
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
                continue
            name = plain(requirement.name)
            try:
                installed = distribution(requirement.name)
            except PackageNotFoundError:
                continue
            if name not in found:
                found[name] = (installed, part)
                needs = [Requirement(text) for text in installed.requires or ()]
                waiting += [(need, each) for need in needs for each in (requirement.extras or {""})]
    return dict(sorted(found.items()))


def licence_of(package: Distribution) -> str:
    """Return what a package says of its licence, in a line: the expression, else its words if they are few, else the classifiers."""
    data = package.metadata
    words = " ".join((data.get("License") or "").split())
    classes = [each.rpartition("::")[2].strip() for each in data.get_all("Classifier") or () if each.startswith("License ::")]
    few = words.rpartition("::")[2].strip() if len(words) <= _LONGEST else ""
    return str(data.get("License-Expression") or few or ", ".join(classes) or "not named")


def table() -> str:
    """Return the table in Markdown."""
    rows = [f"| {name} | {licence_of(package)} | {part} |" for name, (package, part) in runtime_packages().items()]
    return "\n".join(["| Package | Licence | Only with the extra |", "|---|---|---|", *rows])


def main() -> int:
    """Replace the table in NOTICE.md."""
    notice = ROOT / "NOTICE.md"
    before, _, rest = notice.read_text().partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        sys.stderr.write(f"NOTICE.md has no lines '{BEGIN}' and '{END}'.\n")
        return 1
    notice.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
