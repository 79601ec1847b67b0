"""No module reaches itself by its imports, those inside functions included: what is loaded late is still a tie."""

from __future__ import annotations

import ast
from pathlib import Path


def _imports(file: Path, modules: set[str]) -> set[str]:
    found: set[str] = set()
    skipped: set[ast.AST] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            skipped.update(each for part in node.body for each in ast.walk(part))
        if isinstance(node, ast.ImportFrom) and node.module and node not in skipped:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import) and node not in skipped:
            found |= {name.name for name in node.names}
    return found & modules


def test_no_module_reaches_itself(repository: Path) -> None:
    """Packages themselves, which hold next to nothing, do not count as one."""
    files = {".".join(file.relative_to(repository).with_suffix("").parts): file for file in repository.glob("stylecam/**/*.py")}
    modules = {name for name in files if not name.endswith("__init__")}
    ties = {name: _imports(files[name], modules) - {name} for name in modules}

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            new = ties[waiting.pop()] - seen
            seen |= new
            waiting += new
        return seen

    assert [name for name in sorted(modules) if name in reached(name)] == []
