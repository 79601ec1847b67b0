"""What the programs that the benches start have in common."""

from __future__ import annotations


def last_line(complaints: str) -> str:
    """Return the last line that a child wrote to its standard error: the sentence, if it failed with one."""
    return (complaints.strip().splitlines() or ["it ended without a word"])[-1]
