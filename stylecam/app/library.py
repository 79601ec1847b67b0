"""The packs and the loss network that this installation has."""

from __future__ import annotations

from pathlib import Path

from stylecam.app.paths import shipped, user_packs
from stylecam.packs.library import PackLibrary


def pack_library() -> PackLibrary:
    """Return the packs that ship, then those that the user installed."""
    return PackLibrary([shipped("weights"), user_packs()])


def loss_network() -> Path:
    """Return the file of the loss network that ships."""
    return shipped("weights", "vgg16", "vgg16_imagenet_fp16.safetensors")
