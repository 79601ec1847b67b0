"""What a busy computer takes from a trainer."""

from __future__ import annotations

import os

import pytest

from stylecam.app.training.share import ProcessorShare, processor_seconds


def test_a_share_counts_only_what_was_measured_at_work() -> None:
    """Nothing is said before enough is known; a pause between counts for neither side."""
    now, spent = [0.0], [0.0]
    share = ProcessorShare(lambda: spent[0], lambda: now[0], cores=2)
    for seconds, used, works in ((0, 0, True), (10, 6, True), (100, 0, False), (100, 0, True), (10, 6, True)):
        now[0] += seconds
        spent[0] += used
        share.note(works=works)
        if now[0] < 100:
            assert share.share is None
    assert share.share == pytest.approx(0.3)
    assert share.is_small


def test_a_process_is_measured_until_it_is_gone() -> None:
    """Our own has worked; one that is not there says nothing, and nothing is said of it."""
    assert (processor_seconds(os.getpid()) or 0) > 0
    assert processor_seconds(2**22 + 1) is None
    share = ProcessorShare(lambda: None, cores=1)
    share.note(works=True)
    assert not share.is_small
