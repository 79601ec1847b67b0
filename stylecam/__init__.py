"""Repaint a live webcam in 32 painters' hands at once, mixed by sliders while you watch."""

__version__ = "0.1.0"
