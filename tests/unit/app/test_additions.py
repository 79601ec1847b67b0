"""Styles that the user taught join the packs that are shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylecam.app.live.additions import join_styles, load_with_additions, open_first, with_additions
from stylecam.control.state import Controls
from stylecam.core import paths
from stylecam.core.mix import StyleMix
from stylecam.errors import PackError
from stylecam.packs.library import PackLibrary
from stylecam.packs.ops import overlay, subset
from stylecam.packs.store import check_pack, save_pack, save_styles
from tests.fakes import tiny_pack
from tests.train_fakes import write_style


@pytest.fixture
def library() -> PackLibrary:
    """Return the user's packs: the tiny one, a style for it, one for another network, and a damaged one."""
    folder = paths.user_packs()
    folder.mkdir(parents=True)
    save_pack(tiny_pack(), folder / "tiny")
    save_pack(tiny_pack(["alien"], seed=5, name="alien"), folder / "alien.stylepack")
    write_style(folder / "my_garden.stylepack", "my_garden")
    (folder / "broken.stylepack").write_bytes(b"no zip")
    return PackLibrary([folder])


def test_a_taught_style_is_there_at_the_next_start(library: PackLibrary) -> None:
    """Behind the pack's own, which stay as they are; what does not fit is left out."""
    pack = load_with_additions(library, "tiny")
    assert pack.style_ids == (*tiny_pack().style_ids, "my_garden")
    for style in tiny_pack().style_ids:
        np.testing.assert_array_equal(pack.scale_shift(StyleMix({style: 1})), tiny_pack().scale_shift(StyleMix({style: 1})))
    check_pack(pack)


def test_opened_styles_join_what_is_shown_and_a_copy_is_kept(library: PackLibrary, tmp_path: Path) -> None:
    """Once: what the rack has already is not added again, and an id that means something else gets another name."""
    write_style(tmp_path / "friend.stylepack", "friend")
    added = join_styles(library, str(tmp_path / "friend.stylepack"), tiny_pack())
    assert added is not None
    assert added.kept is not None
    assert (added.new, added.base, added.kept.parent) == (("friend",), "", paths.user_packs())
    assert added.pack.style_ids == (*tiny_pack().style_ids, "friend")
    (tmp_path / "friend.stylepack").unlink()
    assert "friend" in load_with_additions(library, "tiny").style_ids
    write_style(tmp_path / "again.stylepack", "friend")
    again = join_styles(library, str(tmp_path / "again.stylepack"), added.pack)
    assert again is not None
    assert (again.new, again.kept) == ((), None)
    assert "already" in again.sentence
    write_style(tmp_path / "other.stylepack", "friend", step=50)
    other = join_styles(library, str(tmp_path / "other.stylepack"), added.pack)
    assert other is not None
    assert other.new == ("friend_2",)


def test_styles_of_another_network_bring_its_pack(library: PackLibrary, tmp_path: Path) -> None:
    """They cannot join what is shown; a whole pack is none of this, and where no pack has the network that is said."""
    save_styles(subset(tiny_pack(["guest", "other"], seed=5), ["guest"], name="guest"), tmp_path / "guest.stylepack")
    added = join_styles(library, str(tmp_path / "guest.stylepack"), tiny_pack())
    assert added is not None
    assert (added.base, added.pack.style_ids) == ("alien", ("alien", "guest"))
    assert join_styles(library, "tiny", tiny_pack()) is None
    save_styles(tiny_pack(["lost"], seed=9), tmp_path / "lost.stylepack")
    with pytest.raises(PackError, match="no installed pack"):
        join_styles(library, str(tmp_path / "lost.stylepack"), tiny_pack())


def test_a_window_that_begins_with_a_style_only_pack_has_the_others_too(library: PackLibrary, tmp_path: Path) -> None:
    """The name to remember is that of the whole pack: so a setting of an earlier version is mended too."""
    write_style(tmp_path / "friend.stylepack", "friend", step=20)
    pack, name, said = open_first(library, str(tmp_path / "friend.stylepack"), ("missing", "tiny"))
    assert (pack.style_ids, name) == ((*tiny_pack().style_ids, "my_garden", "friend"), "tiny")
    assert said.startswith("Added to the rack")
    assert open_first(library, "tiny")[1:] == ("tiny", "")


def test_a_style_that_the_pack_has_is_not_replaced(library: PackLibrary) -> None:
    """The shown pack's own numbers win."""
    write_style(paths.user_packs() / "senecio.stylepack", "senecio", step=50)
    pack = with_additions(tiny_pack(), library)
    np.testing.assert_array_equal(pack.rows[2], tiny_pack().rows[2])


def test_packs_from_elsewhere_do_not_join(library: PackLibrary, tmp_path: Path) -> None:
    """Only what the user installed."""
    write_style(tmp_path / "stray.stylepack", "stray")
    assert "stray" not in with_additions(tiny_pack(), PackLibrary([tmp_path])).style_ids


@pytest.mark.parametrize("identity", [False, True])
def test_overlay_adds_and_replaces_in_place(identity: bool) -> None:
    """The rest keeps its place and its numbers, the identity row included."""
    base, extra = tiny_pack(identity=identity), tiny_pack(["great_wave", "new"])
    both = overlay(base, extra)
    assert both.style_ids == ("starry_night", "great_wave", "senecio", "new")
    np.testing.assert_array_equal(both.rows[[0, 2]], base.rows[[0, 2]])
    np.testing.assert_array_equal(both.rows[[1, 3]], extra.rows)
    if identity:
        np.testing.assert_array_equal(both.rows[4], base.rows[3])
    assert both.trunk == base.trunk
    check_pack(both)


def test_overlay_refuses_another_network() -> None:
    """In a sentence that says what to do."""
    with pytest.raises(PackError, match="another network"):
        overlay(tiny_pack(), tiny_pack(["new"], seed=1))


def test_controls_take_styles_in_without_forgetting() -> None:
    """Weights, locks, solo, undo and redo are as they were; undoing past the arrival leaves the new style at zero."""
    controls = Controls(["a", "b"])
    controls.set_weight("a", 0.4)
    controls.set_weight("b", 0.6)
    controls.undo()
    controls.toggle_lock("b")
    controls.toggle_solo("a")
    controls.add_styles(["a", "b", "c"])
    assert controls.moves.weights == {"a": 0.4, "b": 0.0, "c": 0.0}
    assert (controls.locked, controls.solo) == ({"b"}, "a")
    controls.redo()
    assert controls.moves.weights == {"a": 0.4, "b": 0.6, "c": 0.0}
    controls.set_weight("c", 1.0)
    for _ in range(3):
        controls.undo()
    assert controls.moves.weights == {"a": 0.0, "b": 0.0, "c": 0.0}
    controls.add_styles(["c"])
    assert controls.can_redo
