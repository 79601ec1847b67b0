"""What there is to choose from after a long optimisation: a strip of its stages and a page, for the last is often not the best."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from stylecam.core.atomic_io import write_file
from stylecam.core.progress import Progress
from stylecam.methods.optimization_config import GatysConfig
from stylecam.methods.sheets import encoded, sheet

_STRIP_HEIGHT_PX, _PAGE_SIDE_PX = 320, 420
_HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
_STYLE = """\
body { margin: 2rem auto; max-width: 1400px; padding: 0 1rem; background: #16181c; color: #d8dbe0; font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.3rem; } main { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; }
img { display: block; max-width: 100%; border-radius: 4px; } figcaption { padding: .3rem 0; } a { color: inherit; } p { max-width: 70ch; }
"""


def strip_path(output: Path) -> Path:
    """Return where the strip is written: OUT-strip.jpg for OUT.png."""
    return output.with_name(f"{output.stem}-strip.jpg")


def page_path(output: Path) -> Path:
    """Return where the page is written: OUT.html for OUT.png."""
    return output.with_suffix(".html")


def write_preview(image: NDArray[np.uint8], path: Path) -> None:
    """Write a small JPEG of an image, over an earlier one.

    Raises:
        OutputError: the disk refuses.
    """
    write_file(path, encoded(_small(image)), force=True)


class Page:
    """Collects the kept images of one optimisation, small, and writes strip and page.

    The page holds its images itself, so that it can be moved or sent; each kept one is a link to its file beside the page.

    Args:
        output: the stylized image's file.
        photo, style_image: uint8 RGB (H, W, 3).
        config: what was asked for.
    """

    def __init__(self, output: Path, photo: NDArray[np.uint8], style_image: NDArray[np.uint8], config: GatysConfig) -> None:
        self._output, self._config = output, config
        self._sources = [("photo", _small(photo)), ("style image", _small(style_image))] if config.keep_every else []
        self._kept: list[tuple[str, str, Image.Image]] = []
        self._last: Progress | None = None

    def note(self, progress: Progress) -> None:
        """Remember how far the work is."""
        self._last = progress

    def add(self, path: Path, image: NDArray[np.uint8], iterations: int, loss: float) -> None:
        """Add a kept image, which lies at `path`."""
        self._kept.append((path.name, f"{iterations} iterations, loss {loss:.3f}", _small(image)))

    def write(self, *, force: bool) -> None:
        """Write strip and page, if anything was kept.

        Raises:
            OutputError: a file exists and `force` is not given, or the disk refuses.
        """
        if self._kept:
            cells = [*self._sources, *((text.split(",")[0], image) for _, text, image in self._kept)]
            write_file(strip_path(self._output), encoded(sheet([cells], _STRIP_HEIGHT_PX)), force=force)
            write_file(page_path(self._output), self._html().encode(), force=force)

    def _html(self) -> str:
        title = html.escape(self._output.stem)
        figures = [_figure(image, label, html.escape(label)) for label, image in self._sources]
        figures += [_figure(image, text, f'<a href="{quote(name)}">{html.escape(text)}</a>') for name, text, image in self._kept]
        done = f"{self._last.step} iterations in {self._last.seconds:.0f} s." if self._last is not None else ""
        c = self._config
        how = (
            f"Content {c.content_weight:g} × {_layers(c.content)}; style {c.style_weight:g} × {_layers(c.style)}; style size "
            f"{c.style_size_px} px; start from {c.start}; colours: {c.color}; total variation {c.tv_weight:g}; {c.method}; seed {c.seed}."
        )
        head = f"{_HEAD}<title>{title}</title><style>{_STYLE}</style>"
        return f"{head}<h1>{title}</h1><p>{done} {html.escape(how)}</p><main>{''.join(figures)}</main></html>\n"


def _layers(layers: dict[str, float]) -> str:
    return ", ".join(name if weight == 1 else f"{name}={weight:g}" for name, weight in layers.items()) or "nothing"


def _figure(image: Image.Image, alt: str, caption: str) -> str:
    data = base64.b64encode(encoded(image)).decode()
    return f'<figure><img alt="{html.escape(alt)}" src="data:image/jpeg;base64,{data}"><figcaption>{caption}</figcaption></figure>'


def _small(image: NDArray[np.uint8]) -> Image.Image:
    small = Image.fromarray(image)
    small.thumbnail((_PAGE_SIDE_PX, _PAGE_SIDE_PX))
    return small
