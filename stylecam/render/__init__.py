"""One frame through the ordered list of stages, live and offline."""
