"""The engines' libraries keep within bounds."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Sixty sizes, as dynamic resolution and other sources make them; prints how much the last forty added, in MB.
_MANY_SIZES = """
import gc
import numpy as np
from stylecam import load_pack, open_engine
from stylecam.core.mix import StyleMix
from stylecam.core.process import rss_mb

pack = load_pack("live32")
engine = open_engine(pack, "openvino", precision="f32", threads=1)
row = pack.scale_shift(StyleMix({"starry_night": 1.0}))
sizes = [(96 + 4 * (n * 7 % 61), 128 + 4 * (n * 13 % 53)) for n in range(60)]
for number, size in enumerate(sizes):
    engine.stylize(np.zeros((*size, 3), np.uint8), row)
    if number == 19:
        gc.collect()
        before = rss_mb()
gc.collect()
print(rss_mb() - before)
"""


@pytest.mark.slow
def test_frames_of_many_sizes_cost_no_more_memory() -> None:
    """OpenVINO does not keep the kernels of every size that it has seen."""
    done = subprocess.run([sys.executable, "-c", _MANY_SIZES], capture_output=True, text=True, timeout=200, check=True)
    assert float(done.stdout) < 24


#: Two engines, closed in the order in which they were opened, then Ctrl-C.
_CTRL_C_AFTER_TWO = """
import gc
import signal
from stylecam import load_pack, open_engine

signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent in the background has it ignored
pack = load_pack("live32")
first, second = (open_engine(pack, "openvino", precision="f32", threads=1) for _ in range(2))
for engine in (first, second):
    engine.close()
del engine, first
gc.collect()
del second
gc.collect()
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.slow
def test_ctrl_c_after_two_engines_is_no_crash() -> None:
    """OpenVINO's cores move the stack on which signals are handled; none of them leaves it at one that is gone."""
    done = subprocess.run([sys.executable, "-c", _CTRL_C_AFTER_TWO], capture_output=True, text=True, timeout=200, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["stopped"])
