"""A page to judge a pack by eye: style image, photo, another pack, this pack and L-BFGS side by side; a folder that works offline."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from stylecam.bench.quality.lbfgs_reference import SHOWN_AT
from stylecam.bench.quality.measure import STYLE_SIZE_PX
from stylecam.bench.quality.pairs import PairScore
from stylecam.core.atomic_io import make_folder, write_file
from stylecam.packs.pack import StylePack
from stylecam.training.data.dataset import center_crop, load_image
from stylecam.training.data.style_images import StyleImage, read_style_images
from stylecam.training.reports.sheet import png_of

_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;background:#18181b;color:#e4e4e7;margin:0;padding:16px}"
    "h1{font-size:24px;margin:8px 0}h2{font-size:18px;margin:28px 0 2px}p{margin:2px 0 10px;color:#a1a1aa}"
    # Every pixel of an image is one of the screen: whatever is scaled hides strokes and faults. Rows that are too wide scroll.
    ".pair{display:flex;align-items:flex-start;gap:10px;margin:0 0 14px;overflow-x:auto}figure{margin:0;flex:none}img{display:block}"
    "figcaption{font-size:13px;color:#a1a1aa;padding-top:4px;width:0;min-width:100%}b{color:#e4e4e7;font-weight:600}"
)
_MEANING = (
    "Objective: content + 3 &middot; style, less is better. Checkerboard: how much stronger than in the L-BFGS image, 1 is none. "
    "Border: loss of content at the outer 16 pixels over that inside, 1 is as good. Clipped: share of pixels beyond the style image's."
)


def write_page(
    folder: Path,
    pack: StylePack,
    data: dict[str, Any],
    scores: Sequence[PairScore],
    photos: Sequence[Path],
    styles: Path,
    *,
    start: str,
    force: bool,
) -> None:
    """Write index.html and its images, one row per pair, the rows of a style together.

    Args:
        folder: made if missing.
        pack: what was judged.
        data: the report's JSON with the columns of the pairs.
        scores: of the pairs.
        photos: the photos' files.
        styles: folder with the style images.
        start: where L-BFGS began.
        force: overwrite.

    Raises:
        OutputError: a file cannot be written, or exists and `force` is not given.
    """
    make_folder(folder)
    files = {photo.name: photo for photo in photos}
    style_images = dict(zip(pack.style_ids, read_style_images(styles, STYLE_SIZE_PX, list(pack.style_ids)), strict=True))
    median = data["median"]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(pack.title)}: quality</title><style>{_STYLE}</style></head><body><h1>{html.escape(pack.title)}</h1>"
        f"<p>{len(scores)} pairs of photo and style image. One of this pack equals <b>{_equivalents(median)}</b> "
        f"L-BFGS iterations from {start}. "
        f"{_figures(median)} (medians)</p><p>{_MEANING}</p>"
    ]
    for style in data["styles"]:
        info = style_images[style["id"]].info
        parts.append(
            f"<section><h2>{html.escape(info.title)}</h2><p>{html.escape(f'{info.artist}, {info.year}')}. "
            f"Equals <b>{_equivalents(style)}</b> iterations. {_figures(style)}</p>"
        )
        for number, score in enumerate(score for score in scores if score.style == style["id"]):
            parts.append('<div class="pair">')
            for role, image, alt, caption in _cells(score, style_images[score.style], files[score.photo]):
                name = f"{score.style}-{number}-{role}.png"
                write_file(folder / name, png_of(image), force=force)
                parts.append(
                    f'<figure><img src="{name}" alt="{html.escape(alt)}" loading="lazy"><figcaption>{caption}</figcaption></figure>'
                )
            parts.append("</div>")
        parts.append("</section>")
    parts.append("</body></html>")
    write_file(folder / "index.html", "\n".join(parts).encode(), force=force)


def _equivalents(row: dict[str, Any]) -> str:
    return html.escape(str(row["lbfgs_equivalents"]))  # may begin with ">"


def _percent(share: float) -> str:
    return f"{round(share, 3) + 0.0:+.1%}"  # + 0.0: no "-0.0 %"


def _figures(row: dict[str, Any]) -> str:
    flicker = "" if row.get("flicker") is None else f", flicker {row['flicker']:.3f}"
    return (
        f"Content {row['content']:.3f}, style {row['style_half']:.3f} at half size, {row['style_full']:.3f} at full size; "
        f"classic objective {row['classic']:.3f}; checkerboard "
        f"{row['checker_excess']:.1f}, border {row['border_ratio']:.2f} (L-BFGS {row['border_ratio_reference']:.2f}), "
        f"clipped {_percent(row['saturated'])}{flicker}"
    )


def _cells(score: PairScore, style_image: StyleImage, photo: Path) -> list[tuple[str, Tensor, str, str]]:
    """Return role, image, alternative text and caption (as HTML) of what is in a row."""
    size = score.image.shape[-1]
    title = style_image.info.title
    cells = [
        ("style", load_image(style_image.path, STYLE_SIZE_PX), f"{title}, the style image", "<b>The style image</b>"),
        (
            "photo",
            center_crop(load_image(photo, size), size),
            f"{photo.stem}, the photo",
            f"<b>The photo</b><br>{html.escape(photo.stem)}",
        ),
        *(
            [("other", score.other, f"{photo.stem} in the style of {title}, by the other pack", "<b>The other pack</b>")]
            if score.other is not None
            else []
        ),
        (
            "ours",
            score.image,
            f"{photo.stem} in the style of {title}, by this pack",
            f"<b>This pack</b>, one pass<br>objective {score.objective:.3f}, pattern {score.checker_excess:.1f}, "
            f"border {score.border_ratio:.2f}, clipped {_percent(score.saturated)}",
        ),
    ]
    losses = score.curve.losses
    if (path := score.curve.snapshot(min(SHOWN_AT, len(losses)))) is not None:
        at = min(int(path.stem[-3:]), len(losses))
        equal = f"{'' if score.reached else 'more than '}{score.evaluations} are as good as this pack"
        cells.append(
            (
                "lbfgs",
                load_image(path, size),
                f"{photo.stem} in the style of {title}, by L-BFGS after {at} evaluations",
                f"<b>L-BFGS</b>, {at} evaluations<br>objective {min(losses[:at]):.3f}; {equal}",
            )
        )
    return cells
