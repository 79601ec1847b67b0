"""The shipped pack paints a shipped photo as it did when somebody last looked at the result."""

import json
from pathlib import Path

import numpy as np
import pytest

from stylecam import cli
from stylecam.core.paths import shipped
from stylecam.media.images import read_image
from stylecam.packs.store import load_pack
from tests.golden.fingerprint import fingerprint
from tests.golden.make_still import CASES, FILE, options

GOLDEN = json.loads(FILE.read_text())
# Grey values out of 255, of means over 32x32 pixels. Another style, or the photo, is tens away; the engines are within tenths.
TOLERANCE = 2.0


def test_golden_file_belongs_to_the_shipped_pack() -> None:
    """After a new training the fingerprints must be made again: run `python -m tests.golden.make_still` and look at its pictures."""
    assert GOLDEN["trunk"] == load_pack(shipped("weights", "live32")).trunk
    assert GOLDEN["cases"].keys() == CASES.keys()


@pytest.mark.parametrize("engine", ["openvino", "onnx", "torch"])
@pytest.mark.parametrize("mix", CASES)
def test_painting_looks_as_it_did(tmp_path: Path, mix: str, engine: str) -> None:
    """On every engine the mix, its strength and its colours give the picture that was looked at."""
    assert cli.main([*options(mix, engine), "-o", str(tmp_path / "out.png")]) == 0
    difference = np.abs(fingerprint(read_image(tmp_path / "out.png").image) - np.array(GOLDEN["cases"][mix]))
    assert difference.max() < TOLERANCE


def test_cases_are_told_apart() -> None:
    """The fingerprints differ from each other and from the photo by far more than the tolerance, or the test above would prove nothing."""
    photo = read_image(shipped("assets", "photos", "chelsea.jpg")).resized(256)
    prints = [fingerprint(photo.image), *map(np.array, GOLDEN["cases"].values())]
    for i, one in enumerate(prints):
        for other in prints[:i]:
            assert np.abs(one - other).max() > 5 * TOLERANCE
