"""Networks of other programs, read into our own description."""
