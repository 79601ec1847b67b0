"""A frame's way from photo to picture."""
