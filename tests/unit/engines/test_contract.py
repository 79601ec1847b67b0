"""What every engine promises beside the image: nothing is rebuilt, nothing is shared, wrong input is named."""

import numpy as np
import pytest

from stylecam.engines.compiled import KEPT_SIZES
from tests.unit.engines.nets import make_pack, make_photo


def test_new_mixes_and_same_trunk_packs_never_rebuild(open_sized):
    """One size, many mixes, and styles of another pack with the same trunk: one program."""
    pack, photo = make_pack(), make_photo(20, 24)
    engine = open_sized(pack)
    rng = np.random.default_rng(0)
    paintings = {engine.stylize(photo, rng.normal(1, 0.5, pack.config.scale_shift_size).astype(np.float32))[0].tobytes() for _ in range(5)}
    assert len(paintings) == 5
    assert engine.compiled == 1


def test_programs_are_kept_for_a_few_sizes(open_sized):
    """Sizes that pad to the same are one; going back to a recent size rebuilds nothing, the least recent one is dropped."""
    pack = make_pack()
    engine = open_sized(pack)

    def paint(height, width):
        engine.stylize(make_photo(height, width), pack.rows[0])
        return engine.compiled

    assert [paint(20, 24), paint(19, 23), paint(24, 20), paint(20, 24)] == [1, 1, 2, 2]
    assert [paint(28, 28 + 4 * i) for i in range(KEPT_SIZES)] == [3, 4, 5]
    assert paint(28, 28) == 5
    assert paint(20, 24) == 6


def test_images_belong_to_the_caller(open_f32):
    """A painting is not overwritten by the next one, the photo is not touched, and neither read-only nor flipped photos matter."""
    pack, photo = make_pack(), make_photo(20, 24)
    engine = open_f32(pack)
    first, _ = engine.stylize(photo, pack.rows[0])
    kept = first.copy()
    unchanged = photo.copy()
    photo.flags.writeable = False
    rows = pack.rows[0].copy()
    rows.flags.writeable = False
    again, _ = engine.stylize(photo, rows)
    other, _ = engine.stylize(photo[::-1, ::-1], rows)
    assert np.array_equal(first, kept)
    assert np.array_equal(again, kept)
    assert not np.array_equal(other, kept)
    assert np.array_equal(photo, unchanged)


@pytest.mark.parametrize(
    "photo",
    [
        np.zeros((8, 8, 3), np.float32),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((8, 8), np.uint8),
        np.zeros((1, 8, 8, 3), np.uint8),
        np.zeros((0, 8, 3), np.uint8),
    ],
    ids=["float", "alpha", "grey", "batch", "empty"],
)
def test_other_images_are_refused(open_f32, photo):
    """Only uint8 (H, W, 3) is an image; the message says what came."""
    pack = make_pack()
    with pytest.raises(ValueError, match=r"uint8 RGB images \(H, W, 3\), not"):
        open_f32(pack).stylize(photo, pack.rows[0])


def test_other_vectors_are_refused(open_f32):
    """A scale-shift vector of another network, type or with NaN in it is refused before anything runs."""
    pack, photo = make_pack(), make_photo(12, 12)
    engine = open_f32(pack)
    for wrong in (pack.rows[0][:-1], pack.rows[:1], pack.rows[0].astype(np.float64)):
        with pytest.raises(ValueError, match="scale_shift must be float32"):
            engine.stylize(photo, wrong)
    with pytest.raises(ValueError, match="not finite"):
        engine.stylize(photo, np.full_like(pack.rows[0], np.nan))


def test_engines_tell_where_they_run(open_f32):
    """Name, device and precision are there for people to read."""
    engine = open_f32(make_pack())
    assert engine.precision == "f32"
    assert engine.device.startswith("CPU")
    assert engine.on_cpu
    assert engine.note == ""
    engine.close()
