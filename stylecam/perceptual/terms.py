"""The terms of an objective as data, each one view of the image: at which size, through which layers of the loss network.

Without torch, so that options can have their defaults from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Term:
    """One view of a stylized image.

    `style` and `content` map layers of the loss network to weights: style losses add up, content losses are averaged. `weight` is the
    factor of the term's style, `content_weight` that of its content. `scale` 2 looks at the image at half its size, and at the photo
    too; `crop` 0.5 looks at a square of half the image's sides. `style_scale` is the style image's size, in units of the style size that
    decides the strokes.

    >>> Term("whole", style={"relu1_1": 1.0, "relu2_1": 0.5}, content={"relu3_1": 1.0}).layers
    ('relu1_1', 'relu2_1', 'relu3_1')
    """

    name: str
    style: Mapping[str, float] = field(default_factory=dict)
    content: Mapping[str, float] = field(default_factory=dict)
    weight: float = 1.0
    content_weight: float = 1.0
    scale: int = 1
    crop: float = 1.0
    style_scale: float = 1.0

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of all layers it needs."""
        return (*self.style, *(layer for layer in self.content if layer not in self.style))

    def style_px(self, style_size_px: int) -> int:
        """Return the short side at which the style image is shown, for a style size."""
        return round(style_size_px * self.style_scale)


def _equal(*layers: str) -> Mapping[str, float]:
    return dict.fromkeys(layers, 1.0)


#: What packs are trained with. The term at half size makes strokes large and costs little; the one at full size keeps them crisp.
TWO_SCALE = (
    Term("half", _equal("relu1_1", "relu2_1", "relu3_1", "relu4_1"), _equal("relu3_1"), scale=2, style_scale=0.64),
    Term("full", _equal("relu1_1", "relu2_1", "relu3_1"), weight=0.5, crop=0.5),
)


def with_full_size(terms: tuple[Term, ...], *, style: float, content: float) -> tuple[Term, ...]:
    """Return terms of which the last, at full size, weighs its style so and also asks what is depicted; a `content` of 0 does not ask.

    At half size a face of 60 pixels is 30 pixels, of which relu3_1 makes 7 x 7 numbers: no eye is among them, and training that looks
    no closer gives them up.
    """
    *others, last = terms
    return (*others, replace(last, weight=style, content={"relu3_1": 1.0} if content else {}, content_weight=content))


#: What the fast output is trained with: a crop at full size alone, since at half size it is held to what the fine output draws.
FAST_DETAIL = (Term("full", _equal("relu1_1", "relu2_1", "relu3_1"), _equal("relu2_1"), crop=0.5),)
#: Johnson, Alahi, Fei-Fei 2016 (arXiv 1603.08155), and Dumoulin, Shlens, Kudlur 2016.
CLASSIC = (Term("classic", _equal("relu1_2", "relu2_2", "relu3_3", "relu4_3"), _equal("relu3_3")),)
#: Gatys, Ecker, Bethge 2015 and 2016, with the layers after their ReLUs.
GATYS = (Term("gatys", _equal("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"), _equal("relu4_2")),)
