"""Packs survive the disk, and a failed save loses nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stylecam.core.mix import StyleMix
from stylecam.errors import OutputError, PackError, UsageError
from stylecam.packs import archive
from stylecam.packs.archive import read_files
from stylecam.packs.library import pack_library
from stylecam.packs.ops import merge, overlay, subset, with_fast_head
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack, save_pack, save_styles
from tests.fakes import tiny_pack
from tests.unit.packs.forge import Files, as_schema_1, resigned, write_zip

GOLDEN = Path(__file__).parents[2] / "golden" / "first_pack.stylepack"


def same(one: StylePack, two: StylePack) -> bool:
    """Compare all that a pack holds."""
    return (
        (one.name, one.title, one.licence, one.config, one.styles, dict(one.recipe))
        == (two.name, two.title, two.licence, two.config, two.styles, dict(two.recipe))
        and one.tensors.keys() == two.tensors.keys()
        and all(np.array_equal(one.tensors[name], two.tensors[name]) for name in one.tensors)
    )


@pytest.mark.parametrize("name", ["a.stylepack", "folder"])
def test_a_pack_survives_the_disk(pack: StylePack, tmp_path: Path, name: str) -> None:
    """As a folder and as one file: texts, thumbnails, recipe and every number come back."""
    save_pack(pack, tmp_path / name)
    assert same(load_pack(tmp_path / name), pack)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_the_same_pack_gives_the_same_file(pack: StylePack, tmp_path: Path) -> None:
    """No dates or random order inside: packs can be compared by hash."""
    save_pack(pack, tmp_path / "a.stylepack")
    save_pack(load_pack(tmp_path / "a.stylepack"), tmp_path / "b.stylepack")
    assert (tmp_path / "a.stylepack").read_bytes() == (tmp_path / "b.stylepack").read_bytes()


@pytest.mark.parametrize("name", ["a.stylepack", "folder"])
def test_nothing_is_overwritten_without_force(pack: StylePack, tmp_path: Path, name: str) -> None:
    """An existing pack stays as it is; with force it is replaced whole."""
    save_pack(pack, tmp_path / name)
    other = tiny_pack(seed=9)
    with pytest.raises(OutputError, match="--force"):
        save_pack(other, tmp_path / name)
    assert same(load_pack(tmp_path / name), pack)
    save_pack(other, tmp_path / name, force=True)
    assert same(load_pack(tmp_path / name), other)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_force_does_not_replace_a_folder_of_something_else(pack: StylePack, tmp_path: Path) -> None:
    """A user's folder that is no pack survives a mistyped -o."""
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "photo.jpg").write_bytes(b"dear")
    with pytest.raises(OutputError, match="not a style pack"):
        save_pack(pack, tmp_path / "holiday", force=True)
    assert (tmp_path / "holiday" / "photo.jpg").read_bytes() == b"dear"


@pytest.mark.parametrize("failing_rename", [1, 2])
def test_a_crash_while_replacing_keeps_the_old_pack(
    pack: StylePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing_rename: int
) -> None:
    """Whichever rename fails, the old pack still loads under its name and no debris stays."""
    save_pack(pack, tmp_path / "folder")
    rename, calls = Path.rename, []

    def flaky(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == failing_rename:
            raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", flaky)
    with pytest.raises(OutputError, match="No space left"):
        save_pack(tiny_pack(seed=9), tmp_path / "folder", force=True)
    monkeypatch.undo()
    assert same(load_pack(tmp_path / "folder"), pack)
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_pack_that_would_not_load_is_not_written(pack: StylePack, tmp_path: Path) -> None:
    """NaN from a diverged training never reaches the disk."""
    broken = dict(pack.tensors)
    broken["output.conv.weight"] = np.full_like(broken["output.conv.weight"], np.nan)
    with pytest.raises(PackError, match="cannot be saved"):
        save_pack(replace(pack, tensors=broken), tmp_path / "a.stylepack")
    assert not list(tmp_path.iterdir())


def test_styles_travel_without_their_network(pack: StylePack, tmp_path: Path) -> None:
    """A style-only pack holds γ and β alone, finds its network by hash, and stylizes the same."""
    one = subset(pack, ["great_wave"], name="wave")
    save_styles(one, tmp_path / "wave.stylepack")
    save_pack(one, tmp_path / "whole.stylepack")
    assert (tmp_path / "wave.stylepack").stat().st_size < (tmp_path / "whole.stylepack").stat().st_size
    back = load_pack(tmp_path / "wave.stylepack", trunk=pack)
    assert back.style_ids == ("great_wave",)
    mix = StyleMix({"great_wave": 1.0})
    np.testing.assert_array_equal(back.scale_shift(mix), pack.scale_shift(mix))
    assert back.trunk == pack.trunk


def test_styles_need_their_own_network(pack: StylePack, tmp_path: Path) -> None:
    """Without a network, or with another one, the sentence says what is missing."""
    save_styles(pack, tmp_path / "rows.stylepack")
    with pytest.raises(PackError, match=r"rows\.stylepack.*no installed pack has; install that first"):
        load_pack(tmp_path / "rows.stylepack")
    with pytest.raises(PackError, match="belong to another network"):
        load_pack(tmp_path / "rows.stylepack", trunk=tiny_pack(seed=5))


def test_merge_and_subset_are_inverse(pack: StylePack) -> None:
    """A pack taken apart and merged again has the same rows, the identity row included."""
    parts = [subset(pack, [style]) for style in pack.style_ids]
    whole = merge(parts, name="tiny", title="Tiny")
    assert whole.style_ids == pack.style_ids
    np.testing.assert_array_equal(whole.rows, pack.rows)
    assert merge([pack, parts[0]], name="x", title="x").style_ids == pack.style_ids


def test_the_fast_output_survives(pack: StylePack, tmp_path: Path) -> None:
    """A choice of styles keeps it, a merge takes it from any of its packs, an added style works in it, a style-only pack has none."""
    headed, (one, other, third) = with_fast_head(pack), (subset(pack, [style]) for style in pack.style_ids)
    chosen = subset(headed, pack.style_ids[:1])
    assert chosen.network == headed.network
    for order in ([one, chosen, other], [chosen, other, one]):
        whole = merge(order, name="x", title="x")
        assert whole.network == headed.network
        assert set(whole.style_ids) == set(pack.style_ids[:2])
    assert overlay(headed, third).network == headed.network
    save_styles(headed, tmp_path / "rows.stylepack")
    assert load_pack(tmp_path / "rows.stylepack", trunk=pack).config.heads == ("fine",)
    assert load_pack(tmp_path / "rows.stylepack", trunk=headed).network == headed.network


def test_merge_and_subset_refuse_what_cannot_be(pack: StylePack) -> None:
    """Other networks, clashing styles, unknown and doubled ids are sentences."""
    with pytest.raises(PackError, match="different networks"):
        merge([pack, tiny_pack(seed=5, name="other")], name="x", title="x")
    changed = {**pack.tensors, "styles": pack.rows + 0.5}
    with pytest.raises(PackError, match="differs from an earlier one"):
        merge([pack, replace(pack, tensors=changed)], name="x", title="x")
    with pytest.raises(PackError, match=r"no style 'great_wafe'.*Did you mean great_wave"):
        subset(pack, ["great_wafe"])
    for ids in ([], ["senecio", "senecio"]):
        with pytest.raises(PackError, match="only once"):
            subset(pack, ids)


def test_an_older_schema_is_migrated(pack: StylePack, files: Files, tmp_path: Path) -> None:
    """A pack of schema 1, γ and β in two tensors per normalization, gives the same pack, and is written as schema 2."""
    old = load_pack(write_zip(tmp_path / "old.stylepack", as_schema_1(files, pack)))
    assert same(old, pack)
    save_pack(old, tmp_path / "new.stylepack")
    assert read_files(tmp_path / "new.stylepack") == files


def test_old_styles_join_their_network(pack: StylePack, tmp_path: Path) -> None:
    """A style-only pack of schema 1 finds its network by the hash that it has always had."""
    save_styles(subset(pack, ["senecio"]), tmp_path / "new.stylepack")
    write_zip(tmp_path / "old.stylepack", as_schema_1(read_files(tmp_path / "new.stylepack"), pack))
    old = load_pack(tmp_path / "old.stylepack", trunk=pack)
    np.testing.assert_array_equal(old.rows, pack.rows[2:])  # the style, and the network's identity row
    assert old.trunk == pack.trunk


def test_styles_are_found_by_id(pack: StylePack) -> None:
    """`pack.styles[id].vector` is the style's γ and β, as in a mix of it alone; an unknown id is a KeyError."""
    np.testing.assert_array_equal(pack.styles["great_wave"].vector, pack.scale_shift(StyleMix({"great_wave": 1.0})))
    assert pack.styles["great_wave"] is pack.styles[1]
    with pytest.raises(KeyError):
        pack.styles["great_wafe"]


def test_a_pack_becomes_a_torch_module(pack: StylePack) -> None:
    """`pack.to_module()` has the pack's tensors and no others."""
    tensors = pack.to_module().tensors()
    assert tensors.keys() == pack.tensors.keys()
    assert all(np.array_equal(tensors[name], value) for name, value in pack.tensors.items())


def test_a_newer_schema_says_update(files: Files, tmp_path: Path) -> None:
    """A pack from the future is not guessed at."""
    write_zip(tmp_path / "new.stylepack", resigned(files, lambda data: data.update(schema=99)))
    with pytest.raises(PackError, match=r"newer stylecam.*update stylecam"):
        load_pack(tmp_path / "new.stylepack")


def test_the_first_pack_loads_forever() -> None:
    """A pack written by the first version, kept as it was: every later version must read it, with the same rows."""
    pack = load_pack(GOLDEN)
    assert pack.style_ids == ("starry_night", "great_wave")
    assert pack.rows.shape == (3, pack.config.scale_shift_size)
    assert pack.rows.sum(dtype=np.float64) == pytest.approx(GOLDEN_SUM, rel=1e-6)
    assert pack.trunk == GOLDEN_TRUNK


GOLDEN_SUM = 85.73616946395487
GOLDEN_TRUNK = "sha256:14eec839bb119c34ad07980a4b5eb03100d53aba618ce5da4e8588b6f7008a69"


def test_hidden_files_of_file_managers_do_no_harm(pack: StylePack, tmp_path: Path) -> None:
    """A .DS_Store in a pack's folder is passed over."""
    save_pack(pack, tmp_path / "folder")
    (tmp_path / "folder" / ".DS_Store").write_bytes(b"x")
    assert same(load_pack(tmp_path / "folder"), pack)


def test_a_pack_of_many_megabytes_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file larger than any pack is not read into memory."""
    monkeypatch.setattr(archive, "MAX_TOTAL_BYTES", 1000)
    (tmp_path / "big.stylepack").write_bytes(bytes(2000))
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
    with pytest.raises(PackError, match="larger than"):
        load_pack(tmp_path / "big.stylepack")


def test_an_artist_is_answered_with_his_styles() -> None:
    """Whoever names an artist, or words of a title, with or without spaces and accents, is told the ids; a slip is met as before."""
    pack = pack_library().load("live32")
    for words in ("van gogh", "VanGogh", "night café"):
        with pytest.raises(UsageError, match="vg_night_cafe"):
            pack.scale_shift(StyleMix({words: 1.0}))
    with pytest.raises(UsageError, match="Did you mean starry_night"):
        pack.scale_shift(StyleMix({"stary_nihgt": 1.0}))
