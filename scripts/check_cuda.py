"""Check the GPU engines: `python scripts/check_cuda.py [--pack live32]`. Needs an NVIDIA GPU, and torch and ONNX Runtime built for CUDA.

Prints what `stylecam doctor` finds, runs the tests marked `cuda` (parity with f32 on the processor), then times the GPU engines.
Not run so far where a GPU was at hand: the tests' bounds are expectations.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENGINES = (("torch", "auto"), ("torch", "bf16"), ("torch", "f32"), ("onnx", "auto"), ("onnx", "f32"))
SIZES = ((640, 480), (1280, 720), (1920, 1080))


def main() -> int:
    """Return 0 if all tests pass."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", default="live32", help="style pack to time (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=50, help="timed pictures per engine and size (default: %(default)s)")
    args = parser.parse_args()
    say("# doctor")
    subprocess.run([sys.executable, "-m", "stylecam", "doctor"], cwd=ROOT, check=False)
    say("\n# parity")
    tests = subprocess.run([sys.executable, "-m", "pytest", "-m", "cuda", "-v", "tests/cuda"], cwd=ROOT, check=False)
    say("\n# speed")
    time_engines(args.pack, args.rounds)
    return tests.returncode


def time_engines(pack_name: str, rounds: int) -> None:
    """Print a table of the GPU engines' times."""
    sys.path.insert(0, str(ROOT))
    from stylecam.app import paths
    from stylecam.bench.speed import measure_speed
    from stylecam.bench.speed_report import SpeedReport, markdown_table
    from stylecam.packs.library import PackLibrary

    pack = PackLibrary([paths.shipped("weights"), paths.user_packs()]).load(pack_name)
    for report in measure_speed(pack, engines=ENGINES, sizes=SIZES, rounds=rounds):
        if isinstance(report, SpeedReport):
            say(markdown_table(report))
        elif not report.step:
            say(report.message)


def say(text: str) -> None:
    """Print at once, in order with what the child processes print."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
