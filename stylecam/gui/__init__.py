"""The window: views over Qt-free values. The only place with PyQt6."""
