"""How strongly the stylized image covers the photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def blend(photo: NDArray[np.uint8], stylized: NDArray[np.uint8], strength: float) -> NDArray[np.uint8]:
    """Cross-fade from the photo to the stylized image.

    Args:
        photo: uint8 RGB (H, W, 3).
        stylized: uint8 RGB of the same shape.
        strength: 0 returns `photo` itself, 1 `stylized` itself.

    Returns:
        uint8 RGB (H, W, 3).

    Raises:
        ValueError: the shapes differ.
    """
    if photo.shape != stylized.shape:
        raise ValueError(f"photo {photo.shape} and stylized image {stylized.shape} differ in shape")
    if strength <= 0:
        return photo
    if strength >= 1:
        return stylized
    import cv2
    import numpy as np

    return np.asarray(cv2.addWeighted(stylized, strength, photo, 1 - strength, 0), np.uint8)
