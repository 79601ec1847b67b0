"""Preparing a painting before it is learnt: cut a part out, choose the size of its strokes, and reduce its colours. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from stylecam.errors import InputError, TrainingError
from stylecam.media.images import read_image

MIN_COLORS, MAX_COLORS = 2, 256
MIN_SCALE, MAX_SCALE = 0.1, 10.0
MIN_SIDE_PX, MAX_SIDE_PX = 32, 4096

_SHEET_HEIGHT_PX, _BAR_HEIGHT_PX, _GAP_PX = 360, 48, 8


@dataclass(frozen=True)
class Preparation:
    """What is done to a painting before it is learnt. The default leaves it as it is.

    `crop` is (left, top, width, height) in fractions of the picture. `scale` is the size of the strokes: 2 shows the painting to the
    trainer at twice the usual size, so that everything in it is painted twice as large. `colors` of 0 keeps all colours.
    """

    colors: int = 0
    crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.colors and not MIN_COLORS <= self.colors <= MAX_COLORS:
            raise TrainingError(f"A painting can be reduced to {MIN_COLORS} to {MAX_COLORS} colours, not to {self.colors}.")
        left, top, width, height = self.crop
        # Fractions such as 0.7 + 0.3 may end a rounding error beyond 1.
        if not (left >= 0 and top >= 0 and width > 0 and height > 0 and left + width <= 1 + 1e-6 and top + height <= 1 + 1e-6):
            shown = ",".join(f"{value:g}" for value in self.crop)
            raise TrainingError(
                f"The crop {shown} does not lie inside the painting; give left,top,width,height as fractions, such as 0.25,0,0.5,0.5."
            )
        if not MIN_SCALE <= self.scale <= MAX_SCALE:
            raise TrainingError(f"The scale of the strokes is {self.scale:g}, but {MIN_SCALE:g} to {MAX_SCALE:g} are possible.")

    def short_side_px(self, style_size_px: int) -> int:
        """Return the short side at which the painting is shown to the trainer, for a style size at scale 1.

        Raises:
            TrainingError: it is too small to show strokes, or too large for the memory.
        """
        side = round(style_size_px * self.scale)
        if not MIN_SIDE_PX <= side <= MAX_SIDE_PX:
            raise TrainingError(
                f"The painting would be learnt at {side} pixels ({style_size_px} times the scale {self.scale:g}), but "
                f"{MIN_SIDE_PX} to {MAX_SIDE_PX} are possible; change the scale or the style size."
            )
        return side

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON data, for a pack's recipe."""
        return {"colors": self.colors, "crop": list(self.crop), "scale": self.scale}


def open_painting(path: Path) -> Image.Image:
    """Read a style image as the trainer takes it: upright, sRGB, what is transparent white.

    Raises:
        TrainingError: it cannot be read.
    """
    try:
        return read_image(path).flat_srgb()
    except InputError as error:
        raise TrainingError(str(error)) from error


def prepare(painting: Image.Image, preparation: Preparation, style_size_px: int) -> Image.Image:
    """Return the painting as the trainer will see it: cut, brought to its size, then reduced in colours.

    Args:
        painting: RGB, any size; it is not changed.
        preparation: what to do.
        style_size_px: short side at scale 1.

    Raises:
        TrainingError: the size that comes out cannot be used.
    """
    side = preparation.short_side_px(style_size_px)
    left, top, width, height = preparation.crop
    x, y = round(left * painting.width), round(top * painting.height)
    right, bottom = round((left + width) * painting.width), round((top + height) * painting.height)
    part = painting.crop((x, y, min(max(right, x + 1), painting.width), min(max(bottom, y + 1), painting.height)))
    factor = side / min(part.size)
    size = (max(side, round(part.width * factor)), max(side, round(part.height * factor)))
    if max(size) > 4 * MAX_SIDE_PX:
        raise TrainingError(f"The part of the painting is {part.width}x{part.height} pixels, a strip too narrow to learn from.")
    part = part.resize(size, Image.Resampling.LANCZOS)
    return reduce_colors(part, preparation.colors)  # last, because resizing mixes colours again


def reduce_colors(picture: Image.Image, colors: int) -> Image.Image:
    """Return an RGB picture with so many colours at most; 0 keeps all."""
    if not colors:
        return picture
    # k-means moves the median cut's colours to where the picture's really are.
    return picture.quantize(colors, Image.Quantize.MEDIANCUT, kmeans=4, dither=Image.Dither.NONE).convert("RGB")


def palette(picture: Image.Image, at_most: int = MAX_COLORS) -> list[tuple[tuple[int, int, int], float]]:
    """Return the colours of a picture with the share of its area that each takes, the commonest first.

    A picture of more than `at_most` colours is reduced to that many first.
    """
    few = picture.getcolors(at_most)
    if few is None:
        few = picture.quantize(at_most, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB").getcolors(at_most)
    area = picture.width * picture.height
    counted = sorted(few or [], key=lambda entry: -entry[0])
    return [((int(c[0]), int(c[1]), int(c[2])), count / area) for count, c in counted if isinstance(c, tuple)]


def comparison_sheet(painting: Image.Image, prepared: Image.Image) -> Image.Image:
    """Return one picture for people: the painting, beside it what was made of it, and below both a bar of the colours that are left."""
    halves = [_at_height(picture, _SHEET_HEIGHT_PX) for picture in (painting, prepared)]
    width = halves[0].width + _GAP_PX + halves[1].width
    sheet = Image.new("RGB", (width, _SHEET_HEIGHT_PX + _GAP_PX + _BAR_HEIGHT_PX), "white")
    sheet.paste(halves[0], (0, 0))
    sheet.paste(halves[1], (halves[0].width + _GAP_PX, 0))
    draw = ImageDraw.Draw(sheet)
    done = 0.0
    for color, share in palette(prepared, 64):
        draw.rectangle((done * width, _SHEET_HEIGHT_PX + _GAP_PX, (done + share) * width, sheet.height), fill=color)
        done += share
    return sheet


def _at_height(picture: Image.Image, height: int) -> Image.Image:
    width = min(max(1, round(picture.width * height / picture.height)), 4 * height)
    # Enlarged strokes are shown as they are, pixel by pixel, rather than smoothed.
    return picture.resize((width, height), Image.Resampling.BOX if picture.height < height else Image.Resampling.LANCZOS)
