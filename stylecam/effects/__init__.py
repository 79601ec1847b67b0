"""What happens to a frame before and after the network, one file per effect, each with the options that it declares.

To add an effect, add a file with an `EFFECT` (see `effects.base.Stage`): window, `video`, `still`, settings and undo have it then. The
files here import numpy and OpenCV only inside their functions: the command line's help reads the options, and must not wait for them.
"""
