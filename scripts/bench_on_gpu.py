"""Measure the GPU engines, torch in fp16 and ONNX Runtime on CUDA: `python scripts/bench_on_gpu.py -o gpu.json`.

Needs an NVIDIA GPU, and torch and ONNX Runtime built for CUDA. First each engine paints a photo and is compared with torch in f32 on the
processor. Then both are timed in turns, from picture in memory to picture in memory, with `live32` and with the paper's architecture in
random weights (no such pack is trained; the time does not depend on them). Writes JSON, and the same as a Markdown table beside it.

"of the peak" is the share of the matrix product that this GPU does in the same precision, fp16 for torch and tf32 for ONNX Runtime.
NOT YET RUN where a GPU was at hand.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from PIL import Image

from stylecam.app.doctor.engine_check import synthetic_pack
from stylecam.bench.speed.measure import measure_speed
from stylecam.bench.speed.peaks import cuda_matrix_peaks
from stylecam.bench.speed.report import SpeedReport, markdown_table
from stylecam.core import paths
from stylecam.core.atomic_io import check_target, write_file, write_json
from stylecam.engines.runtimes.cuda_graph import EAGER_CALLS
from stylecam.engines.runtimes.torch import TorchEngine
from stylecam.engines.select import open_engine
from stylecam.errors import EngineError, StylecamError, UsageError
from stylecam.net.architecture import TransformNetConfig
from stylecam.packs.pack import StyleInfo, StylePack
from stylecam.packs.store import load_pack

ENGINES = (("torch", "fp16"), ("onnx", "auto"))
SIZES = ((1280, 720), (1920, 1080), (3840, 2160))
CHECK_SIZE = (1280, 720)
#: Largest mean difference from f32, in parts of full scale: one of 255 steps.
BOUND = 0.004
#: Untimed pictures per size: until a size is recorded, that one, and one more.
WARM_UP_ROUNDS = EAGER_CALLS + 2


@dataclass(frozen=True)
class Check:
    """How far an engine's painting of a photo is from torch in f32: mean and largest difference in parts of full scale."""

    pack: str
    engine: str
    precision: str
    device: str
    note: str
    mean: float
    most: float

    def __str__(self) -> str:
        verdict = "" if self.mean <= BOUND else f", MORE THAN {BOUND}"
        apart = f"{self.mean:.6f} from f32 on average, {self.most:.3f} at most"
        return f"{self.pack}, {self.engine} {self.precision} on {self.device}: {apart}{verdict}. {self.note}".rstrip()


def paper_pack() -> StylePack:
    """Return the paper's architecture with random weights."""
    style = StyleInfo("noise", "Random weights", "nobody", "", "", "", "")
    return replace(synthetic_pack(TransformNetConfig(styles=1)), name="paper (random weights)", styles=(style,))


def check(pack: StylePack, name: str, precision: str) -> Check:
    """Compare an engine's painting with that of torch in f32 on the processor, once it does not prepare itself any more.

    Raises:
        EngineError: the engine does not run on the GPU.
    """
    with Image.open(paths.shipped("assets", "photos", "astronaut.jpg")) as file:
        photo = np.array(file.convert("RGB").resize(CHECK_SIZE, Image.Resampling.LANCZOS))
    with closing(open_engine(pack, name, precision=precision)) as engine:
        if not engine.device.startswith("CUDA"):
            raise EngineError(f"The engine '{name}' does not run on the GPU here. {engine.note}".rstrip())
        for _ in range(WARM_UP_ROUNDS):
            painting, _ = engine.stylize(photo, pack.rows[0])
        with closing(TorchEngine(pack.config, pack.tensors, precision="f32", device="cpu")) as reference:
            expected, _ = reference.stylize(photo, pack.rows[0])
        apart = np.abs(painting.astype(np.float32) - expected) / 255
        return Check(pack.name, name, engine.precision, engine.device, engine.note, float(apart.mean()), float(apart.max()))


def measure(pack: StylePack, peaks: dict[str, float], rounds: int) -> tuple[list[Check], SpeedReport | None]:
    """Check each engine and time those that run on the GPU; say what happens."""
    checks, running = [], []
    for name, precision in ENGINES:
        try:
            checks.append(check(pack, name, precision))
        except EngineError as error:
            say(f"left out: {error}")
            continue
        say(str(checks[-1]))
        running.append((name, precision))
    if not running:
        return checks, None
    *_, report = measure_speed(pack, engines=running, sizes=SIZES, rounds=rounds, peaks=peaks, warm_up_rounds=WARM_UP_ROUNDS)
    return checks, cast(SpeedReport, report)


def markdown(gpu: str, checks: Sequence[Check], reports: Sequence[SpeedReport]) -> str:
    """Return everything for people."""
    parts = [gpu, *(f"- {each}" for each in checks)]
    return "\n".join(parts) + "\n\n" + "\n\n".join(markdown_table(report) for report in reports) + "\n"


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Return 0 if all is well, 1 if a painting is too far from f32, 2 without CUDA."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=Path("gpu_bench.json"), help="JSON file (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=60, help="timed pictures per engine and size (default: %(default)s)")
    parser.add_argument("--force", action="store_true", help="overwrite files")
    args = parser.parse_args(arguments)
    table = args.output.with_suffix(".md")
    try:
        if not torch.cuda.is_available():
            raise UsageError("torch finds no CUDA here; run this on a machine with an NVIDIA GPU, its driver, and torch built for CUDA.")
        for target in (args.output, table):
            check_target(target, force=args.force)
        gpu = torch.cuda.get_device_name()
        peaks = cuda_matrix_peaks()
        checks: list[Check] = []
        reports: list[SpeedReport] = []
        for pack in (load_pack(paths.shipped("weights", "live32")), paper_pack()):
            found, report = measure(pack, peaks, args.rounds)
            checks += found
            reports += [report] if report is not None else []
        data: dict[str, Any] = {"gpu": gpu, "cuda": torch.version.cuda, "peak_gflops": peaks, "checks": [asdict(each) for each in checks]}
        write_json(args.output, data | {"reports": [report.to_json() for report in reports]}, force=args.force)
        write_file(table, markdown(gpu, checks, reports).encode(), force=args.force)
        say(table.read_text(encoding="utf-8"))
    except StylecamError as error:
        sys.stderr.write(f"bench_on_gpu: {error}\n")
        return error.exit_code
    return 0 if reports and all(each.mean <= BOUND for each in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
