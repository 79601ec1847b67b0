from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from stylecam.core.mix import StyleMix
from stylecam.core.params import STRENGTH, RenderParams
from stylecam.errors import InputError, OutputError, StylecamError, UsageError
from stylecam.offline.plan import CLIP, IMAGE, Job, Kind, label, plan_files

LOOK = RenderParams(StyleMix.parse("senecio=2,great_wave=1,starry_night=0"))
OTHER = RenderParams(StyleMix.parse("starry_night"))
PLAIN = RenderParams(StyleMix.parse("a=0"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory: a folder `in` with three images among other things."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "below").mkdir(parents=True)
    for name in ("b.png", "a.JPG", "c.gif", "below/d.png", ".hidden.png"):
        Image.new("RGB", (4, 4)).save(tmp_path / "in" / name)
    (tmp_path / "in" / "notes.txt").write_text("not a picture")
    return tmp_path


def plan_jobs(inputs: list[str], output: str, looks: list[RenderParams], **options: Any) -> list[Job]:
    """Plan images."""
    return list(plan_files(IMAGE, inputs, output, looks, **options).jobs)


def _paths(jobs: list[Job]) -> list[tuple[str, list[str]]]:
    return [(str(job), [str(target) for target in job.targets]) for job in jobs]


def test_one_image_goes_into_one_file(folder: Path) -> None:
    """With one input and a file's name, the result gets exactly that name, in the format of its ending."""
    (job,) = plan_jobs(["in/b.png"], "out.JPEG", [LOOK])
    assert _paths([job]) == [("in/b.png", ["out.JPEG"])]
    assert job.targets[0].suffix == ".jpeg"


def test_folder_gives_its_images_in_order(folder: Path) -> None:
    """A folder stands for the images in it, sorted: nothing hidden, no other files, none from folders below."""
    assert _paths(plan_jobs(["in"], "out", [LOOK])) == [
        ("in/a.JPG", ["out/a_senecio+great_wave.JPG"]),
        ("in/b.png", ["out/b_senecio+great_wave.png"]),
        ("in/c.gif", ["out/c_senecio+great_wave.png"]),  # GIF cannot be written
    ]


@pytest.mark.parametrize("output", ["out/", "existing"])
def test_one_image_goes_into_a_folder_when_the_output_is_one(folder: Path, output: str) -> None:
    """A trailing slash, or a folder that exists, makes even one result a file in that folder."""
    (folder / "existing").mkdir()
    expected = str(Path(output) / "b_starry_night.png")
    assert _paths(plan_jobs(["in/b.png"], output, [OTHER])) == [("in/b.png", [expected])]


def test_format_decides_the_ending_in_a_folder(folder: Path) -> None:
    """--format overrides each input's own format."""
    jobs = plan_jobs(["in"], "out", [OTHER], format_name="WebP")
    assert [target.suffix for job in jobs for target in job.targets] == [".webp"] * 3
    assert str(jobs[0].targets[0]) == "out/a_starry_night.webp"


def test_several_looks_go_into_a_folder(folder: Path) -> None:
    """Each look of an image is a file of its own."""
    assert _paths(plan_jobs(["in/b.png"], "out", [LOOK, OTHER])) == [
        ("in/b.png", ["out/b_senecio+great_wave.png", "out/b_starry_night.png"]),
    ]


def test_streams(folder: Path) -> None:
    """'-' is standard input and standard output; PNG unless --format says otherwise."""
    (job,) = plan_jobs(["-"], "-", [LOOK])
    assert (job.source, job.targets[0].path, job.targets[0].suffix) == (None, None, ".png")
    (job,) = plan_jobs(["in/b.png"], "-", [LOOK], format_name="jpg")
    assert job.targets[0].suffix == ".jpg"
    assert _paths(plan_jobs(["-"], "out/", [OTHER])) == [("standard input", ["out/stdin_starry_night.png"])]


@pytest.mark.parametrize(
    ("inputs", "output", "looks", "format_name", "error", "words"),
    [
        (["nowhere.png"], "out.png", [LOOK], None, InputError, "no file or folder 'nowhere.png'"),
        (["n" * 300], "out.png", [LOOK], None, InputError, "too long"),
        (["in/below/.."], "out.png", [LOOK], None, UsageError, "give a folder"),
        (["empty"], "out", [LOOK], None, InputError, "holds no images"),
        (["in/b.png"], "out", [LOOK], None, UsageError, "does not end as images do"),
        (["in/b.png"], "out.gif", [LOOK], None, UsageError, "does not end as images do"),
        (["in/b.png"], "out.jpg", [LOOK], "png", UsageError, "--format asks for png"),
        (["in/b.png"], "out.png", [LOOK], "bmp", UsageError, "'bmp' cannot be written; choose one of png, jpg"),
        (["in/b.png"], "nowhere/out.png", [LOOK], None, OutputError, "no folder 'nowhere'"),
        (["in/b.png", "in/a.JPG"], "out.png", [LOOK], None, UsageError, "Several images cannot go into one file 'out.png'"),
        (["in/b.png"], "out.png", [LOOK, OTHER], None, UsageError, "Several images"),
        (["in"], "in/notes.txt", [LOOK], None, OutputError, "is a file, but the results need a folder"),
        (["in"], "-", [LOOK], None, UsageError, "takes one image, not 3"),
        (["in/b.png"], "-", [LOOK, OTHER], None, UsageError, "takes one image, not 2"),
        (["-", "-"], "out/", [LOOK], None, UsageError, "read only once"),
        (["in/b.png", "in/b.png"], "out/", [LOOK], None, UsageError, "both be written to"),
        (["in/b.png", "in/below/../b.png"], "out/", [LOOK], None, UsageError, "both be written to"),
        (["in/b.png", "in/c.gif", "same/b.gif"], "out/", [LOOK], None, UsageError, r"'in/b.png' and 'same/b.gif'.*'out/b_"),
        (["in/b.png"], "in/b.png", [LOOK], None, OutputError, "itself; use --force"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    folder: Path, inputs: list[str], output: str, looks: list[RenderParams], format_name: str | None, error: type[StylecamError], words: str
) -> None:
    """Every contradiction is a sentence that names what is wrong, before anything is stylized."""
    (folder / "empty").mkdir()
    (folder / "same").mkdir()
    Image.new("RGB", (4, 4)).save(folder / "same" / "b.gif")
    with pytest.raises(error, match=words):
        plan_jobs(inputs, output, looks, format_name=format_name)


def test_existing_results_are_refused_without_force(folder: Path) -> None:
    """One result that exists stops the whole batch before it begins; --force lets it pass."""
    (folder / "out").mkdir()
    (folder / "out" / "b_starry_night.png").touch()
    with pytest.raises(OutputError, match=r"b_starry_night.png' exists already; use --force"):
        plan_jobs(["in"], "out", [OTHER])
    assert len(plan_jobs(["in"], "out", [OTHER], force=True)) == 3


def test_input_may_be_overwritten_only_by_its_own_stylized_image(folder: Path) -> None:
    """With --force an image may be replaced by its stylized image, but never by that of another input, which would be lost unread."""
    (job,) = plan_jobs(["in/b.png"], "in/b.png", [OTHER], force=True)
    assert job.targets[0].path == job.source
    Image.new("RGB", (4, 4)).save(folder / "in" / "b_starry_night.png")
    with pytest.raises(OutputError, match="another of the images to be stylized"):
        plan_jobs(["in"], "in", [OTHER], force=True)


def test_link_to_the_input_is_the_input(folder: Path) -> None:
    """A second name for the same file does not hide that it would be overwritten."""
    (folder / "link.png").symlink_to(folder / "in" / "b.png")
    with pytest.raises(OutputError, match="itself"):
        plan_jobs(["in/b.png"], "link.png", [OTHER])


def test_unreadable_folder_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that may not be listed is an input error."""

    def forbidden(self: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", forbidden)
    with pytest.raises(InputError, match="'in' cannot be read: permission denied"):
        plan_jobs(["in"], "out", [OTHER])


@pytest.mark.parametrize(
    ("params", "name"),
    [
        (RenderParams(StyleMix.parse("a=1,b=0,c=-2")), "a+c"),
        (RenderParams(StyleMix.parse("a,b,c,d")), "mix"),
        (RenderParams(StyleMix.parse("a=0")), "plain"),
        (RenderParams(StyleMix.parse("a"), {STRENGTH: 0}), "plain"),
    ],
)
def test_label_names_the_styles_that_count(params: RenderParams, name: str) -> None:
    """A file's name tells which styles were used, unless they are many."""
    assert label(params) == name


def test_what_a_folder_holds_besides_is_reported(folder: Path) -> None:
    """Kinds that people take for images and that are not read are counted; hidden files and text are nobody's concern."""
    assert plan_files(IMAGE, ["in"], "out", [LOOK]).left_out == "1 folder below was not searched."
    for name in ("IMG_1.HEIC", "IMG_2.heic", "c.dng", "d.mp4", ".e.heic"):
        (folder / "in" / name).touch()
    assert (
        plan_files(IMAGE, ["in"], "out", [LOOK]).left_out == "4 files were left out: 2 HEIC, 1 DNG, 1 MP4. 1 folder below was not searched."
    )
    (folder / "only").mkdir()
    (folder / "only" / "x.heic").touch()
    with pytest.raises(InputError, match=r"holds no images .*1 file was left out: 1 HEIC\."):
        plan_files(IMAGE, ["only"], "out", [LOOK])


def test_folders_of_clips(folder: Path) -> None:
    """All clips that can be read are taken, animated images too; what an unfinished recording left is not, but is reported."""
    (folder / "clips").mkdir()
    for name in ("a.mxf", "b.VOB", "c.f4v", "d.gif", "e.part.mp4", "f.png"):
        (folder / "clips" / name).touch()
    plan = plan_files(CLIP, ["clips"], "out", [OTHER])
    assert [str(job) for job in plan.jobs] == ["clips/a.mxf", "clips/b.VOB", "clips/c.f4v", "clips/d.gif"]
    assert [str(job.targets[0]) for job in plan.jobs] == [f"out/{letter}_starry_night.mp4" for letter in "abcd"]
    assert plan.left_out == "2 files were left out: 1 MP4, 1 PNG."


def test_a_clip_is_never_its_own_target(folder: Path) -> None:
    """Not even with --force: it is read while its result is written."""
    (folder / "a.mp4").touch()
    with pytest.raises(OutputError, match="is the clip to be stylized itself; give another name"):
        plan_files(CLIP, ["a.mp4"], "a.mp4", [OTHER], force=True)


def test_very_long_names_are_cut(folder: Path) -> None:
    """A name that only the addition makes too long is cut, at whole characters; one that just fits is kept."""
    for stem in ("n" * 243, "ü" * 125):
        (folder / f"{stem}.mp4").touch()
    targets = [str(job.targets[0].path) for job in plan_files(CLIP, [f"{'n' * 243}.mp4", f"{'ü' * 125}.mp4"], ".", [PLAIN]).jobs]
    assert targets == [f"{'n' * 243}_plain.mp4", f"{'ü' * 122}_plain.mp4"]


def test_folders_below_are_reported(folder: Path) -> None:
    """Those that hold images are not searched, and that is said; one without any, and the one for the results, do not count."""
    for name in ("day 1", "day 2", "notes", "out"):
        (folder / "in" / name).mkdir()
        (folder / "in" / name / ("x.txt" if name == "notes" else "x.jpg")).touch()
    assert plan_files(IMAGE, ["in"], "in/out", [LOOK]).left_out == "3 folders below were not searched."


@pytest.mark.parametrize("kind", [IMAGE, CLIP], ids=["image", "clip"])
def test_an_address_is_refused_without_its_password(folder: Path, kind: Kind) -> None:
    """The sentence says what to do, and shows nothing of the address."""
    with pytest.raises(InputError, match="not from an address; save it first") as refused:
        plan_files(kind, ["http://me:s3cret@127.0.0.1/x"], "out", [LOOK])
    assert "s3cret" not in str(refused.value)
