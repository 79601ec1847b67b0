"""Files in, files out: images and clips."""
