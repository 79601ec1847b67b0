"""Training runs as child processes of the window."""
