"""A page to judge a pack by eye: painting, photo, the pack's picture and L-BFGS side by side; a folder that works offline."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from stylecam.bench.pairs import PairScore
from stylecam.bench.quality import STYLE_SIZE_PX
from stylecam.core.files import reason, write_file
from stylecam.errors import OutputError
from stylecam.packs.pack import StylePack
from stylecam.training.dataset import center_crop, load_picture
from stylecam.training.paintings import read_paintings

_FAR = 100  # the reference at so many evaluations, or as far as it was computed
_STYLE = (
    "body{font:15px sans-serif;background:#18181b;color:#e4e4e7;margin:2em}figure{display:inline-block;margin:0 8px 8px 0;width:256px;"
    "vertical-align:top}img{width:256px;height:256px;object-fit:cover}figcaption{font-size:13px;color:#a1a1aa}h2{font-size:17px}"
)


def write_page(
    folder: Path, pack: StylePack, data: dict[str, Any], scores: Sequence[PairScore], photos: Sequence[Path], styles: Path, *, force: bool
) -> None:
    """Write index.html and its pictures, one row per pair, the rows of a style together.

    Args:
        folder: made if missing.
        pack: what was judged.
        data: the report's JSON with the columns of the pairs.
        scores: of the pairs.
        photos: the photos' files.
        styles: folder with the paintings.
        force: overwrite.

    Raises:
        OutputError: a file cannot be written, or exists and `force` is not given.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder '{folder}' cannot be made: {reason(error)}.") from error
    files = {photo.name: photo for photo in photos}
    paintings = dict(zip(pack.style_ids, read_paintings(styles, STYLE_SIZE_PX, list(pack.style_ids)), strict=True))
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(pack.name)}: quality</title><style>{_STYLE}</style>'
        f"<h1>{html.escape(pack.name)}</h1><p>{len(scores)} pairs; a picture is worth "
        f"{html.escape(str(data['median']['lbfgs_equivalents']))} evaluations of L-BFGS (median).</p>"
    ]
    for style in data["styles"]:
        title = html.escape(paintings[style["id"]].info.title)
        parts.append(
            f"<h2>{title}</h2><p>content {style['content']:.3f}, style {style['style']:.3f}, objective {style['objective']:.3f}, "
            f"L-BFGS equivalents {html.escape(str(style['lbfgs_equivalents']))}, checker {style['checker_excess']:.2f}, "
            f"border {style['border_ratio']:.2f} (L-BFGS {style['border_ratio_reference']:.2f}), clipped {style['saturated']:+.1%}</p>"
        )
        for number, score in enumerate(score for score in scores if score.style == style["id"]):
            size = score.picture.shape[-1]
            best = [min(score.curve.losses[:n]) for n in range(1, len(score.curve.losses) + 1)]
            cells = [
                ("painting", load_picture(paintings[score.style].path, STYLE_SIZE_PX), "the painting"),
                ("photo", center_crop(load_picture(files[score.photo], size), size), html.escape(score.photo)),
                ("ours", score.picture, f"ours: objective {score.objective:.3f}"),
            ]
            for role, wanted in (("equal", score.evaluations), ("far", min(_FAR, len(best)))):
                if (path := score.curve.snapshot(wanted)) is not None:
                    at = min(int(path.stem[-3:]), len(best))
                    what = "at about the same objective" if role == "equal" and score.reached else "as far as compared"
                    cells.append((role, load_picture(path, size), f"L-BFGS {what}: {at} evaluations, objective {best[at - 1]:.3f}"))
            for role, picture, caption in cells:
                name = f"{score.style}-{number}-{role}.png"
                buffer = io.BytesIO()
                pixels = (picture.detach() * 255).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
                Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG")
                write_file(folder / name, buffer.getvalue(), force=force)
                parts.append(f'<figure><img src="{name}" alt="{title}, {caption}"><figcaption>{caption}</figcaption></figure>')
            parts.append("<br>")
    write_file(folder / "index.html", "\n".join(parts).encode(), force=force)
