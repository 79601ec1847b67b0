"""From a network's description to what a runtime runs."""
