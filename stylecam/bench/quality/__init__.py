"""How good the images are, and how calm."""
