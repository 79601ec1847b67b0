import math

import pytest

from stylecam.core.mix import StyleMix
from stylecam.core.params import RAW, STRENGTH, Param, RenderParams
from stylecam.effects.color import KEEP_COLOR
from stylecam.errors import UsageError


@pytest.mark.parametrize("value", [-0.01, 1.01, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("param", [STRENGTH, KEEP_COLOR])
def test_controls_stay_between_zero_and_one(param: Param[float], value: float) -> None:
    """Strength and colour keeping outside 0 to 1, or no number at all, are refused in a sentence that names the control."""
    with pytest.raises(UsageError, match=param.flag):
        RenderParams(values={param: value})


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_controls_take_their_whole_range(value: float) -> None:
    """Both ends of the range are allowed."""
    params = RenderParams(StyleMix({"senecio": 1.0}), {STRENGTH: value, KEEP_COLOR: value})
    assert (params[STRENGTH], params[KEEP_COLOR]) == (value, value)


@pytest.mark.parametrize(
    ("params", "plain"),
    [
        (RenderParams(), True),
        (RenderParams(StyleMix({"senecio": 0.0})), True),
        (RenderParams(StyleMix({"senecio": 1.0}), {STRENGTH: 0.0}), True),
        (RenderParams(StyleMix({"senecio": 1.0})), False),
        (RenderParams(StyleMix({"senecio": 1.0, "great_wave": -1.0}), {RAW: True}), False),
    ],
)
def test_plain_means_that_no_network_need_run(params: RenderParams, plain: bool) -> None:
    """Nothing is painted when all weights or the strength are zero; weights that merely sum to zero do paint."""
    assert params.is_plain is plain
