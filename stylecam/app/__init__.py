"""What the program needs around the pictures: paths, diagnostics. No Qt."""
