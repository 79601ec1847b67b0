"""What is trained: a whole pack, one style, the identity row."""
