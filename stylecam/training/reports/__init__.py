"""Sheets that show how far training is."""
