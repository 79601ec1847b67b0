"""Style images carry what is known of them, in a fixed order."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from stylecam.core.paths import loss_network, shipped
from stylecam.errors import TrainingError
from stylecam.training.data.style_images import THUMBNAIL_PX, read_style_images


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two style images without papers."""
    for name, color in (("Zebra Field.jpg", "red"), ("apple.png", "green")):
        Image.new("RGB", (60, 40), color).save(tmp_path / name)
    return tmp_path


def test_without_papers_the_file_name_speaks(folder: Path) -> None:
    """Id and title come from the name; artist and licence are honestly unknown."""
    apple, zebra = read_style_images(folder, 400)
    assert (apple.info.id, zebra.info.id) == ("apple", "zebra_field") or (zebra.info.id, apple.info.id) == ("apple", "zebra_field")
    info = next(p.info for p in (apple, zebra) if p.info.id == "zebra_field")
    assert (info.title, info.artist, info.licence, info.style_size_px) == ("Zebra Field", "unknown", "unknown", 400)
    assert info.sha256 == hashlib.sha256((folder / "Zebra Field.jpg").read_bytes()).hexdigest()
    assert Image.open(io.BytesIO(info.thumbnail)).size == (THUMBNAIL_PX, THUMBNAIL_PX)


def test_provenance_gives_order_and_names(folder: Path) -> None:
    """The order of provenance.json is the order of the rows; unlisted files follow."""
    entries = [
        {"id": "zebra_field", "title": "Zebras", "artist": "A. Artist", "year": "1900", "licence": "public domain", "source": "attic"}
    ]
    (folder / "provenance.json").write_text(json.dumps(entries))
    first, second = read_style_images(folder, 256)
    assert (first.info.id, first.info.title, first.info.artist) == ("zebra_field", "Zebras", "A. Artist")
    assert second.info.id == "apple"


def test_only_picks_in_the_given_order(folder: Path) -> None:
    """A choice of ids decides order and number; an unknown one is named."""
    assert [p.info.id for p in read_style_images(folder, 256, ["zebra_field", "apple"])] == ["zebra_field", "apple"]
    with pytest.raises(TrainingError, match="no style image named monet"):
        read_style_images(folder, 256, ["apple", "monet"])


def test_a_file_is_a_folder_of_one(folder: Path) -> None:
    """One image is read alone, with what the papers beside it know."""
    (folder / "provenance.json").write_text(json.dumps([{"id": "apple", "artist": "A. Artist"}, {"id": "zebra_field"}]))
    (apple,) = read_style_images(folder / "apple.png", 256)
    assert (apple.info.id, apple.info.artist, apple.path) == ("apple", "A. Artist", folder / "apple.png")


def test_damage_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    """A broken image, broken papers and a missing folder each say which file and what to do."""
    (folder / "provenance.json").write_text("{")
    with pytest.raises(TrainingError, match=r"provenance\.json.*cannot be read"):
        read_style_images(folder, 256)
    (folder / "provenance.json").unlink()
    (folder / "apple.png").write_bytes(b"PNG?")
    with pytest.raises(TrainingError, match=r"apple\.png.* is not an image"):
        read_style_images(folder, 256)
    with pytest.raises(TrainingError, match="no folder"):
        read_style_images(tmp_path / "missing", 256)


def test_the_shipped_style_images_are_what_their_papers_say() -> None:
    """Style images, sample photos, demo clip and loss network: each with author, licence, source and the right sha256, all free to ship."""
    entries = json.loads(shipped("assets", "provenance.json").read_text("utf-8"))
    listed = {entry["file"] for entry in entries}
    present = {f"{path.parent.name}/{path.name}" for path in shipped("assets").glob("*/*") if path.suffix in (".jpg", ".mp4")}
    present.add("icons/LICENSE.txt")  # one for the whole set
    present.add(f"../weights/vgg16/{loss_network().name}")
    assert listed == present
    for entry in entries:
        assert hashlib.sha256(shipped("assets", *entry["file"].split("/")).read_bytes()).hexdigest() == entry["sha256"], entry["file"]
        assert all(entry[key] for key in ("title", "artist", "year", "licence", "source"))
        if "id" in entry:
            assert entry["died"] < 1956, entry["id"]
    assert len(read_style_images(shipped("assets", "paintings"), 400)) == 32


def test_no_style_image_hides_another(tmp_path: Path) -> None:
    """Two files whose names give the same id are refused: one of them would be left out without a word."""
    for name in ("My Garden.png", "my-garden.jpg"):
        Image.new("RGB", (60, 40)).save(tmp_path / name)
    with pytest.raises(TrainingError, match="would both be the style 'my_garden'; rename one"):
        read_style_images(tmp_path, 32)
