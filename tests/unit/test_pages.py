"""Pages that promise something name the tests that hold it, and those exist."""

import re
from pathlib import Path

import pytest

_NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def rows_of(page: Path) -> list[str]:
    """Return the rows of a page's tables, without headings and those below them."""
    lines = page.read_text(encoding="utf-8").splitlines()
    headings = {at for at, line in enumerate(lines[:-1]) if re.match(r"\|[-|: ]+\|$", lines[at + 1])}
    return [line for at, line in enumerate(lines) if line.startswith("| ") and at not in headings and not line.startswith("| **")]


@pytest.mark.parametrize(("name", "least"), [("reliability.md", 30), ("window_review.md", 80)])
def test_every_promise_has_its_test(repository: Path, name: str, least: int) -> None:
    """Each row names one, by file and name, or says why there is none: a test that is renamed or deleted takes its promise along."""
    rows = rows_of(repository / "docs" / name)
    assert len(rows) >= least
    for row in rows:
        named = _NAMED.findall(row)
        assert named or (name == "window_review.md" and "| No test" in row), row
        for file, test in named:
            source = (repository / "tests" / file).read_text(encoding="utf-8")
            assert f"def {test}(" in source, row
