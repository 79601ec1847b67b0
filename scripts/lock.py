"""Write requirements-hashed.txt: what constraints.txt pins, with the hashes of all files that PyPI has of it.

    python -m venv /tmp/lock && /tmp/lock/bin/pip install uv && python scripts/lock.py --uv /tmp/lock/bin/uv

Torch is left out: its builds for the processor alone come from another index than those with CUDA, under one version and with other
hashes, and which of them is wanted differs from machine to machine. It stays pinned by constraints.txt.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-hashed.txt"
#: Not hashed, see above.
LEFT_OUT = ("torch",)
_HEAD = "# What constraints.txt pins, but torch, with hashes. Written by scripts/lock.py, used by .ci/run.\n"


def pins() -> list[str]:
    """Return the lines of constraints.txt that are to be hashed."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#") and line.partition("==")[0] not in LEFT_OUT]


def main() -> int:
    """Write the file; say how many files it names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--uv", default="uv", help="the uv program (default: the one on the path)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wanted, found = Path(folder) / "pins.in", Path(folder) / "hashed.txt"
        wanted.write_text("\n".join(pins()) + "\n")
        command = [args.uv, "pip", "compile", "--no-deps", "--generate-hashes", "--no-header", "--no-annotate", "--python-version", "3.11"]
        subprocess.run([*command, "--quiet", "--output-file", str(found), str(wanted)], check=True)  # noqa: S603
        text = found.read_text()
    LOCK.write_text(_HEAD + text)
    sys.stdout.write(f"{LOCK.name}: {len(pins())} packages, {len(re.findall('--hash=', text))} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
