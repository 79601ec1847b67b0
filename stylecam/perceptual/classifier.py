"""What VGG was trained for: telling a thousand classes of ImageNet apart. Needs a file of the user's; what ships ends at relu5_1."""

from __future__ import annotations

from pathlib import Path

import torch.nn.functional as F
from torch import Tensor

from stylecam.errors import TrainingError, UsageError
from stylecam.perceptual import torchvision_vgg
from stylecam.perceptual.vgg import LossNetwork


class Classifier:
    """A whole VGG-16 or VGG-19 of torchvision, with the scores of its classes.

    >>> scores = Classifier(Path("vgg16-397923af.pth"))(x)  # doctest: +SKIP

    Args:
        path: torchvision's .pth; nothing but tensors is unpickled.

    Raises:
        TrainingError: the file is none, or holds no classifier.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() not in torchvision_vgg.SUFFIXES:
            raise TrainingError(
                f"Classes need a network that tells them apart, and '{path.name}' is a loss network, which does not; "
                "download torchvision's whole VGG and name it, as in --loss-network vgg16-397923af.pth."
            )
        self.network = LossNetwork(path)
        self._deepest = self.network.layers[-1]
        self._full = torchvision_vgg.read_classifier(path, self.network.convolutions[-1][3].shape[0])

    @property
    def classes(self) -> int:
        """How many classes it tells apart."""
        return len(self._full[-1][1])

    def check(self, number: int) -> None:
        """Refuse a class that it does not have.

        Raises:
            UsageError: the number is out of range.
        """
        if not 0 <= number < self.classes:
            raise UsageError(f"There is no class {number}; this network has 0 to {self.classes - 1}, in ImageNet's order.")

    def __call__(self, x: Tensor) -> Tensor:
        """Return the scores before any softmax, (B, classes), of images (B, 3, H, W) in [0, 1]."""
        features = self.network(x, [self._deepest])[self._deepest].float() / torchvision_vgg.UNITS
        x = F.adaptive_avg_pool2d(F.max_pool2d(features, 2), 7).flatten(1)
        for weight, bias in self._full[:-1]:
            x = F.relu(F.linear(x, weight, bias))
        return F.linear(x, *self._full[-1])
