"""Losses that only training uses."""
