"""Dialogs of the menu Tools."""
