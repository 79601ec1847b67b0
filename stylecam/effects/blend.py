"""How strongly the stylized image covers the photo, and light that is changed without the colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    check_alike(photo, stylized)
    if strength <= 0:
        return photo
    if strength >= 1:
        return stylized
    import cv2
    import numpy as np

    return np.asarray(cv2.addWeighted(stylized, strength, photo, 1 - strength, 0), np.uint8)


def check_alike(photo: NDArray[np.uint8], stylized: NDArray[np.uint8]) -> None:
    """Refuse images of different shapes.

    Raises:
        ValueError: the shapes differ.
    """
    if photo.shape != stylized.shape:
        raise ValueError(f"photo {photo.shape} and stylized image {stylized.shape} differ in shape")


def with_luma(image: NDArray[Any], present: NDArray[Any], wanted: NDArray[Any]) -> NDArray[np.uint8]:
    """Change an image's light and leave its colours: luma is linear in RGB, so the difference is added to all three channels.

    Args:
        image: uint8 RGB (H, W, 3).
        present: its luma, uint8 (H, W).
        wanted: the luma that it shall have, uint8 (H, W).

    Returns:
        uint8 RGB (H, W, 3).
    """
    import cv2
    import numpy as np

    brighter = cv2.cvtColor(cv2.subtract(wanted, present), cv2.COLOR_GRAY2RGB)  # saturates at 0, so one of the two is always 0
    darker = cv2.cvtColor(cv2.subtract(present, wanted), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.subtract(cv2.add(image, brighter), darker), np.uint8)
