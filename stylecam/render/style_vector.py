"""How strongly a frame is stylized: between the photo and the stylized image, inside the network where the pack knows the way."""

from __future__ import annotations

import numpy as np

from stylecam.core.params import RAW, STRENGTH, RenderParams
from stylecam.effects.blend import blend
from stylecam.engines.base import Image, Vector
from stylecam.packs.pack import StylePack

#: Below this strength the photo itself fades in over the network's image of it, which is good but not the photo (24 dB).
FADE_BELOW = 0.3


def style_vector(photo: Image, pack: StylePack, params: RenderParams) -> Vector:
    """Return γ and β to stylize `photo` with, (N,) float32.

    With an identity row, a strength below 1 draws the mix towards it: strokes and colours grow out of the photo, where a cross-fade
    of photo and stylized image would show both, pale and double.

    Raises:
        UsageError: the mix names a style that the pack lacks, or cannot be normalised.
    """
    mixed = pack.scale_shift(params.mix, raw=params[RAW])
    if params[STRENGTH] >= 1 or not pack.config.identity:
        return mixed
    identity = pack.identity_scale_shift(photo)
    return np.asarray(identity + np.float32(params[STRENGTH]) * (mixed - identity), np.float32)


def fade(photo: Image, stylized: Image, pack: StylePack, strength: float) -> Image:
    """Let the photo itself shine through, so that strength 0 is the photo and all between is without a jump.

    Without an identity row all of the strength is a cross-fade; with one, what is below `FADE_BELOW`.
    """
    return blend(photo, stylized, strength / FADE_BELOW if pack.config.identity else strength)
