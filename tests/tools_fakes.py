"""A `see` and a `still --method gatys` that look at nothing, but speak the protocol: `python -m tests.tools_fakes see|still …`.

FAKE_TOOLS chooses how it behaves: "run" (default), "broken" (a sentence and exit code 4), "long" (goes on until it is stopped).
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from stylecam.cli.parent_watch import ParentWatch
from stylecam.core.progress import Progress

COMMAND = (sys.executable, "-m", "tests.tools_fakes")
#: A PNG of one red pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
LAYERS = ("relu1_1", "relu2_1", "relu4_2")


def main(argv: list[str]) -> int:
    """Pretend to work."""
    mode = os.environ.get("FAKE_TOOLS", "run")
    if mode == "broken":
        sys.stderr.write("stylecam: The style image is a blank; choose another.\n")
        return 4
    output = Path(argv[argv.index("-o") + 1])
    requests: list[int] = []
    parent = ParentWatch(requests, sys.stdin.fileno())
    if argv[0] == "see":
        for layer in LAYERS:
            sheet = output.with_name(f"{output.stem}-{layer}{output.suffix}")
            sheet.write_bytes(PIXEL)
            parent.tell(Progress("see", 1, 1, files={"image": str(sheet)}, message=layer).to_json())
        return 0
    preview = Path(argv[argv.index("--preview") + 1])
    steps = 1_000_000 if mode == "long" else 3  # more than a slow reader can miss
    for step in range(1, steps + 1):
        preview.write_bytes(PIXEL)
        parent.tell(Progress("gatys", step, steps, values={"loss": 1 / step}, files={"preview": str(preview)}).to_json())
        time.sleep(0.01)
        if requests:
            break
    output.write_bytes(PIXEL)
    return 130 if requests else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
