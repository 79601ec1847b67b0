"""What the program needs around the frames: paths, diagnostics. No Qt."""
