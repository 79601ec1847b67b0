"""One frame, start to end. No threads, no state: live pictures, clips and stills all pass here."""

from __future__ import annotations

from stylecam.core.params import RenderParams
from stylecam.effects.color import keep_color
from stylecam.engines.base import Engine, Image
from stylecam.packs.pack import StylePack
from stylecam.render.style_vector import fade, style_vector


def stylize_frame(image: Image, engine: Engine, pack: StylePack, params: RenderParams) -> Image:
    """Repaint one picture: the network, then the photo's colours; at low strength the photo itself shines through.

    Args:
        image: uint8 RGB (H, W, 3).
        engine: runs the network of `pack`, or one with the same trunk.
        pack: where the styles of `params.mix` are looked up.
        params: mix, strength and colour. When it is plain, `image` itself is returned and the engine does not run.

    Returns:
        uint8 RGB (H, W, 3).

    Raises:
        UsageError: the mix names a style that the pack lacks, or cannot be normalised.
        EngineError: the device failed.
    """
    if params.is_plain:
        return image
    painted, _ = engine.stylize(image, style_vector(image, pack, params))
    painted = keep_color(image, painted, params.keep_color)
    return fade(image, painted, pack, params.strength)
