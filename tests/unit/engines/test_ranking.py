"""The ranking's file: kept per key, and never trusted."""

import json

import pytest

from stylecam.engines.ranking import Ranking

FILE = "engine_ranking.json"


def test_what_is_saved_is_loaded_under_its_key_only(tmp_path):
    """Another machine, version or network has another key and sees nothing; folders are made on the way."""
    folder = tmp_path / "new" / "cache"
    Ranking(folder, "this").save({"openvino": 150.0, "torch": 20.0})
    Ranking(folder, "that").save({"openvino": 1.0})
    assert Ranking(folder, "this").load() == {"openvino": 150.0, "torch": 20.0}
    assert Ranking(folder, "other").load() == {}


def test_no_folder_remembers_nothing(tmp_path, monkeypatch):
    """Without a folder nothing is written anywhere."""
    monkeypatch.chdir(tmp_path)
    ranking = Ranking(None, "key")
    ranking.save({"openvino": 1.0})
    assert ranking.load() == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"key": 3}',
        b'{"key": {"torch": "fast"}}',
        b'{"key": {"torch": -1}}',
        b'{"key": {"torch": NaN}}',
    ],
)
def test_damaged_file_is_as_good_as_none(tmp_path, content):
    """Whatever stands in the file, loading gives nothing and saving repairs it."""
    (tmp_path / FILE).write_bytes(content)
    ranking = Ranking(tmp_path, "key")
    assert ranking.load() == {}
    ranking.save({"torch": 2.0})
    assert ranking.load() == {"torch": 2.0}


def test_file_does_not_grow_for_ever(tmp_path):
    """Only the latest entries stay."""
    for i in range(110):
        Ranking(tmp_path, f"key{i}").save({"torch": 1.0})
    entries = json.loads((tmp_path / FILE).read_text())
    assert len(entries) == 100
    assert "key109" in entries
    assert "key0" not in entries


def test_disk_that_refuses_is_no_error(tmp_path):
    """A cache folder that cannot be made is only a lost ranking."""
    (tmp_path / "file").write_text("in the way")
    Ranking(tmp_path / "file" / "cache", "key").save({"torch": 1.0})
