"""A mix of styles: which styles, and how much of each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stylecam.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Far beyond what a style can be exaggerated by, far below what single precision holds.
_MAX_WEIGHT = 1e6


@dataclass(frozen=True)
class StyleMix:
    """A frozen mapping from style id to weight. Weights may be any number up to a million, also negative.

    The order of the entries is kept. A style that is not named has weight zero.

    >>> import stylecam
    >>> mix = stylecam.StyleMix({"starry_night": 0.7, "great_wave": 0.3})
    >>> str(mix), list(mix)
    ('starry_night=0.7,great_wave=0.3', [('starry_night', 0.7), ('great_wave', 0.3)])

    Raises:
        UsageError: a weight is infinite, no number, or beyond a million.
    """

    weights: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for style, weight in self.weights.items():
            if not math.isfinite(weight) or abs(weight) > _MAX_WEIGHT:
                raise UsageError(f"The weight of style '{style}' is {weight}; give a finite number of common size, such as {style}=0.5.")
        object.__setattr__(self, "weights", dict(self.weights))

    @classmethod
    def parse(cls, text: str) -> StyleMix:
        """Read `"starry_night=0.7,great_wave=0.3"`; a bare id has weight 1.

        >>> import stylecam
        >>> stylecam.StyleMix.parse("senecio, great_wave=-0.5").weights
        {'senecio': 1.0, 'great_wave': -0.5}

        Raises:
            UsageError: an entry has no name, no number, or names a style twice.
        """
        weights: dict[str, float] = {}
        for part in text.split(","):
            name, equals, number = (piece.strip() for piece in part.partition("="))
            if not name:
                raise UsageError(f"The mix '{text}' has an entry without a name; write it like starry_night=0.7,great_wave=0.3.")
            if name in weights:
                raise UsageError(f"The mix '{text}' names style '{name}' twice; name each style once.")
            try:
                weights[name] = float(number) if equals else 1.0
            except ValueError:
                raise UsageError(f"'{number}' in the mix '{text}' is not a number; write it like {name}=0.7.") from None
        return cls(weights)

    @classmethod
    def of(cls, style: StyleMix | Mapping[str, float] | str) -> StyleMix:
        """Return the mix that a program names: as one, as ids and weights, or as text.

        >>> import stylecam
        >>> stylecam.StyleMix.of("senecio").weights, stylecam.StyleMix.of({"senecio": 0.5}).weights
        ({'senecio': 1.0}, {'senecio': 0.5})

        Raises:
            UsageError: the text cannot be read, see `parse`, or a weight is infinite or no number.
        """
        if isinstance(style, str):
            return cls.parse(style)
        return style if isinstance(style, cls) else cls(dict(style))

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return iter(self.weights.items())

    def __str__(self) -> str:
        return ",".join(f"{style}={weight:g}" for style, weight in self)

    @property
    def is_silent(self) -> bool:
        """True when every weight is zero: the image stays the plain photo.

        >>> import stylecam
        >>> stylecam.StyleMix({"senecio": 0.0}).is_silent
        True
        """
        return not any(self.weights.values())

    def vector(self, styles: Sequence[str], *, raw: bool = False) -> NDArray[np.float32]:
        """Return the weights in the order of `styles`, shape (S,), summing to 1 unless `raw`.

        >>> import stylecam
        >>> stylecam.StyleMix({"senecio": 3.0, "great_wave": 1.0}).vector(("great_wave", "senecio"))
        array([0.25, 0.75], dtype=float32)

        Raises:
            UsageError: a style is not among `styles`, or the weights cannot be normalised because they sum to (nearly) zero.
        """
        import numpy as np  # here, because the command line's help reads the options, and must not wait for it

        vector = np.zeros(len(styles))  # float64, in which no weight vanishes and their sum stays finite
        for style, weight in self:
            if style not in styles:
                raise UsageError(f"There is no style '{style}' in this pack.{did_you_mean(style, styles)} `stylecam pack info` lists them.")
            vector[styles.index(style)] = weight
        if raw or self.is_silent:
            return vector.astype(np.float32)
        total = vector.sum()
        if abs(total) <= 1e-6 * np.abs(vector).sum():
            raise UsageError(f"The weights of the mix '{self}' cancel out, so they cannot be scaled to sum to 1; use --raw or change one.")
        normalized: NDArray[np.float32] = (vector / total).astype(np.float32)
        return normalized
