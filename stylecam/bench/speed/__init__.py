"""Engines and training steps, timed."""
