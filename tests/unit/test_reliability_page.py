"""The table of faults names tests that exist."""

import re
from pathlib import Path

_NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def test_every_fault_has_its_test(repository: Path) -> None:
    """Each row under the headings names one, by file and name: a test that is renamed or deleted takes its promise along."""
    page = (repository / "docs" / "reliability.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| **", "| Fault"))]
    assert len(rows) > 30
    for row in rows:
        found = _NAMED.search(row)
        assert found is not None, row
        source = (repository / "tests" / found[1]).read_text(encoding="utf-8")
        assert f"def {found[2]}(" in source, row
