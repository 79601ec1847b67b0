"""Write `still_live32.json`: how the shipped pack paints a shipped photo. Run it after the pack was trained anew, and look at the pictures.

python -m tests.golden.make_still [FOLDER FOR THE PICTURES]
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from stylecam import cli
from stylecam.core.paths import shipped
from stylecam.media.images import read_image
from stylecam.packs.store import load_pack
from tests.golden.fingerprint import fingerprint

FILE = Path(__file__).with_name("still_live32.json")
PHOTO = ("photos", "chelsea.jpg")
CASES = {
    "starry_night": [],
    "starry_night=0.7,great_wave=0.3": ["--keep-color", "0.5"],
    "the_scream=0.6,senecio=0.6": ["--raw", "--strength", "0.8"],
}


def options(mix: str, engine: str) -> list[str]:
    """Return the command line of a case but for the output; f32, so that the result is the same everywhere."""
    photo = str(shipped("assets", *PHOTO))
    return ["still", photo, "--style", mix, *CASES[mix], "--size", "256", "--engine", engine, "--precision", "f32"]


def main() -> None:
    """Paint all cases with torch, the reference, and write their fingerprints."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    cases = {}
    for number, mix in enumerate(CASES):
        output = folder / f"{number}.png"
        if code := cli.main([*options(mix, "torch"), "-o", str(output), "--force"]):
            sys.exit(code)
        cases[mix] = fingerprint(read_image(output).image).round(1).tolist()
    trunk = load_pack(shipped("weights", "live32")).trunk
    FILE.write_text(json.dumps({"trunk": trunk, "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
