"""How strongly the painting covers the photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def blend(photo: NDArray[np.uint8], painted: NDArray[np.uint8], strength: float) -> NDArray[np.uint8]:
    """Cross-fade from the photo to the painting.

    Args:
        photo: uint8 RGB (H, W, 3).
        painted: uint8 RGB of the same shape.
        strength: 0 returns `photo` itself, 1 `painted` itself.

    Returns:
        uint8 RGB (H, W, 3).

    Raises:
        ValueError: the shapes differ.
    """
    if photo.shape != painted.shape:
        raise ValueError(f"photo {photo.shape} and painting {painted.shape} differ in shape")
    if strength <= 0:
        return photo
    if strength >= 1:
        return painted
    import cv2
    import numpy as np

    return np.asarray(cv2.addWeighted(painted, strength, photo, 1 - strength, 0), np.uint8)
