"""Preparing a style image for training: crop it, choose the size of its strokes, and reduce its colours. No torch."""

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
    """What is done to a style image before it is trained on. The default leaves it as it is.

    `crop` is (left, top, width, height) in fractions of the image. `scale` is the size of the strokes: 2 shows the style image to the
    trainer at twice the usual size, so that everything in it comes out twice as large. `colors` of 0 keeps all colours.
    """

    colors: int = 0
    crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.colors and not MIN_COLORS <= self.colors <= MAX_COLORS:
            raise TrainingError(f"A style image can be reduced to {MIN_COLORS} to {MAX_COLORS} colours, not to {self.colors}.")
        left, top, width, height = self.crop
        # Fractions such as 0.7 + 0.3 may end a rounding error beyond 1.
        if not (left >= 0 and top >= 0 and width > 0 and height > 0 and left + width <= 1 + 1e-6 and top + height <= 1 + 1e-6):
            shown = ",".join(f"{value:g}" for value in self.crop)
            raise TrainingError(
                f"The crop {shown} does not lie inside the style image; give left,top,width,height as fractions, such as 0.25,0,0.5,0.5."
            )
        if not MIN_SCALE <= self.scale <= MAX_SCALE:
            raise TrainingError(f"The scale of the strokes is {self.scale:g}, but {MIN_SCALE:g} to {MAX_SCALE:g} are possible.")

    def short_side_px(self, style_size_px: int) -> int:
        """Return the short side at which the style image is shown to the trainer, for a style size at scale 1.

        Raises:
            TrainingError: it is too small to show strokes, or too large for the memory.
        """
        side = round(style_size_px * self.scale)
        if not MIN_SIDE_PX <= side <= MAX_SIDE_PX:
            raise TrainingError(
                f"The style image would be used at {side} pixels ({style_size_px} times the scale {self.scale:g}), but "
                f"{MIN_SIDE_PX} to {MAX_SIDE_PX} are possible; change the scale or the style size."
            )
        return side

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON data, for a pack's recipe."""
        return {"colors": self.colors, "crop": list(self.crop), "scale": self.scale}


def open_style_image(path: Path) -> Image.Image:
    """Read a style image as the trainer takes it: in display orientation, sRGB, transparency on white.

    Raises:
        TrainingError: it cannot be read.
    """
    try:
        return read_image(path).flat_srgb()
    except InputError as error:
        raise TrainingError(str(error)) from error


def prepare(style_image: Image.Image, preparation: Preparation, style_size_px: int) -> Image.Image:
    """Return the style image as the trainer will see it: cropped, brought to its size, then reduced in colours.

    Args:
        style_image: RGB, any size; it is not changed.
        preparation: what to do.
        style_size_px: short side at scale 1.

    Raises:
        TrainingError: the size that comes out cannot be used.
    """
    side = preparation.short_side_px(style_size_px)
    part = cropped(style_image, preparation.crop)
    factor = side / min(part.size)
    size = (max(side, round(part.width * factor)), max(side, round(part.height * factor)))
    if max(size) > 4 * MAX_SIDE_PX:
        raise TrainingError(f"The part of the style image is {part.width}x{part.height} pixels, a strip too narrow to train on.")
    part = part.resize(size, Image.Resampling.LANCZOS)
    return reduce_colors(part, preparation.colors)  # last, because resizing mixes colours again


def cropped(style_image: Image.Image, crop: tuple[float, float, float, float]) -> Image.Image:
    """Return the part of an image that a crop (left, top, width, height), in fractions, names: a pixel a side at least."""
    left, top, width, height = crop
    x, y = round(left * style_image.width), round(top * style_image.height)
    right, bottom = round((left + width) * style_image.width), round((top + height) * style_image.height)
    return style_image.crop((x, y, min(max(right, x + 1), style_image.width), min(max(bottom, y + 1), style_image.height)))


def reduce_colors(image: Image.Image, colors: int) -> Image.Image:
    """Return an RGB image with so many colours at most; 0 keeps all."""
    if not colors:
        return image
    # k-means moves the median cut's colours to where the image's really are.
    return image.quantize(colors, Image.Quantize.MEDIANCUT, kmeans=4, dither=Image.Dither.NONE).convert("RGB")


def palette(image: Image.Image, at_most: int = MAX_COLORS) -> list[tuple[tuple[int, int, int], float]]:
    """Return the colours of an image with the share of its area that each takes, the commonest first.

    An image of more than `at_most` colours is reduced to that many first.
    """
    few = image.getcolors(at_most)
    if few is None:
        few = image.quantize(at_most, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB").getcolors(at_most)
    area = image.width * image.height
    counted = sorted(few or [], key=lambda entry: -entry[0])
    return [((int(c[0]), int(c[1]), int(c[2])), count / area) for count, c in counted if isinstance(c, tuple)]


def comparison_sheet(style_image: Image.Image, prepared: Image.Image) -> Image.Image:
    """Return one image for people: the style image, beside it what was made of it, and below both a bar of the colours that are left."""
    halves = [_at_height(image, _SHEET_HEIGHT_PX) for image in (style_image, prepared)]
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


def _at_height(image: Image.Image, height: int) -> Image.Image:
    width = min(max(1, round(image.width * height / image.height)), 4 * height)
    # Enlarged strokes are shown as they are, pixel by pixel, rather than smoothed.
    return image.resize((width, height), Image.Resampling.BOX if image.height < height else Image.Resampling.LANCZOS)
