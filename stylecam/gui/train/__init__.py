"""The dialog that trains a style."""
