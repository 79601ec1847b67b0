"""bf16 is chosen by what it is worth here."""

from __future__ import annotations

import pytest
import torch

from stylecam.training import precision

CPU = torch.device("cpu")


@pytest.mark.parametrize(("half_s", "expected"), [(0.5, torch.bfloat16), (0.9, torch.float32), (3.0, torch.float32)])
def test_bf16_is_taken_only_where_it_is_quick(monkeypatch: pytest.MonkeyPatch, half_s: float, expected: torch.dtype) -> None:
    """Twice as quick is taken; hardly quicker, or imitated at a third of the speed, is not, whatever the processor claims."""
    precision.bf16_pays.cache_clear()
    monkeypatch.setattr(precision, "_convolution_s", lambda dtype: half_s if dtype == torch.bfloat16 else 1.0)
    assert precision.autocast_dtype("auto", CPU) == expected
    precision.bf16_pays.cache_clear()


def test_a_convolution_is_really_timed() -> None:
    """Both kinds take a time above zero, and what the user names is not questioned."""
    assert all(precision._convolution_s(dtype) > 0 for dtype in (torch.float32, torch.bfloat16))
    assert precision.autocast_dtype("bf16", CPU) == torch.bfloat16
