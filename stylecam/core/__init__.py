"""Plain values that every package speaks: standard library and numpy only."""
