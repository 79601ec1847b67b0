"""The whole program, timed from outside."""
