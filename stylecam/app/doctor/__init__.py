"""What works on this machine, and what would be needed."""
