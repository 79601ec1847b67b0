"""Photos, clips and style images on their way to a training step."""
