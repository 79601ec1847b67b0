"""Check the GPU engines: `python scripts/check_cuda.py`. Needs an NVIDIA GPU, and torch and ONNX Runtime built for CUDA.

Prints what `stylecam doctor` finds, runs the tests marked `cuda` (parity with f32 on the processor), then times all engines with
`stylecam bench speed`. Not run so far where a GPU was at hand: the tests' bounds are expectations.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Return 0 if all tests pass and the engines could be timed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", default="gpu_bench.json", help="the timings' JSON file (default: %(default)s)")
    output = parser.parse_args().output
    steps = {
        "doctor": ["-m", "stylecam", "doctor"],
        "parity": ["-m", "pytest", "-m", "cuda", "-v", "tests/cuda"],
        "speed": ["-m", "stylecam", "bench", "speed", "--full", "--no-app", "--no-peer", "--json", str(Path(output).resolve())],
    }
    codes = {}
    for name, command in steps.items():
        sys.stdout.write(f"\n# {name}\n")
        sys.stdout.flush()
        codes[name] = subprocess.run([sys.executable, *command], cwd=ROOT, check=False).returncode  # noqa: S603, our own programs
    return codes["parity"] or codes["speed"]


if __name__ == "__main__":
    sys.exit(main())
