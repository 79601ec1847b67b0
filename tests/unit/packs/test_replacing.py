"""--force replaces packs, and nothing that a user may hold dear."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stylecam.errors import OutputError, PackError
from stylecam.packs.describe import curve_of, recipe_lines
from stylecam.packs.library import PackLibrary
from stylecam.packs.ops import merge
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack, save_pack
from tests.fakes import tiny_pack


@pytest.mark.parametrize("dear", ["src/app.js", "notes.txt", ".env", ".git/config", "thumbs/holiday.jpeg", "thumbs/more/a.jpg"])
def test_force_spares_a_folder_with_anything_else_in_it(pack: StylePack, tmp_path: Path, dear: str) -> None:
    """A pack's folder in which a user keeps other files, hidden ones too, is not replaced; the sentence names what is in the way."""
    folder = tmp_path / "folder"
    save_pack(pack, folder)
    (folder / dear).parent.mkdir(exist_ok=True)
    (folder / dear).write_text("dear")
    with pytest.raises(OutputError, match=r"not a style pack.*it holds"):
        save_pack(tiny_pack(seed=9), folder, force=True)
    assert (folder / dear).read_text() == "dear"


def test_force_spares_a_web_app(pack: StylePack, tmp_path: Path) -> None:
    """Browsers' apps have a manifest.json too; it alone makes no style pack."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_text('{"name": "app"}')
    with pytest.raises(OutputError, match="not a style pack"):
        save_pack(pack, tmp_path / "app", force=True)
    assert (tmp_path / "app" / "manifest.json").read_text() == '{"name": "app"}'


def test_force_replaces_a_pack_that_a_file_manager_visited(pack: StylePack, tmp_path: Path) -> None:
    """A .DS_Store does not stand in the way; an empty folder does not either."""
    save_pack(pack, tmp_path / "folder")
    (tmp_path / "folder" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    for name in ("folder", "empty"):
        save_pack(tiny_pack(seed=9), tmp_path / name, force=True)
        assert load_pack(tmp_path / name).trunk == tiny_pack(seed=9).trunk


def test_a_linked_folder_is_replaced_without_debris(pack: StylePack, tmp_path: Path) -> None:
    """Where a link led to a pack, the new pack stands in its place, the old one stays where it was, and nothing else is left."""
    save_pack(pack, tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    save_pack(tiny_pack(seed=9), tmp_path / "link", force=True)
    assert load_pack(tmp_path / "real").trunk == pack.trunk
    assert load_pack(tmp_path / "link").trunk == tiny_pack(seed=9).trunk
    assert {entry.name for entry in tmp_path.iterdir()} == {"real", "link"}


def test_a_crash_while_a_zip_is_replaced_keeps_the_old_one(pack: StylePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step of writing a .stylepack fails, the old file still loads and no half one stays."""
    save_pack(pack, tmp_path / "a.stylepack")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="disk is full"):
        save_pack(tiny_pack(seed=9), tmp_path / "a.stylepack", force=True)
    assert load_pack(tmp_path / "a.stylepack").trunk == pack.trunk
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.stylepack"]


def test_what_cannot_be_saved_says_what_could(pack: StylePack, tmp_path: Path) -> None:
    """A name with a space is refused with the letters that a name may have."""
    with pytest.raises(PackError, match=r"'my pack', not .*letters, digits"):
        save_pack(replace(pack, name="my pack"), tmp_path / "a.stylepack")


def test_a_merge_of_nothing_or_of_too_much_is_a_sentence(pack: StylePack) -> None:
    """No pack at all, and more styles than a network can have."""
    with pytest.raises(PackError, match="at least one pack"):
        merge([], name="x", title="x")
    many = [tiny_pack([f"p{part}_{style}" for style in range(2048)]) for part in range(3)]
    with pytest.raises(PackError, match="6144 styles"):
        merge(many, name="x", title="x")


def test_a_merge_keeps_every_recipe(pack: StylePack) -> None:
    """Also of two packs that have the same name."""
    parts = [replace(tiny_pack([style]), recipe={"of": style}) for style in pack.style_ids]
    merged = merge(parts, name="x", title="x")
    assert [entry["recipe"]["of"] for entry in merged.recipe["merged"]] == list(pack.style_ids)


def test_a_pack_can_be_merged_again_and_again(pack: StylePack, tmp_path: Path) -> None:
    """Whoever adds a style every week can still save the pack after thirty of them: recipes do not nest, licences do not pile up."""
    merged = replace(tiny_pack(["first"]), licence="CC-BY-4.0")
    for week in range(30):
        added = replace(tiny_pack([f"style_{week}"]), licence="unknown" if week % 2 else "CC-BY-4.0", recipe={"of": week})
        merged = merge([merged, added], name="x", title="x")
    save_pack(merged, tmp_path / "x.stylepack")
    assert merged.licence == "CC-BY-4.0 and unknown"
    assert recipe_lines(merged.recipe)[-1].endswith(" and 27 more")
    assert [entry["recipe"].get("of") for entry in load_pack(tmp_path / "x.stylepack").recipe["merged"]] == [None, *range(30)]


def test_licences_that_are_too_long_together(tmp_path: Path) -> None:
    """The merged pack says where they stand, and can be saved."""
    parts = [replace(tiny_pack([letter]), licence=letter * 400) for letter in "ab"]
    merged = merge(parts, name="x", title="x")
    save_pack(merged, tmp_path / "x.stylepack")
    assert merged.licence.startswith("several licences")


@pytest.mark.parametrize("curve", [{"every_steps": 2**63}, {"every_steps": 0}, {"style": [1e308, 1e308]}, {"content": [float("inf")]}])
def test_a_strangers_curve_is_drawn_only_if_it_can_be(curve: dict[str, object]) -> None:
    """Numbers that no plot holds make no curve; a stage before it may have one."""
    sound = {"every_steps": 10, "content": [1.0, 2.0], "style": [3.0, 4.0]}
    assert curve_of({"stages": [{"curve": sound}, {"curve": {**sound, **curve}}]}) == ((10, 4.0), (20, 6.0))


def test_a_pack_that_may_not_be_looked_at_is_listed_as_such(pack: StylePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that the user may not enter does not break the list of packs; it stands there with its sentence."""
    save_pack(pack, tmp_path / "good")
    (tmp_path / "locked").mkdir()
    is_dir, is_file = Path.is_dir, Path.is_file

    def locked(check: object) -> object:
        def checked(self: Path) -> bool:
            if "locked" in self.parts:
                raise PermissionError(13, "Permission denied", str(self))
            return check(self)  # type: ignore[no-any-return,operator]

        return checked

    monkeypatch.setattr(Path, "is_dir", locked(is_dir))
    monkeypatch.setattr(Path, "is_file", locked(is_file))
    listed = {name: manifest for name, _, manifest in PackLibrary([tmp_path]).manifests()}
    assert isinstance(listed["locked"], PackError)
    assert "permission denied" in str(listed["locked"])
    assert not isinstance(listed["good"], PackError)
