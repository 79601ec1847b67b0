"""Families of networks, one file each; importing this package makes all of them known."""

from stylecam.net.families import residual, separable, unet
from stylecam.net.families.base import FAST, FINE, MAX_STYLES, Architecture, families, network_hash, read_architecture, trunk_hash
from stylecam.net.families.fields import ConvSpec
from stylecam.net.families.residual import TransformNetConfig
from stylecam.net.families.unet import UNetConfig

__all__ = [
    "FAST",
    "FINE",
    "MAX_STYLES",
    "Architecture",
    "ConvSpec",
    "TransformNetConfig",
    "UNetConfig",
    "families",
    "network_hash",
    "read_architecture",
    "residual",
    "separable",
    "trunk_hash",
    "unet",
]
