"""Words of the window: what first users did not understand does not come back."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from stylecam.gui.window import MainWindow

#: What they read and did not understand, as a part of a text that somebody could read.
GONE = (
    "Normalise",
    "Weights sum to 1",
    "against every move",
    "Solo",
    "go on painting it",
    "Exchange left and right",
    "Panic key",
    "Steady statistics",
    "Measure pictures",
    "Calm",
    "Hold 20 fps",
    "skipped",
    "unknown, unknown",
    "is no clip at all",
    "nor a whole zip file",
    "was cut short. Go on",
    "the step at hand",
    "it has learnt",
    "How it paints",
    "Learn it",
    "Learn a painting",
    "As usual",
    "Twice as coarse",
    "Restart the engine",
)


def texts(source: str) -> list[str]:
    """Return the texts of a module that are sentences or names for people: no docstrings, no ids."""
    tree = ast.parse(source)
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents
    ]


@pytest.mark.parametrize("folder", ["gui", "app", "media", "packs", "effects"])
def test_words_that_nobody_understood_are_gone(repository: Path, folder: str) -> None:
    """Neither menus, tooltips and sheets nor messages have them."""
    seen = 0
    for file in sorted((repository / "stylecam" / folder).rglob("*.py")):
        for text in texts(file.read_text(encoding="utf-8")):
            seen += 1
            assert not [words for words in GONE if words in text], f"{file.name}: {text}"
    assert seen > 20


def test_what_replaced_them_is_there(window: MainWindow) -> None:
    """In menus and tooltips, as a person looks for it."""
    shown = {action.text().replace("&", "") for action in window.actions_by_id.values()}
    assert {
        "Keep the total at 100 %",
        "Show only the last-touched style",
        "Keep 20 fps",
        "Restart after an error",
        "Train a style…",
    } <= shown
    tips = " ".join(action.toolTip() for action in window.actions_by_id.values())
    assert "Flip the image like a mirror." in tips
    assert "Random and Reset leave it alone." in tips
    assert window.rack.search.placeholderText() == f"Search {len(window.rack.rows)} styles"
