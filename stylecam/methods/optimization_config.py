"""What a stylization by optimisation can be asked for, and what of it cannot work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stylecam.errors import UsageError
from stylecam.perceptual.terms import GATYS

MIN_SIDE_PX = 32
STARTS = ("content", "noise", "style")
#: Where colours come from: the style image; the photo, with only the luminance stylized; or the photo, to whose colours the style image
#: is brought first, by one of two linear maps (see `methods.color_transfer`).
COLORS = ("style", "luminance", "cholesky", "analogies")
PRECISIONS = ("f32", "bf16")

MOST_ITERATIONS = 100_000


@dataclass(frozen=True)
class GatysConfig:
    """How to stylize by optimisation.

    `iterations` are evaluations of the objective, over all sizes; `style_size_px` is the style image's short side at the coarsest size;
    `keep_every` 0 keeps none but the last; layers come with their weights. `fine_layers` are those that a second style image fills.
    """

    iterations: int = 500
    keep_every: int = 0
    method: str = "lbfgs"
    start: str = "content"
    content_weight: float = 1.0
    style_weight: float = 3.0
    tv_weight: float = 0.0
    content_layers: Mapping[str, float] = field(default_factory=lambda: dict(GATYS[0].content))
    style_layers: Mapping[str, float] = field(default_factory=lambda: dict(GATYS[0].style))
    fine_layers: Mapping[str, float] = field(default_factory=lambda: {"relu1_1": 1.0, "relu2_1": 1.0})
    style_size_px: int = 400
    color: str = "style"
    precision: str = "f32"
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            UsageError: a value is out of range.
        """
        if not 1 <= self.iterations <= MOST_ITERATIONS:
            raise UsageError(f"--iterations {self.iterations} is out of range; give 1 to {MOST_ITERATIONS}.")
        if self.keep_every < 0:
            raise UsageError(f"--keep-every {self.keep_every} is out of range; give 1 or more.")
        if not 0 <= self.tv_weight < 1e9:
            raise UsageError(f"--tv-weight {self.tv_weight:g} is out of range; give 0 or more.")
        for value, choices, sentence in (
            (self.method, ("lbfgs", "adam"), "There is no optimizer '{}'"),
            (self.start, STARTS, "The image cannot start from '{}'"),
            (self.color, COLORS, "Colours cannot come from '{}'"),
            (self.precision, PRECISIONS, "The loss network does not compute in '{}'"),
        ):
            if value not in choices:
                raise UsageError(f"{sentence.format(value)}; choose from {', '.join(choices)}.")
        self._check_weights()
        if not MIN_SIDE_PX <= self.style_size_px <= 4096:
            raise UsageError(f"--style-size {self.style_size_px} is out of range; give {MIN_SIDE_PX} to 4096 pixels.")

    def _check_weights(self) -> None:
        weights = (self.content_weight, self.style_weight)
        if not all(0 <= weight < 1e9 for weight in weights) or not any(weights):
            raise UsageError("The weights of content and style must be 0 or more, and not both 0.")
        for total, layers, name in (
            (self.content_weight, self.content_layers, "content"),
            (self.style_weight, self.style_layers, "style"),
        ):
            if not all(0 <= weight < 1e9 for weight in layers.values()):
                raise UsageError(f"A weight in --{name}-layers is out of range; give 0 or more, as in relu1_1=0.5,relu4_1=1.")
            if total and not any(layers.values()):
                raise UsageError(f"--{name}-layers needs a layer with a weight above 0; --{name}-weight 0 leaves out the {name}.")

    @property
    def content(self) -> dict[str, float]:
        """The content layers that weigh anything; what weighs nothing is not computed."""
        return {layer: weight for layer, weight in self.content_layers.items() if weight and self.content_weight}

    @property
    def style(self) -> dict[str, float]:
        """The style layers that weigh anything."""
        return {layer: weight for layer, weight in self.style_layers.items() if weight and self.style_weight}
