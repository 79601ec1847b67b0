import numpy as np
import pytest

from stylecam.core.mix import StyleMix
from stylecam.core.params import RAW, STRENGTH, RenderParams
from stylecam.effects.color import KEEP_COLOR
from stylecam.errors import UsageError
from stylecam.render.frame import stylize_frame
from tests.fakes import FakeEngine, gradient, tiny_pack

PACK = tiny_pack()
PHOTO = gradient()
MIX = StyleMix.parse("starry_night=3,senecio=1")


@pytest.fixture
def engine() -> FakeEngine:
    """Return an engine for the tiny pack."""
    return FakeEngine(PACK.config)


@pytest.mark.parametrize("params", [RenderParams(), RenderParams(StyleMix({"senecio": 0.0})), RenderParams(MIX, {STRENGTH: 0.0})])
def test_plain_params_show_the_photo_and_run_no_network(engine: FakeEngine, params: RenderParams) -> None:
    """All weights zero, or strength zero, is the photo itself and costs nothing."""
    assert stylize_frame(PHOTO, engine, PACK, params)[0] is PHOTO
    assert engine.calls == []


@pytest.mark.parametrize("raw", [False, True])
def test_engine_gets_the_mix_of_the_pack(engine: FakeEngine, raw: bool) -> None:
    """The engine paints with the pack's mixed scales and shifts, normalised unless raw."""
    expected, _ = engine.stylize(PHOTO, PACK.scale_shift(MIX, raw=raw))
    np.testing.assert_array_equal(stylize_frame(PHOTO, engine, PACK, RenderParams(MIX, {RAW: raw}))[0], expected)


def test_raw_and_normalised_mixes_differ(engine: FakeEngine) -> None:
    """`raw` is not ignored on the way."""
    pictures = [stylize_frame(PHOTO, engine, PACK, RenderParams(MIX, {RAW: raw}))[0] for raw in (False, True)]
    assert (pictures[0] != pictures[1]).any()


def test_strength_blends_the_recoloured_painting_with_the_photo(engine: FakeEngine) -> None:
    """Colours are kept first, then the photo shines through: at keep-color 1 no strength changes the photo's grey to a colour."""
    grey = np.repeat(PHOTO[..., :1], 3, axis=2)
    result = stylize_frame(grey, engine, PACK, RenderParams(MIX, {STRENGTH: 0.5, KEEP_COLOR: 1.0}))[0].astype(int)
    assert np.ptp(result, axis=2).max() <= 1
    painted, _ = engine.stylize(grey, PACK.scale_shift(MIX))
    assert np.abs(result[..., 0] - (grey[..., 0] / 2 + painted[..., 0] / 2)).max() <= 2


def test_unknown_style_is_refused_before_the_engine_runs(engine: FakeEngine) -> None:
    """A style that the pack lacks is the user's error."""
    with pytest.raises(UsageError, match="no style 'sunflowers'"):
        stylize_frame(PHOTO, engine, PACK, RenderParams(StyleMix({"sunflowers": 1.0})))
    assert engine.calls == []
