"""The window's parts around the live image."""
