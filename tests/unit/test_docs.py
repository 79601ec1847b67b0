"""README, docs and the rest tell the truth: their options and commands exist, their links lead somewhere, no merge was left half done."""

import argparse
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stylecam.cli import build_parser
from stylecam.errors import UsageError

#: Of torchrun, pip, uv, Dask and our own scripts.
FOREIGN = {
    *("--nnodes", "--nproc-per-node", "--rdzv-backend", "--rdzv-endpoint", "--disable-pip", "--no-deps", "--strict", "--uv"),
    *("--inputs", "--seconds", "--show"),
}


@pytest.fixture
def pages(repository: Path) -> dict[Path, str]:
    """Every page for people, with its text."""
    found = [*repository.glob("*.md"), *(repository / "docs").glob("*.md")]
    return {page: page.read_text(encoding="utf-8") for page in found}


def flags(parser: argparse.ArgumentParser) -> set[str]:
    """Return the options of a command and of all below it."""
    found: set[str] = set()
    for action in parser._actions:
        found |= set(action.option_strings)
        if isinstance(action, argparse._SubParsersAction):
            found |= {flag for command in action.choices.values() for flag in flags(command)}
    return found


def commands(text: str) -> Iterator[str]:
    """Yield what follows `stylecam` in the lines of blocks of code."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if match := re.match(r"(?:\$ )?(?:python -m )?stylecam\b(.*)", line):
                yield re.split(r"\s#| [|<>&;]|; ", match[1])[0].strip()


def test_every_option_exists(pages: dict[Path, str]) -> None:
    """An option that a page names is one of ours, or one of the few of other programs."""
    known = flags(build_parser()) | FOREIGN
    named = {(page.name, flag) for page, text in pages.items() for flag in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", text)}
    assert {(name, flag) for name, flag in named if flag not in known} == set()


def test_every_command_can_be_typed(pages: dict[Path, str]) -> None:
    """The command lines in blocks of code are understood as they stand."""
    parser, refused, count = build_parser(), {}, 0
    for page, text in pages.items():
        for command in commands(text):
            count += 1
            try:
                parser.parse_args(shlex.split(command.replace("…", "")))
            except (UsageError, SystemExit) as error:
                refused[f"{page.name}: stylecam {command}"] = str(error)
    assert count > 20
    assert refused == {}


def test_every_link_leads_somewhere(pages: dict[Path, str]) -> None:
    """To a file that is there, and to a heading that it has."""
    for page, text in pages.items():
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, heading = link.partition("#")
            if "://" in link or link.startswith("mailto:"):
                continue
            target = page.parent / path if path else page
            assert target.exists(), (page.name, link)
            if heading:
                titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
                assert heading in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}, (page.name, link)


def test_no_merge_was_left_half_done(repository: Path) -> None:
    """No committed file holds the marks of a conflict."""
    found = subprocess.run(
        ["git", "grep", "-lIE", "^(<{7} |>{7} )", "--", "."], cwd=repository, capture_output=True, text=True, timeout=60, check=False
    )
    if found.returncode > 1:
        pytest.skip("no git here")
    assert found.stdout == ""
