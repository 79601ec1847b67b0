"""Walks from one style to another in steps: a strip of images, from left to right.

python examples/mix_walk.py assets/photos/chelsea.jpg walk.png --of starry_night --to great_wave
"""

from __future__ import annotations

import argparse

import numpy as np
from PIL import Image

import stylecam


def main() -> None:
    """Make the strip."""
    parser = argparse.ArgumentParser(description="A strip of images between two styles.")
    parser.add_argument("photo")
    parser.add_argument("target")
    parser.add_argument("--of", default="starry_night", help="the first style (default: %(default)s)")
    parser.add_argument("--to", default="great_wave", help="the last style (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=5, help="images in the strip, 2 or more (default: %(default)s)")
    parser.add_argument("--height", type=int, default=360, help="of the strip in pixels (default: %(default)s)")
    args = parser.parse_args()

    with Image.open(args.photo) as photo:
        image = np.asarray(photo.convert("RGB").resize((round(args.height * photo.width / photo.height), args.height)))  # (H, W, 3)
    with stylecam.Stylizer("live32") as stylizer:  # one engine for all steps: another mix costs nothing
        strip = [stylizer.stylize(image, {args.of: 1 - share, args.to: share}) for share in np.linspace(0, 1, args.steps).tolist()]
    Image.fromarray(np.hstack(strip)).save(args.target)


if __name__ == "__main__":
    main()
