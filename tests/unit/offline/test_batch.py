import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams
from stylecam.errors import InputError, OutputError
from stylecam.media.images import ImageFile, encode_image, read_image
from stylecam.offline.images import Report, stylize_all
from stylecam.offline.plan import IMAGE, Job, Target, plan_files
from tests.fakes import gradient

LOOK = RenderParams(StyleMix.parse("senecio"))
PHOTO = gradient()


def _invert(image: NDArray[np.uint8], params: RenderParams) -> NDArray[np.uint8]:
    return 255 - image


def _run(jobs: list[Job], **options: object) -> list[Report]:
    return list(stylize_all(jobs, _invert, **{"stdin": io.BytesIO(), "stdout": io.BytesIO(), **options}))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Return an image file with transparency and EXIF."""
    exif = Image.Exif()
    exif[272] = "Box"
    alpha = PHOTO[..., 2].copy()
    data, _ = encode_image(ImageFile(PHOTO, alpha, exif=exif.tobytes()), ".png")
    path = tmp_path / "photo.png"
    path.write_bytes(data)
    return path


def test_the_stylized_image_is_written_with_what_belongs_to_the_photo(photo: Path, tmp_path: Path) -> None:
    """The result holds the stylized pixels, the photo's transparency and its EXIF; the report says its size."""
    (report,) = _run(plan_files(IMAGE, [str(photo)], str(tmp_path / "out.png"), [LOOK]).jobs)
    painted, before = read_image(tmp_path / "out.png"), read_image(photo)
    np.testing.assert_array_equal(painted.image, 255 - PHOTO)
    np.testing.assert_array_equal(painted.alpha, before.alpha)
    assert painted.exif == before.exif is not None
    assert (report.width_px, report.height_px, report.error) == (32, 24, None)


def test_size_is_that_of_the_stylized_image_and_of_the_file(photo: Path, tmp_path: Path) -> None:
    """With a size the network already sees the smaller image."""
    seen = []

    def paint(image: NDArray[np.uint8], params: RenderParams) -> NDArray[np.uint8]:
        seen.append(image.shape)
        return image

    jobs = plan_files(IMAGE, [str(photo)], str(tmp_path / "out.png"), [LOOK]).jobs
    list(stylize_all(jobs, paint, stdin=io.BytesIO(), stdout=io.BytesIO(), size_px=16))
    assert seen == [(12, 16, 3)]
    assert read_image(tmp_path / "out.png").image.shape == (12, 16, 3)


def test_unreadable_image_does_not_stop_the_rest(photo: Path, tmp_path: Path) -> None:
    """A damaged file among others is reported, and those after it are stylized."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").write_bytes(b"damaged")
    (tmp_path / "in" / "b.png").write_bytes(photo.read_bytes())
    reports = _run(plan_files(IMAGE, [str(tmp_path / "in")], str(tmp_path / "out"), [LOOK]).jobs)
    assert [report.error is None for report in reports] == [False, True]
    assert "a.png" in str(reports[0].error)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b_senecio.png"]


def test_image_that_cannot_be_stylized_does_not_stop_the_rest(photo: Path, tmp_path: Path) -> None:
    """When one image is too large to stylize, its report names it and the next look is tried."""
    calls = []

    def paint(image: NDArray[np.uint8], params: RenderParams) -> NDArray[np.uint8]:
        calls.append(params)
        if len(calls) == 1:
            raise InputError("too large.")
        return image

    looks = [LOOK, RenderParams(StyleMix.parse("great_wave"))]
    jobs = plan_files(IMAGE, [str(photo)], str(tmp_path / "out"), looks).jobs
    first, second = stylize_all(jobs, paint, stdin=io.BytesIO(), stdout=io.BytesIO())
    assert str(first.error) == f"'{photo}' cannot be stylized: too large."
    assert second.error is None


def test_streams_are_read_and_written(photo: Path) -> None:
    """Standard input is stylized to standard output, in the format that was asked for."""
    stdout = io.BytesIO()
    _run(plan_files(IMAGE, ["-"], "-", [LOOK], format_name="webp").jobs, stdin=io.BytesIO(photo.read_bytes()), stdout=stdout)
    with Image.open(io.BytesIO(stdout.getvalue())) as file:
        assert (file.format, file.size) == ("WEBP", (32, 24))


def test_empty_standard_input_is_named() -> None:
    """Nothing in the pipe is an unreadable image called standard input, and nothing is written."""
    stdout = io.BytesIO()
    (report,) = _run(plan_files(IMAGE, ["-"], "-", [LOOK]).jobs, stdout=stdout)
    assert "standard input" in str(report.error)
    assert stdout.getvalue() == b""


def test_notes_of_reading_and_writing_are_reported(photo: Path, tmp_path: Path) -> None:
    """What a format could not hold reaches the user."""
    (report,) = _run(plan_files(IMAGE, [str(photo)], str(tmp_path / "out.jpg"), [LOOK]).jobs)
    assert "white" in report.notes[0]


def test_result_that_cannot_be_written_stops_the_batch(photo: Path, tmp_path: Path) -> None:
    """A full disk or a forbidden folder would fail for every image: the first failure ends the run, with nothing half-written."""
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, where a folder should be made")
    job = Job(photo, (Target(LOOK, blocked / "below" / "out.png", ".png"),))
    painted = []
    with pytest.raises(OutputError, match=r"folder .*blocked.* cannot be made"):
        painted += stylize_all([job, job], _invert, stdin=io.BytesIO(), stdout=io.BytesIO())
    assert painted == []


def test_full_standard_output_is_a_sentence(photo: Path) -> None:
    """When what reads us has no more room, the user learns of it."""

    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="Standard output cannot be written: the disk is full"):
        _run(plan_files(IMAGE, [str(photo)], "-", [LOOK]).jobs, stdout=Full())


def test_batch_can_be_stopped_between_images(photo: Path, tmp_path: Path) -> None:
    """Reports come as the work goes: whoever stops asking stops the painting, and what was reported is complete."""
    jobs = plan_files(IMAGE, [str(photo)], str(tmp_path / "out"), [LOOK, RenderParams(StyleMix.parse("great_wave"))]).jobs
    reports = stylize_all(jobs, _invert, stdin=io.BytesIO(), stdout=io.BytesIO())
    first = next(reports)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["photo_senecio.png"]
    assert first.target.path is not None
    read_image(first.target.path)
