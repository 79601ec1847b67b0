import numpy as np
import pytest

from stylecam.core.mix import StyleMix
from stylecam.core.params import RAW, STRENGTH, RenderParams
from stylecam.effects.base import Context, Place, Stage
from stylecam.effects.color import KEEP_COLOR
from stylecam.errors import UsageError
from stylecam.render.frame import run_stages, stylize_frame
from stylecam.render.guard import Guard
from stylecam.render.stats import Stats
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
    """The engine stylizes with the pack's mixed scales and shifts, normalised unless raw."""
    expected, _ = engine.stylize(PHOTO, PACK.scale_shift(MIX, raw=raw))
    np.testing.assert_array_equal(stylize_frame(PHOTO, engine, PACK, RenderParams(MIX, {RAW: raw}))[0], expected)


def test_raw_and_normalised_mixes_differ(engine: FakeEngine) -> None:
    """`raw` is not ignored on the way."""
    frames = [stylize_frame(PHOTO, engine, PACK, RenderParams(MIX, {RAW: raw}))[0] for raw in (False, True)]
    assert (frames[0] != frames[1]).any()


def test_strength_blends_the_recoloured_stylized_image_with_the_photo(engine: FakeEngine) -> None:
    """Colours are kept first, then the photo shines through: at keep-color 1 no strength changes the photo's grey to a colour."""
    grey = np.repeat(PHOTO[..., :1], 3, axis=2)
    result = stylize_frame(grey, engine, PACK, RenderParams(MIX, {STRENGTH: 0.5, KEEP_COLOR: 1.0}))[0].astype(int)
    assert np.ptp(result, axis=2).max() <= 1
    stylized, _ = engine.stylize(grey, PACK.scale_shift(MIX))
    assert np.abs(result[..., 0] - (grey[..., 0] / 2 + stylized[..., 0] / 2)).max() <= 2


def test_unknown_style_is_refused_before_the_engine_runs(engine: FakeEngine) -> None:
    """A style that the pack lacks is the user's error."""
    with pytest.raises(UsageError, match="no style 'sunflowers'"):
        stylize_frame(PHOTO, engine, PACK, RenderParams(StyleMix({"sunflowers": 1.0})))
    assert engine.calls == []


def counting(**changes: object) -> Stage[Context]:
    """Return a stage that adds 1 to every value and counts its frames."""
    given: dict[str, object] = {"name": "count", "place": Place.FINISH, "wanted": lambda _: True, "init": lambda: 0}
    given["run"] = lambda context, count: (context.image + np.uint8(1), count + 1)
    return Stage(**{**given, **changes})  # type: ignore[arg-type]


def context(params: RenderParams | None = None) -> Context:
    """Return a grey frame."""
    grey = np.full((4, 4, 3), 100, np.uint8)
    return Context(photo=grey, image=grey, params=RenderParams(MIX) if params is None else params)


def test_state_goes_in_and_comes_out() -> None:
    """A stage is given what it returned for the frame before; one that is not wanted for a frame begins again."""
    _, states = run_stages([counting()], context())
    _, states = run_stages([counting()], context(), states)
    assert states == {"count": 2}
    _, states = run_stages([counting(wanted=lambda _: False)], context(), states)
    assert states == {}


def test_plain_frames_pass_only_what_stands_before_the_network() -> None:
    """The untouched photo is mirrored and sized, and nothing else; what does that makes the photo that the others see."""
    before, after = counting(name="before", place=Place.MIRROR), counting()
    assert run_stages([before, after], context(RenderParams()))[0].max() == 101
    seen = []
    look = counting(name="look", run=lambda context, state: (seen.append(int(context.photo.max())), (context.image, state))[1])
    assert run_stages([before, after, look], context())[0].max() == 102
    assert seen == [101]


def test_offline_a_stage_that_fails_ends_the_frame_and_live_it_is_left_out() -> None:
    """The clip's file must not hold frames without the effect that was asked for; a frame on the screen must go on."""

    def fail(_: object, __: object) -> object:
        raise RuntimeError("no memory")

    stages = [counting(name="broken", run=fail), counting()]
    with pytest.raises(RuntimeError, match="no memory"):
        run_stages(stages, context())
    guard = Guard(Stats())
    image, states = run_stages(stages, context(), attempt=guard.attempt)
    assert image.max() == 101
    assert states == {"count": 1}
    assert "The stage 'broken' failed (RuntimeError: no memory). It is switched off" in guard.problem


def test_without_its_network_a_live_frame_is_the_photo() -> None:
    """What follows an essential stage that is left out does not run: half an effect on a plain photo would be neither."""
    stages = [counting(name="before", place=Place.SIZE), counting(name="network", place=Place.NETWORK, essential=True), counting()]
    image, states = run_stages(
        stages, context(), attempt=lambda stage, context, state: None if stage.essential else stage.run(context, state)
    )
    assert image.max() == 101
    assert states == {"before": 1}
