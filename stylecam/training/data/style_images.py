"""The style images to train on: a folder of image files, with what `provenance.json` knows of them."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageOps
from torch import Tensor

from stylecam.core.ids import as_id
from stylecam.errors import TrainingError
from stylecam.media.formats import IMAGES, is_image
from stylecam.packs.pack import StyleInfo
from stylecam.perceptual.terms import Term
from stylecam.training.data.dataset import load_image
from stylecam.training.data.preprocess import open_style_image

THUMBNAIL_PX = 128


@dataclass(frozen=True)
class StyleImage:
    """A style image's file and what is known of it."""

    path: Path
    info: StyleInfo


def read_style_images(folder: Path, style_size_px: int, only: list[str] | None = None) -> list[StyleImage]:
    """List the style images of a folder, in the order of `provenance.json` (in the folder or above it), else by name.

    Without a provenance file the id and the title come from the file's name, and artist and licence are unknown.

    Args:
        folder: a folder of image files, or one image file.
        style_size_px: short side at which the trainer will show them; recorded per style.
        only: ids to keep, in this order; all if None.

    Raises:
        TrainingError: the folder, an image or the provenance file is missing or damaged.
    """
    if folder.is_file():
        known, files = _provenance(folder.parent), {_style_id(folder): folder}
    elif folder.is_dir():
        known = _provenance(folder)
        files = {}
        for path in sorted(folder.iterdir()):
            if is_image(path) and (other := files.setdefault(_style_id(path), path)) != path:
                raise TrainingError(f"'{other}' and '{path}' would both be the style '{_style_id(path)}'; rename one of them.")
    else:
        raise TrainingError(f"There is no folder '{folder}' with style images, nor an image of that name; name one with --styles.")
    order = [style for style in known if style in files] + [style for style in files if style not in known]
    if only is not None:
        if missing := [style for style in only if style not in files]:
            raise TrainingError(f"The folder '{folder}' has no style image named {', '.join(missing)}.")
        order = only
    if not order:
        raise TrainingError(f"The folder '{folder}' holds no images ({', '.join(sorted(IMAGES))}).")
    return [StyleImage(files[style], _info(style, files[style], known.get(style, {}), style_size_px)) for style in order]


def style_images(
    paths: Sequence[Path], terms: Sequence[Term], style_size_px: int, device: str | torch.device = "cpu"
) -> list[list[Tensor]]:
    """Return for each term of an objective the style images at the size that it shows, (3, H, W) in [0, 1] each.

    Raises:
        TrainingError: one cannot be read.
    """
    return [[load_image(path, term.style_px(style_size_px)).to(device) for path in paths] for term in terms]


def thumbnail(style_image: Image.Image) -> bytes:
    """Return the middle square of a style image as a small JPEG, for packs."""
    buffer = io.BytesIO()
    ImageOps.fit(style_image, (THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _style_id(path: Path) -> str:
    return as_id(path.stem) or "style"


def _provenance(folder: Path) -> dict[str, dict[str, Any]]:
    for path in (folder / "provenance.json", folder.parent / "provenance.json"):
        if path.is_file():
            try:
                entries = json.loads(path.read_text("utf-8"))
                return {entry["id"]: entry for entry in entries if "id" in entry}
            except (OSError, ValueError, TypeError, KeyError) as error:
                raise TrainingError(f"'{path}' cannot be read ({error}); correct or remove it.") from error
    return {}


def _info(style: str, path: Path, known: dict[str, Any], style_size_px: int) -> StyleInfo:
    return StyleInfo(
        id=style,
        title=str(known.get("title", path.stem.replace("_", " "))),
        artist=str(known.get("artist", "unknown")),
        year=str(known.get("year", "unknown")),
        licence=str(known.get("licence", "unknown")),
        source=str(known.get("source", "")),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        style_size_px=style_size_px,
        thumbnail=thumbnail(open_style_image(path)),
    )
