"""An effect of your own in one file: light from the upper left makes the strokes stand out like impasto.

Run this file as you would run `stylecam`; the window then has a slider "Relief", and the commands an option of that name:

python examples/custom_effect.py
python examples/custom_effect.py still assets/photos/chelsea.jpg -o relief.png --style senecio --relief 0.6
"""

from __future__ import annotations

import sys

import cv2
import numpy as np
from numpy.typing import NDArray

from stylecam.cli import main
from stylecam.core.params import Param
from stylecam.effects import registry
from stylecam.effects.base import Context, Effect, Place

#: One declaration: slider, option, settings and undo come from it.
RELIEF = Param(
    id="relief", kind="number", default=0.0, unit="%", label="Relief", help="strokes stand out like impasto; 0 is flat", slider=True
)
#: Brightness added, in grey levels, where the luma rises by one level per pixel, at full relief.
GAIN = 2.5


def relief(image: NDArray[np.uint8], amount: float) -> NDArray[np.uint8]:
    """Light an image from the upper left as if bright colours lay thicker: uint8 RGB (H, W, 3), a new image of that shape."""
    luma = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.0)  # (H, W)
    slope = (cv2.Sobel(luma, cv2.CV_32F, 1, 0) + cv2.Sobel(luma, cv2.CV_32F, 0, 1)) / 8  # grey levels per pixel
    return np.asarray(np.clip(image + GAIN * amount * slope[..., None], 0, 255), np.uint8)


def run(context: Context, state: None) -> tuple[NDArray[np.uint8], None]:
    """Run as a stage: nothing is carried from frame to frame, so the state stays what it is."""
    return relief(context.image, context.params[RELIEF]), state


EFFECT: Effect = Effect(name="relief", place=Place.FINISH, wanted=lambda context: context.params[RELIEF] > 0, run=run, params=(RELIEF,))
registry.PACKAGES.append(__name__)

if __name__ == "__main__":
    sys.exit(main())
