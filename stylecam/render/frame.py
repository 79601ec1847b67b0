"""One frame, start to end: the ordered list of stages that live frames, clips and stills all pass. State goes in and comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

import numpy as np

from stylecam.core.params import QUALITY, STEADY, STRENGTH, RenderParams
from stylecam.effects.base import Context, Place, Stage
from stylecam.effects.registry import effects
from stylecam.effects.size import halve, shrink
from stylecam.engines.base import Engine, Image, Vector
from stylecam.net.families import FAST
from stylecam.packs.pack import StylePack
from stylecam.render.cached_stats import CachedStats, stylize_cached
from stylecam.render.quality import FAST_SCALE, network_scale, quality_of
from stylecam.render.style_vector import fade, style_vector


@dataclass(frozen=True, kw_only=True, eq=False)
class FrameContext(Context):
    """What the stages around the network see besides.

    Args:
        pack: where the styles of the mix are looked up.
        engine: returns what runs the network of `pack`, or of one with the same trunk; called with the photo, only if it has to run.
        scale: sides of what the network is given, as a share of the photo's.
    """

    pack: StylePack
    engine: Callable[[Image], Engine]
    scale: float = 1.0


#: What stages carry from one frame to the next, by their names.
States: TypeAlias = Mapping[str, Any]
NO_STATES: States = MappingProxyType({})

C = TypeVar("C", bound=Context)
#: Runs a stage with its state; None leaves it out.
Attempt: TypeAlias = Callable[[Stage[C], C, Any], tuple[Image, Any] | None]


def _stylize(context: FrameContext, cached: CachedStats | None) -> tuple[Image, CachedStats | None]:
    vector = style_vector(context.photo, context.pack, context.params)
    engine = context.engine(context.photo)
    if engine.head == FAST and context.scale == FAST_SCALE:  # it draws at full size: cut off what an odd side was rounded up by
        image, cached = _run_engine(engine, halve(context.photo), vector, context, cached)
        height, width = context.photo.shape[:2]
        return np.ascontiguousarray(image[:height, :width]), cached
    return _run_engine(engine, shrink(context.photo, context.scale), vector, context, cached)


def _run_engine(
    engine: Engine, photo: Image, vector: Vector, context: FrameContext, cached: CachedStats | None
) -> tuple[Image, CachedStats | None]:
    if not context.params[STEADY]:
        return engine.stylize(photo, vector)[0], None
    return stylize_cached(engine, photo, vector, cached)


def _fade(context: FrameContext, state: None) -> tuple[Image, None]:
    return fade(context.photo, context.image, context.pack, context.params[STRENGTH]), state


NETWORK: Stage[FrameContext] = Stage(
    name="engine", place=Place.NETWORK, wanted=lambda _: True, run=_stylize, params=(QUALITY, STEADY), essential=True
)
FADE: Stage[FrameContext] = Stage(
    name="strength", place=Place.STRENGTH, wanted=lambda context: context.params[STRENGTH] < 1, run=_fade, params=(STRENGTH,)
)


def stage_list() -> tuple[Stage[FrameContext], ...]:
    """Return all stages in the order in which they run.

    >>> [stage.name for stage in stage_list()][:6]
    ['size', 'mirror', 'engine', 'enlarge', 'colour', 'strength']
    """
    stages: list[Stage[FrameContext]] = [*effects(), NETWORK, FADE]
    return tuple(sorted(stages, key=lambda stage: (stage.place, stage.name)))


def _directly(stage: Stage[C], context: C, state: Any) -> tuple[Image, Any] | None:
    return stage.run(context, state)


def run_stages(
    stages: Iterable[Stage[C]], context: C, states: States = NO_STATES, attempt: Attempt[C] = _directly
) -> tuple[Image, dict[str, Any]]:
    """Take one frame through the stages.

    Args:
        stages: in order, see `stage_list`.
        context: `photo` and `image` are both the frame as it was captured. Where the settings are plain, only the stages before the
            network run.
        states: what this returned for the frame before; empty for the first of a source.
        attempt: runs each stage. The live thread gives one that leaves out what fails; by default a stage that raises ends the frame.

    Returns:
        uint8 RGB (H, W, 3), and what the next frame must be given.
    """
    kept: dict[str, Any] = {}
    for stage in stages:
        if (context.params.is_plain and not stage.prepares) or not stage.wanted(context):
            continue
        result = attempt(stage, context, states[stage.name] if stage.name in states else stage.init())
        if result is not None:
            image, kept[stage.name] = result
            context = replace(context, image=image, photo=image if stage.prepares else context.photo)
        elif stage.essential:
            break
    return context.image, kept


def prepared(image: Image, params: RenderParams) -> Image:
    """Return the photo as the network would be given it: sized and mirrored, uint8 RGB (H, W, 3)."""
    stages = [stage for stage in effects() if stage.prepares]
    return run_stages(stages, Context(photo=image, image=image, params=params))[0]


def stylize_frame(
    image: Image,
    engine: Engine | Callable[[Image], Engine],
    pack: StylePack,
    params: RenderParams,
    states: States = NO_STATES,
    stages: Sequence[Stage[FrameContext]] | None = None,
    *,
    turned: bool = False,
) -> tuple[Image, States]:
    """Stylize a frame of a clip, or a still.

    Args:
        image: uint8 RGB (H, W, 3).
        engine: runs the network of `pack`, or one with the same trunk; or what returns it, called with the photo if it has to run.
        pack: where the styles of `params.mix` are looked up.
        params: mix and options. Where they are plain, the engine does not run.
        states: what this returned for the frame before in the same clip; nothing for a still.
        stages: by default those of `stage_list`.
        turned: another mix or option begins with this frame, which must show at once.

    Returns:
        uint8 RGB (H, W, 3), and what the next frame must be given.

    Raises:
        UsageError: the mix names a style that the pack lacks, or cannot be normalised.
        EngineError: the device failed.
    """
    scale = network_scale(quality_of(params))
    opener = (lambda _: engine) if isinstance(engine, Engine) else engine
    context = FrameContext(photo=image, image=image, params=params, turned=turned, pack=pack, engine=opener, scale=scale)
    return run_stages(stage_list() if stages is None else stages, context, states)
