"""The baseline, run as a child process with a Python of its own."""
