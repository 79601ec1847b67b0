"""Plain values that every room speaks: standard library and numpy only."""
