"""`import stylecam`: the public names are all there, come when they are used, and their examples run."""

from __future__ import annotations

import doctest
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import stylecam
from stylecam.engines import select
from stylecam.engines.base import Engine
from stylecam.packs.pack import StylePack
from tests.fakes import gradient
from tests.unit.capture.clips import write_clip

#: Libraries that cost time to load.
HEAVY = ("numpy", "PIL", "av", "cv2", "onnx", "onnxruntime", "openvino", "PyQt6", "torch")


def _loaded(code: str) -> set[str]:
    """Run code in another Python; return which of the heavy libraries it loaded."""
    tell = f"import json, sys\n{code}\nprint(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", tell], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_import_loads_nothing() -> None:
    """`import stylecam`, and asking what it has, load no library at all."""
    assert _loaded("import stylecam; dir(stylecam)") == set()


def test_stylizing_needs_neither_torch_nor_qt() -> None:
    """The example of the package's docstring runs on what the live app runs on."""
    lines = [example.source for example in doctest.DocTestParser().get_examples(stylecam.__doc__ or "")]
    assert len(lines) > 3
    assert not _loaded("".join(lines)) & {"torch", "PyQt6"}


def test_every_name_is_there() -> None:
    """What `__all__` promises can be had, is listed by `dir`, and knows its own name; what is not there is an AttributeError."""
    assert sorted(stylecam.__all__, key=str.lower) == sorted(stylecam._MODULES, key=str.lower)
    for name in stylecam.__all__:
        assert name in dir(stylecam)
        assert getattr(stylecam, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'sunflowers'"):
        _ = stylecam.sunflowers


def test_types_are_shipped(repository: Path) -> None:
    """The marker that makes type checkers use the annotations lies in the package (PEP 561)."""
    assert (repository / "stylecam" / "py.typed").is_file()


def _documented() -> list[tuple[str, Any]]:
    """Return the package, its public names, and the public methods of its classes."""
    found: list[tuple[str, Any]] = [("stylecam", stylecam)]
    for name in stylecam.__all__:
        thing = getattr(stylecam, name)
        found.append((name, thing))
        if inspect.isclass(thing):
            members = {key: value for key, value in vars(thing).items() if not key.startswith("_")}
            found += [(f"{name}.{key}", value) for key, value in members.items() if _has_body(value)]
    return found


def _has_body(member: Any) -> bool:
    return inspect.isroutine(member) or isinstance(member, (property, cached_property, classmethod, staticmethod))


@pytest.fixture(scope="module")
def engines() -> Iterator[dict[tuple[str, str], Engine]]:
    """Engines that stay open from example to example: real ones, but each is opened once."""
    kept: dict[tuple[str, str], Engine] = {}
    yield kept
    for engine in kept.values():
        type(engine).close(engine)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engines: dict[tuple[str, str], Engine]) -> None:
    """Work in a folder with a photo and a clip of three frames."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(gradient(48, 64)).save("photo.jpg")
    write_clip(Path("clip.mp4"), [gradient(48, 64)] * 3)
    open_one = select.open_engine

    def open_engine(pack: StylePack, name: str = "auto", *, precision: str = "auto", **options: Any) -> Engine:
        if (name, precision) not in engines:
            engine = engines[name, precision] = open_one(pack, name, precision=precision, **options)
            vars(engine)["close"] = lambda: None
        return engines[name, precision]

    monkeypatch.setattr(select, "open_engine", open_engine)


@pytest.mark.parametrize(("name", "thing"), [pytest.param(*each, id=each[0]) for each in _documented()])
def test_examples_of_public_docstrings_run(name: str, thing: Any, folder: None) -> None:
    """Each shows an example in its docstring, with the pack that ships, which gives what it says."""
    text = inspect.getdoc(thing) or ""
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    assert test.examples, f"{name} shows no example"
    assert "+SKIP" not in text
    told: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(test, out=told.append)
    assert not told, "".join(told)
