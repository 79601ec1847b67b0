import json

import pytest

from stylecam.core.progress import Progress


def test_json_line_reads_back_as_it_was() -> None:
    """A report survives the way through a pipe, as a single line."""
    report = Progress("train", 5, 20, 2.5, {"style": 0.5}, {"pack": "runs/ä\n.stylepack"}, "half\nway")
    line = report.to_json()
    assert "\n" not in line
    assert Progress.from_json(line) == report


def test_unknown_keys_are_ignored() -> None:
    """An older window understands what a newer trainer prints."""
    assert Progress.from_json('{"stage": "train", "step": 3, "mood": "good"}') == Progress("train", 3)


@pytest.mark.parametrize("line", ["", "Traceback", "[1]", '"train"', '{"step": 1}'])
def test_other_lines_are_refused(line: str) -> None:
    """What is no report raises ValueError, so that a reader can pass it on as plain output."""
    with pytest.raises(ValueError):  # noqa: PT011  (json's own error is a ValueError, with its own words)
        Progress.from_json(line)


def test_remaining_time_follows_the_pace_so_far() -> None:
    """A quarter done in 10 s leaves 30 s; before the first step nothing is known."""
    assert Progress("train", 5, 20, 10.0).remaining_s == 30.0
    assert Progress("train", 0, 20, 10.0).remaining_s is None


def test_keys_are_plain_json() -> None:
    """The window and other programs read the fields by these names."""
    assert set(json.loads(Progress("train").to_json())) == {"stage", "step", "total", "seconds", "values", "files", "message"}
