"""A trainer that learns nothing, but speaks the trainer's protocol: `python -m tests.train_fakes train add-style …`.

FAKE_TRAIN chooses how it behaves: "run" (default), "broken" (a sentence and exit code 7), "dies" (killed after three reports), "deaf"
(heeds no stop). FAKE_STEPS is how many steps it takes, FAKE_PACE_S how long each lasts.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from stylecam.cli.parent_watch import ParentWatch
from stylecam.core.progress import Progress
from stylecam.packs.pack import Styles
from stylecam.packs.store import save_styles
from tests.fakes import tiny_pack
from tests.tools_fakes import PIXEL

COMMAND = (sys.executable, "-m", "tests.train_fakes")


def write_style(path: Path, style: str, title: str = "My Garden", step: int = 0) -> None:
    """Write a style for the network of `tiny_pack()`, with numbers that depend on `step`."""
    pack = tiny_pack([style], name=style)
    numbers = {**pack.tensors, "styles": (pack.rows + step / 100).astype("f4")}
    save_styles(replace(pack, styles=Styles([replace(pack.styles[0], title=title)]), tensors=numbers), path, force=True)


def main(argv: list[str]) -> int:
    """Pretend to train."""
    mode = os.environ.get("FAKE_TRAIN", "run")
    if mode == "broken":
        sys.exit("stylecam: The style image is a blank; choose another.")
    options = {name: value for name, value in itertools.pairwise(argv) if name.startswith("-")}
    folder, output, style = Path(options["--run"]), Path(options["-o"]), options["--id"]
    title = next(each.removeprefix("--title=") for each in argv if each.startswith("--title="))
    (folder / "argv.json").write_text(json.dumps(argv))
    checkpoint = folder / "checkpoint.safetensors"
    step = int(checkpoint.read_text()) if "--resume" in argv else 0
    total, pace_s = int(os.environ.get("FAKE_STEPS", "20")), float(os.environ.get("FAKE_PACE_S", "0.02"))
    requests: list[int] = []
    watch = ParentWatch(requests, sys.stdin.fileno() if "--until-stdin-closes" in argv else None)

    def save() -> dict[str, str]:
        preview = folder / f"preview-{step:06d}.png"
        preview.write_bytes(PIXEL)
        write_style(output, style, title, step)
        checkpoint.write_text(str(step))
        return {"pack": str(output), "preview": str(preview), "checkpoint": str(checkpoint)}

    while step < total:
        time.sleep(pace_s)
        step += 1
        files = save() if step % 5 == 0 or step == total else {}
        watch.tell(Progress("add-style", step, total, step * pace_s, {"objective": 10 / step}, files).to_json())
        if mode == "dies" and step >= 7:
            os.kill(os.getpid(), signal.SIGKILL)
        watch.wait()
        if requests and mode != "deaf":
            save()
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
