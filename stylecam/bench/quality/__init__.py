"""How good the images are, and how much they flicker."""
