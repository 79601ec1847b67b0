"""The field's terms, in prose and in names: what the first version called by words of its own is called as everybody calls it.

`python -m tests.unit.test_words [PATH…]` lists what is left.
"""

import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

#: In comments, docstrings, messages and documents: a pattern, and what to write instead.
PROSE = {
    r"(re)?paint(s|ed|ings?)?": "stylize; stylized image, or style image where the source is meant",
    r"(re)?painters?(?! in )": "style; artist where a person is meant",
    r"pictures?": "frame of a clip or camera, else image",
    r"hands": "styles",
    r"the peers?('s)?": "baseline",
    r"(teach|learn)(es|s|t)? (it )?a painting": "train (add) a style",
    r"calm(er|ly|ness)?": "temporal smoothing; in training: temporal consistency loss, less flicker",
    r"(hold|holds) 20 (fps|frames)": "dynamic resolution",
    r"steady": "cached normalization statistics",
    r"panic": "bypass",
    r"disturb(s|ed|ing|ance)?": "augment",
    r"off the (loss network's )?grid": "random crop offset",
    r"(price on|fine regular) (patterns?|canvas)|canvas": "checkerboard penalty",
    r"more style": "second-moment style loss",
    r"worth in evaluations": "equivalent L-BFGS iterations",
    r"upright": "display orientation",
    r"films?": "clip",
    r"told": "reported",
    r"anew": "again",
    r"at first": "by default, or: initially",
    r"the house|rooms?": "package, service",
    r"errands?": "job",
    r"nervous": "unsmoothed",
    r"looks of": "presets, render settings",
}
#: In names of the code.
NAMES = {
    r"(re)?paint(s|ed|er|ers|ing|ings)?": "stylize, stylized, style_image",
    r"pictures?": "frame, image",
    r"(errand|nervous|upright|disturb|panic)\w*": "see PROSE",
}
#: What stays: names of other programs' interfaces, command-line options and settings that exist, files that ship, titles of works.
KEPT = re.compile(
    r"QPainter\w*|QPicture\w*|[Pp]aintEvent|\bpaint[A-Z]\w*|^paint$|paint_ms|"  # Qt's
    r"assets/paintings|[\"'/]paintings[\"'/]|my_painting|painting\.jpg|"  # files
    r"32 painters|--?[a-z]*-?(calm|steady|panic)[a-z-]*|calm=True|"  # the pack's title, options
    r"user_pictures\w*|PicturesLocation|My Pictures|XDG_PICTURES_DIR|folder of pictures|"  # the system's folder
    r"AV_PICTURE\w*|pict_type|attached picture|"  # FFmpeg's
    r"Peter Paint\w*"
)

ROOTS = ("stylecam", "examples", "scripts", "docs", "README.md", "CHANGELOG.md", "NOTICE.md")


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix in (".py", ".md") and "_data" not in p.parts)
        elif path.exists():
            yield path


def _prose_and_names(file: Path) -> Iterator[tuple[int, str, bool]]:
    """Yield (line, text, is prose): of Python comments, strings with a space, and names; of Markdown all but code."""
    text = file.read_text("utf-8")
    if file.suffix == ".md":
        text = re.sub(r"```.*?```", lambda match: "\n" * match[0].count("\n"), text, flags=re.DOTALL)
        for number, line in enumerate(text.splitlines(), 1):
            yield number, re.sub(r"`[^`]*`|\]\([^)]*\)", " ", line), True
        return
    strings = (tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in strings and " " in token.string:
            for offset, line in enumerate(re.sub(r"``?[^`\n]*``?", " ", token.string).splitlines()):
                yield token.start[0] + offset, line, True
        elif token.type == tokenize.NAME:
            yield token.start[0], token.string, False


def hits(paths: list[Path]) -> list[str]:
    """Return a line for every word that is called otherwise: FILE:LINE: word -> what instead."""
    tables = {
        True: [(re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), instead) for pattern, instead in PROSE.items()],
        False: [
            (re.compile(rf"(?:^|_)(?:{pattern})(?=$|_)|\b(?:{pattern})$", re.IGNORECASE), instead) for pattern, instead in NAMES.items()
        ],
    }
    found = []
    for file in _files(paths):
        for line, text, is_prose in _prose_and_names(file):
            kept = KEPT.sub(" ", text)
            words = kept if is_prose else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kept)
            found += [f"{file}:{line}: {match[0]} -> {instead}" for table, instead in tables[is_prose] for match in table.finditer(words)]
    return found


def test_words_are_the_fields(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of the product or its documents uses a word of the list."""
    monkeypatch.chdir(repository)
    assert hits([Path(root) for root in ROOTS]) == []


def test_a_word_of_the_list_is_found(tmp_path: Path) -> None:
    """In a comment, a message, a name and a document; not in code in a document, nor in an interface of Qt."""
    code, page = tmp_path / "a.py", tmp_path / "a.md"
    code.write_text('# a picture\nx = "paint it now"\npainted_last = QPainter()\nsteady = 1\n')
    page.write_text("Calm is `steady`.\n```\nthe peer\n```\n")
    assert [line.rsplit("/", 1)[1].split(" ->")[0] for line in hits([tmp_path])] == [
        "a.md:1: Calm",
        "a.py:1: picture",
        "a.py:2: paint",
        "a.py:3: painted",
    ]


if __name__ == "__main__":
    listed = hits([Path(argument) for argument in sys.argv[1:]] or [Path(root) for root in ROOTS])
    print("\n".join(listed), f"{len(listed)} left", sep="\n")  # noqa: T201
