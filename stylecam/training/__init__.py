"""Training of packs. Runs as a child process when a window is open."""
