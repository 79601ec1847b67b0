"""Every engine stylizes the shipped pack as torch in f32 does: a few mixes always, all of them in the slow sweep.

Measured on 32 styles and 6 mixes at 320x240, worst look: f32 engines 1.4e-6 on average and one rounding step at most; bf16 0.0014 on
average and 0.031 at most.
"""

import numpy as np
import pytest
from PIL import Image

from stylecam.core.mix import StyleMix
from stylecam.packs.store import load_pack
from tests.unit.engines.conftest import F32
from tests.unit.engines.nets import difference, reference

MIXES = (
    "starry_night=0.5,great_wave=0.5",
    "senecio=0.7,the_scream=0.3",
    "piranesi_prison=0.5,composition_viii=0.5",
    "red_fuji=1.5,senecio=-0.5",
    "great_wave=1,senecio=1,starry_night=1,naruto_whirlpools=1",
)


@pytest.fixture(scope="module")
def pack(repository):
    """Return the live pack."""
    return load_pack(repository / "weights" / "live32")


@pytest.fixture(scope="module")
def photo(repository):
    """Return a portrait, 320x240."""
    with Image.open(repository / "assets" / "photos" / "astronaut.jpg") as picture:
        return np.array(picture.convert("RGB").resize((320, 240), Image.Resampling.LANCZOS))


def mixes(pack, *, every):
    """Return the mixes to try: each style alone, mixes, and everything at once; or a handful."""
    alone = [StyleMix({style: 1.0}) for style in pack.style_ids]
    mixed = [StyleMix.parse(text) for text in MIXES]
    crowd = StyleMix(dict.fromkeys(pack.style_ids, 1.0))
    return [*alone, *mixed, crowd] if every else [*alone[::11], mixed[0]]


def compare(engine, pack, photo, looks):
    """Return the mean difference from the reference of each look, and the largest difference of all."""
    pairs = []
    for mix in looks:
        painting, _ = engine.stylize(photo, pack.scale_shift(mix))
        pairs.append(difference(painting, reference(pack, photo, mix.vector(pack.style_ids))))
    means, most = zip(*pairs, strict=True)
    return np.array(means), max(most)


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["some", "all"])
@pytest.mark.parametrize("name", F32)
def test_f32_engines_equal_the_reference(pack, photo, name, every):
    """Styles and mixes alike: mean within 1e-5 of full scale, nowhere more than two rounding steps."""
    means, most = compare(F32[name](pack.config, pack.tensors), pack, photo, mixes(pack, every=every))
    assert means.max() <= 1e-5
    assert most <= 2.01 / 255


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["some", "all"])
def test_bf16_stays_close_to_the_reference(open_bf16, pack, photo, every):
    """Styles and mixes alike: mean within 0.003 of full scale, nowhere more than 0.06."""
    means, most = compare(open_bf16(pack), pack, photo, mixes(pack, every=every))
    assert means.max() <= 0.003
    assert most <= 0.06
