"""Arithmetic with styles, which are vectors of γ and β: photo, a, b, c, and a + b - c, side by side.

By default the print of the wave takes the step from Van Gogh's blue night to his yellow café. A sum may leave the range in which
the network was trained, and then be one dark colour: `--amount` scales the difference b - c.

python examples/style_arithmetic.py assets/photos/chelsea.jpg sum.png --plus great_wave vg_night_cafe --minus starry_night --amount 0.7
"""

from __future__ import annotations

import argparse

import numpy as np
from PIL import Image

import stylecam


def main() -> None:
    """Make the row of images."""
    parser = argparse.ArgumentParser(description="Adds and subtracts styles.")
    parser.add_argument("photo")
    parser.add_argument("target")
    parser.add_argument("--plus", nargs=2, default=["great_wave", "vg_night_cafe"], metavar=("A", "B"), help="(default: %(default)s)")
    parser.add_argument("--minus", default="starry_night", metavar="C", help="(default: %(default)s)")
    parser.add_argument("--amount", type=float, default=1.0, help="of the difference B - C (default: %(default)s)")
    parser.add_argument("--height", type=int, default=360, help="of the images in pixels (default: %(default)s)")
    args = parser.parse_args()

    with Image.open(args.photo) as photo:
        image = np.asarray(photo.convert("RGB").resize((round(args.height * photo.width / photo.height), args.height)))  # (H, W, 3)
    pack = stylecam.load_pack("live32")
    a, b, c = (pack.styles[style].vector for style in [*args.plus, args.minus])  # each (N,) float32
    with stylecam.Stylizer(pack) as stylizer:
        row = [image, *(stylizer.stylize(image, vector) for vector in (a, b, c, a + np.float32(args.amount) * (b - c)))]
    Image.fromarray(np.hstack(row)).save(args.target)


if __name__ == "__main__":
    main()
