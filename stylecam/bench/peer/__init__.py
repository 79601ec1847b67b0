"""The baseline, run as a child process with its own Python."""
