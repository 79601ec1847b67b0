"""Files into images and frames: one image reader, one decoder, one list of endings, colour."""
