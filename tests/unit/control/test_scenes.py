"""Scenes: what is kept, under which number, and what a file of them may hold."""

from __future__ import annotations

import base64
import doctest
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from stylecam.control import scenes as scenes_module
from stylecam.control.scene_file import parse_scenes, read_scenes, scenes_json
from stylecam.control.scenes import MAX_SCENES, Scene, Scenes, left_out_sentence
from stylecam.core.mix import StyleMix
from stylecam.core.params import BYPASS, FREEZE, RAW, SIZE, STRENGTH, RenderParams
from stylecam.effects.color import KEEP_COLOR
from stylecam.effects.mirror import MIRROR
from stylecam.errors import InputError, UsageError

NOW = RenderParams(StyleMix({"senecio": 0.4, "great_wave": 0.0}), {STRENGTH: 0.7, KEEP_COLOR: 0.2, SIZE: 320, MIRROR: True, FREEZE: True})
OTHER = RenderParams(StyleMix({"the_scream": 1.0}), {RAW: True, BYPASS: True})


def named(*names: str) -> dict[int, Scene]:
    """Return scenes with these names, numbered from 1."""
    return {number: Scene.of(NOW, name) for number, name in enumerate(names, 1)}


def test_the_mix_alone_or_everything() -> None:
    """The first changes the mix and nothing else; the second all that the window remembers. Neither touches mirror, freeze or bypass."""
    mix, everything = Scene.of(NOW, "a").on(OTHER), Scene.of(NOW, "a", "everything").on(OTHER)
    assert mix == RenderParams(StyleMix({"senecio": 0.4}), {BYPASS: True})
    assert everything == RenderParams(StyleMix({"senecio": 0.4}), {STRENGTH: 0.7, KEEP_COLOR: 0.2, SIZE: 320, BYPASS: True})


def test_styles_that_the_pack_lacks_are_left_out_and_named() -> None:
    """The rest of the mix is shown; where all is there, the scene is the same and nothing is said."""
    scene = Scene.of(OTHER.but(mix=StyleMix({"a": 0.5, "b": 0.5})), "Night", pack="studio")
    less, missing = scene.only(["b", "c"])
    assert less.mix == StyleMix({"b": 0.5})
    assert missing == ("a",)
    assert left_out_sentence(scene, missing) == "Scene 'Night' is shown without a, of the pack studio: this pack has no such style."
    assert scene.only(["a", "b"]) == (scene, ())
    assert left_out_sentence(scene, ()) == ""


def test_kept_renamed_moved_and_deleted() -> None:
    """Numbers stay where they are; moving shifts those between; every change is heard."""
    scenes, heard = Scenes(), []
    scenes.subscribe(lambda: heard.append(scenes.numbers))
    for number, name in ((1, "a"), (2, "b"), (5, "c")):
        scenes.keep(number, Scene.of(NOW, name))
    assert scenes.first_free() == 3
    scenes.move(5, 1)
    assert [(number, scene.name) for number, scene in scenes.kept.items()] == [(1, "c"), (2, "a"), (5, "b")]
    scenes.move(1, 7)
    assert scenes.numbers == (2, 5, 7)
    scenes.rename(7, "  Night\n in Paris ")
    assert scenes[7].name == "Night in Paris"
    assert scenes.delete(2).name == "a"
    assert scenes.numbers == (5, 7)
    assert len(heard) == 7


def test_found_by_name_or_number() -> None:
    """Names in any case go first; what is not there is said with what is near."""
    scenes = Scenes(named("Waves", "1", "Paris"))
    assert [scenes.find(text) for text in ("waves", " PARIS", "1", "3")] == [1, 3, 2, 3]
    with pytest.raises(UsageError, match=r"no scene 'wavs'\. Did you mean Waves\? You have Waves, 1, Paris\."):
        scenes.find("wavs")
    with pytest.raises(UsageError, match="none yet: Ctrl\\+1"):
        Scenes().find("a")
    with pytest.raises(UsageError, match=r"no scene 4 yet; Ctrl\+4 keeps"):
        _ = scenes[4]


def test_there_is_an_end_to_them() -> None:
    """A number out of range is refused, and an import that would be too much adds nothing."""
    scenes = Scenes({number: Scene.of(NOW, "a") for number in range(1, MAX_SCENES)})
    with pytest.raises(UsageError, match="from 1 to 99"):
        scenes.keep(100, Scene.of(NOW, "b"))
    with pytest.raises(UsageError, match="delete one first"):
        scenes.add(named("b", "c"))
    assert len(scenes.numbers) == MAX_SCENES - 1
    assert scenes.add(named("b")) == (MAX_SCENES,)


def jpeg(width: int = 32, height: int = 18) -> bytes:
    """Return a small image."""
    return bytes(cv2.imencode(".jpg", np.zeros((height, width, 3), np.uint8))[1])


def test_a_file_gives_back_what_was_kept(tmp_path: Path) -> None:
    """Names, numbers, scopes, mixes, options and thumbnails."""
    kept = {1: Scene.of(NOW, "Nacht über Paris", "everything", pack="live32", thumbnail=jpeg()), 4: Scene.of(OTHER, "b")}
    (tmp_path / "a.json").write_text(json.dumps(scenes_json(kept)))
    assert read_scenes(tmp_path / "a.json") == (kept, "")


def test_options_from_elsewhere_are_left_out_and_named() -> None:
    """Such as of an effect that somebody wrote: the rest is used."""
    stored = scenes_json({1: Scene.of(NOW, "a", "everything")})
    stored["scenes"][0]["options"] |= {"sparkle": 0.5}
    scenes, note = parse_scenes(json.dumps(stored).encode(), "x.json")
    assert scenes[1] == Scene.of(NOW, "a", "everything")
    assert note == "'x.json' has options that this stylecam does not know, which are left out: sparkle."


def big_head() -> str:
    """Return a PNG of few bytes that says it is 60000 pixels wide."""
    data = bytearray(cv2.imencode(".png", np.zeros((1, 1, 3), np.uint8))[1].tobytes())
    data[16:20] = (60000).to_bytes(4, "big")
    return base64.b64encode(bytes(data)).decode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"number": 0}, "from 1 to 99"),
        ({"number": True}, "from 1 to 99"),
        ({"number": 10**30}, "from 1 to 99"),
        ({"scope": "all"}, "one of mix, everything"),
        ({"scope": []}, "one of mix, everything"),
        ({"name": 5}, "must be text"),
        ({"mix": [1]}, "styles and their weights"),
        ({"mix": {"senecio": float("nan")}}, "from 0 to 1"),
        ({"mix": {"senecio": 1e400}}, "from 0 to 1"),
        ({"mix": {"senecio": 10**400}}, "from 0 to 1"),
        ({"mix": {"senecio": -0.1}}, "from 0 to 1"),
        ({"mix": {"senecio": True}}, "from 0 to 1"),
        ({"mix": {"s" * 101: 0.5}}, "cannot be called"),
        ({"mix": {"../\x00": 0.5}}, "cannot be called"),
        ({"mix": {str(style): 0.5 for style in range(1001)}}, "styles and their weights"),
        ({"options": {"raw": "yes"}}, "Raw weights cannot be yes"),
        ({"options": []}, "an object"),
        ({"thumbnail": "?"}, "damaged"),
        ({"thumbnail": base64.b64encode(b"GIF89a").decode()}, "damaged or too large"),
        ({"thumbnail": big_head()}, "damaged or too large"),
        ({"thumbnail": base64.b64encode(b"\xff\xd8" + bytes(30_000)).decode()}, "damaged or too large"),
    ],
    ids=lambda value: "" if isinstance(value, str) else next(iter(value)),
)
def test_hostile_values_are_refused_in_a_sentence(change: dict[str, Any], says: str) -> None:
    """Nothing of such a file is used, and the sentence says which scene and why."""
    stored = scenes_json(named("a", "b"))
    stored["scenes"][1] |= change
    with pytest.raises(InputError, match=says) as caught:
        parse_scenes(json.dumps(stored).encode(), "x.json")
    assert str(caught.value).startswith("Scene 2 in 'x.json' cannot be used: ")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b"\xff\xfe", "damaged"),
        (b"[1, 2]", "no file of scenes"),
        (b'{"format": "stylecam scenes"}', "of which version"),
        (b'{"format": "stylecam scenes", "version": true}', "of which version"),
        (b'{"format": "stylecam scenes", "version": 2}', "newer stylecam"),
        (b'{"format": "stylecam scenes", "version": 1, "scenes": []}', "holds no scene"),
        (b'{"format": "stylecam scenes", "version": 1, "scenes": [1]}', "it is no object"),
        (b" " * 4_000_001, "far too large"),
        (json.dumps(scenes_json(named(*"a" * 100))).encode(), "100 scenes, more than the 99"),
    ],
    ids=range(11),
)
def test_what_is_no_file_of_scenes_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    """With a sentence, whatever it is."""
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(InputError, match=says):
        read_scenes(tmp_path / "x.json")


def test_one_number_twice_is_refused_and_so_is_no_file(tmp_path: Path) -> None:
    """Two scenes cannot have one key."""
    stored = scenes_json(named("a", "b"))
    stored["scenes"][1]["number"] = 1
    with pytest.raises(InputError, match="number 1 is given twice"):
        parse_scenes(json.dumps(stored).encode(), "x.json")
    with pytest.raises(InputError, match="cannot be read: no such file"):
        read_scenes(tmp_path / "none.json")


def test_the_examples_run() -> None:
    """Those of the module's docstrings."""
    assert doctest.testmod(scenes_module).failed == 0
