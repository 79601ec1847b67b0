"""THE list of endings: which files are images and which are clips, which of them can be written, and which are known but not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

#: Endings of images that can be written, and Pillow's name of the format.
IMAGES_WRITTEN = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jfif": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
#: Endings that are taken for images in a folder. A file that is named is tried whatever its ending is.
IMAGES = frozenset(
    {*IMAGES_WRITTEN, ".apng", ".avif", ".bmp", ".dib", ".gif", ".j2k", ".jp2", ".jpe", ".jpx", ".mpo", ".pbm", ".pgm", ".pnm", ".ppm"}
)
#: Endings of clips that can be written.
CLIPS_WRITTEN = (".mp4", ".m4v")
#: Images that move; as a source of the window they are clips.
MOVING_IMAGES = frozenset({".apng", ".gif"})
#: Endings that are taken for clips in a folder. A file that is named is tried whatever its ending is.
CLIPS = frozenset(
    [
        ".3g2",
        ".3gp",
        ".asf",
        ".avi",
        ".divx",
        ".dv",
        ".f4v",
        ".flv",
        ".h264",
        ".hevc",
        ".ivf",
        ".lrv",
        ".m1v",
        ".m2t",
        ".m2ts",
        ".m2v",
        ".m4v",
        ".mjpeg",
        ".mjpg",
        ".mk3d",
        ".mkv",
        ".mov",
        ".mp4",
        ".mpe",
        ".mpeg",
        ".mpg",
        ".mts",
        ".mxf",
        ".nut",
        ".ogm",
        ".ogv",
        ".qt",
        ".rm",
        ".rmvb",
        ".tod",
        ".ts",
        ".vob",
        ".webm",
        ".wmv",
        ".wtv",
        ".y4m",
    ]
)
#: What is an image or a clip for people, but is not read here: reported when it is left out.
KNOWN_UNREAD = frozenset(
    [
        ".3fr",
        ".ai",
        ".arw",
        ".braw",
        ".cr2",
        ".cr3",
        ".crw",
        ".dcr",
        ".dng",
        ".eps",
        ".erf",
        ".exr",
        ".hdr",
        ".heic",
        ".heics",
        ".heif",
        ".hif",
        ".ico",
        ".iiq",
        ".insv",
        ".jxl",
        ".jxr",
        ".kdc",
        ".nef",
        ".nrw",
        ".orf",
        ".pdf",
        ".pef",
        ".psb",
        ".psd",
        ".r3d",
        ".raf",
        ".raw",
        ".rw2",
        ".sr2",
        ".srw",
        ".svg",
        ".svgz",
        ".swf",
        ".tga",
        ".x3f",
        ".xcf",
    ]
)
_HEIF = frozenset({".heic", ".heics", ".heif", ".hif"})
_RAW = frozenset(
    ".3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .iiq .kdc .nef .nrw .orf .pef .raf .raw .rw2 .sr2 .srw .x3f".split()  # noqa: SIM905 (reads better)
)
#: What a clip is called while it is being written: visible, playable, and plainly not finished.
PART_SUFFIX = ".part.mp4"
PART_SUFFIXES = (PART_SUFFIX, ".part.mkv", ".part.webm")


def is_image(path: Path) -> bool:
    """Return whether a file in a folder is taken for an image, by its ending.

    >>> [is_image(Path(name)) for name in ("a.JPG", "b.mp4", ".hidden.png", "c")]
    [True, False, False, False]
    """
    return path.suffix.lower() in IMAGES and not is_leftover(path)


def is_clip(path: Path) -> bool:
    """Return whether a file in a folder is taken for a clip, by its ending; what is being recorded is none."""
    return path.suffix.lower() in CLIPS and not is_leftover(path)


def is_leftover(path: Path) -> bool:
    """Return whether a file is hidden, or is a clip that is unfinished because it is being written or a crash left it so."""
    return path.name.startswith(".") or path.name.lower().endswith(PART_SUFFIXES)


def left_out(paths: Iterable[Path]) -> str:
    """Return a sentence on files that people would call images or clips, and that a folder walk does not take; empty for none.

    >>> left_out([Path("a.HEIC"), Path("b.heic"), Path("c.dng"), Path("notes.txt")])
    '3 files were left out: 2 HEIC, 1 DNG.'
    """
    known = IMAGES | CLIPS | KNOWN_UNREAD
    kinds = Counter(path.suffix.lower()[1:].upper() for path in paths if path.suffix.lower() in known and not path.name.startswith("."))
    total = sum(kinds.values())
    if not total:
        return ""
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
    return f"{total} file{'s were' if total > 1 else ' was'} left out: {listed}."


def why_unread(path: Path, head: bytes) -> str:
    r"""Return why a file of a known kind is not read, and what to do, to follow its name in a sentence; empty for what may be tried.

    Args:
        path: its name, of which the ending counts.
        head: its first bytes, 64 or more.

    >>> why_unread(Path("photo.jpg"), b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    'is a HEIC photo, which is not read; export it as a JPEG (an iPhone writes JPEG with Camera > Formats > Most Compatible)'
    """
    ending = path.suffix.lower()
    brands = head[8 : min(len(head), int.from_bytes(head[:4]) or len(head), 64)] if head[4:8] == b"ftyp" else b""
    heif = any(brand in brands for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"))
    if heif or (ending in _HEIF and b"avi" not in brands):
        return "is a HEIC photo, which is not read; export it as a JPEG (an iPhone writes JPEG with Camera > Formats > Most Compatible)"
    if ending in _RAW:
        return "is a camera's raw file, of which only a small preview could be read; develop it, and export a JPEG or TIFF"
    if ending in KNOWN_UNREAD - _HEIF:
        return f"is of a kind ({ending[1:].upper()}) that is not read; export it as a PNG, JPEG or MP4"
    return ""


def dialog_filter(title: str, *kinds: Iterable[str]) -> str:
    """Return the filter of a file dialog for endings, such as "Images (*.bmp *.png);;All files (*)"."""
    endings = sorted({ending for kind in kinds for ending in kind})
    return f"{title} ({' '.join(f'*{ending}' for ending in endings)});;All files (*)"
