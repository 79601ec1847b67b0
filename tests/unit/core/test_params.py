"""Options are declared once, and what is no value of theirs is refused in a sentence."""

import doctest
import math

import pytest

from stylecam.core import params as params_module
from stylecam.core.mix import StyleMix
from stylecam.core.params import GENERAL, HOLD_FPS, QUALITY, RAW, SIZE, STRENGTH, Param, RenderParams
from stylecam.effects.color import KEEP_COLOR
from stylecam.effects.registry import all_params, every_param
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
    """Nothing is stylized when all weights or the strength are zero; weights that merely sum to zero do stylize."""
    assert params.is_plain is plain


@pytest.mark.parametrize(
    ("param", "text", "sentence"),
    [
        (STRENGTH, "2", "--strength 2 is out of range; give a number from 0 to 1."),
        (STRENGTH, "much", "--strength much is out of range; give a number from 0 to 1."),
        (SIZE, "3", "--size 3 is out of range; give a whole number from 16 to 8192 (px), or 0 for the source's own."),
        (SIZE, "640.5", "--size 640.5 is out of range; give a whole number from 16 to 8192 (px), or 0 for the source's own."),
        (HOLD_FPS, "-1", "--hold-fps -1 is out of range; give a number from 1 to 240 (fps), or 0 for off."),
        (QUALITY, "fin", "--quality fin is unknown. Did you mean fine? Choose one of fast, fine, auto."),
        (RAW, "maybe", "--raw maybe is neither on nor off."),
    ],
)
def test_what_cannot_be_is_a_sentence(param: Param[float], text: str, sentence: str) -> None:
    """With the option's name as it is typed, and what would do."""
    with pytest.raises(UsageError) as refusal:
        param.parse(text)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    ("param", "text", "value"),
    [(STRENGTH, "0.25", 0.25), (SIZE, "0", 0), (SIZE, "640", 640), (HOLD_FPS, "20", 20.0), (QUALITY, "auto", "auto"), (RAW, "on", True)],
)
def test_what_can_be_is_read(param: Param[float], text: str, value: object) -> None:
    """Each in its own type."""
    assert param.parse(text) == value
    assert type(param.parse(text)) is type(value)


@pytest.mark.parametrize(("param", "value"), [(RAW, 1), (STRENGTH, True), (STRENGTH, "1"), (SIZE, 64.0), (QUALITY, None), (RAW, None)])
def test_another_type_is_no_value(param: Param[float], value: object) -> None:
    """A number is no switch and a switch no number, so that a settings file in disorder is found out."""
    assert not param.accepts(value)
    with pytest.raises(UsageError):
        RenderParams(values={param: value})


def test_params_are_replaced_and_never_changed() -> None:
    """A copy with another value leaves the first as it was; equal is what has equal values, however they were given."""
    first = RenderParams(StyleMix({"senecio": 1.0}), {STRENGTH: 0.5})
    second = first.but({STRENGTH: 1.0})
    assert (first[STRENGTH], second[STRENGTH]) == (0.5, 1.0)
    assert second == RenderParams(StyleMix({"senecio": 1.0}))
    assert second != first
    assert first.but(mix=StyleMix())[STRENGTH] == 0.5
    with pytest.raises(AttributeError):
        first.mix = StyleMix()


def test_ids_and_options_are_unique() -> None:
    """Each names one option, and every declaration keeps its own rules: defaults are values, help is one line."""
    params = every_param()
    assert {*GENERAL} <= {*all_params()} < {*params}
    assert len({param.id for param in params}) == len({param.flag for param in params}) == len(params)
    for param in params:
        assert param.accepts(param.default)
        assert param.accepts(param.first)
        assert "\n" not in param.help
        assert not param.help.endswith(".")


def test_the_examples_run() -> None:
    """Those of the module's docstrings."""
    assert doctest.testmod(params_module).failed == 0
