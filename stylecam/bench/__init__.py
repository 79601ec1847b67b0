"""Measurements of speed and of quality; never run by timed tests."""
