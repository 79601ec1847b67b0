"""What the render thread carries from frame to frame, and when it begins again."""

from __future__ import annotations

import numpy as np

from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams
from stylecam.effects.temporal import CALM
from stylecam.engines.base import Image
from stylecam.render.guard import Guard
from stylecam.render.live_stylizer import LiveStylizer
from stylecam.render.state import RenderState
from stylecam.render.stats import Stats
from tests.fakes import FakeEngine, gradient, tiny_pack

PACK = tiny_pack()
PHOTO = gradient()


def state(weight: float, *, gliding: bool) -> RenderState:
    """Return a step of a fade from one style to another."""
    mix = StyleMix({"starry_night": 1 - weight, "senecio": weight})
    return RenderState(PACK, RenderParams(mix, {CALM: True}), gliding)


def rendered(*steps: tuple[Image, RenderState]) -> Image:
    """Return the last of some frames that are stylized one after the other."""
    stylizer = LiveStylizer(lambda pack, head: FakeEngine(pack.config, head), Guard(Stats()), lambda _: None)
    image = PHOTO
    for photo, now in steps:
        image = stylizer.stylize(photo, now)
    stylizer.close()
    return image


def test_a_fade_over_a_photo_ends_at_its_scene() -> None:
    """Of a photo or a frozen frame no more frames come, so what is carried over would stay for ever; in a video it goes on."""
    target = rendered((PHOTO, state(1.0, gliding=False)))
    faded = rendered(*((PHOTO, state(weight, gliding=weight > 0)) for weight in (0.0, 0.5, 1.0)))
    np.testing.assert_array_equal(faded, target)
    moving = rendered((PHOTO.copy(), state(0.0, gliding=False)), (PHOTO.copy(), state(1.0, gliding=True)))
    assert (moving != target).any(), "temporal smoothing lasts through a fade"
