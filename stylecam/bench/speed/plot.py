"""The speed table as a chart: one bar per row, as SVG, which needs no library and no font of ours."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from stylecam.bench.speed.report import SpeedRow, label

_WIDTH_PX, _LABEL_PX, _ROW_PX, _BAR_PX = 860, 330, 24, 14
_COLORS = {"engine": "#e5a13b", "app": "#7aa2f7", "peer": "#8a8a94"}


def bar_chart(rows: Sequence[SpeedRow], title: str) -> str:
    """Return an SVG document: a group of bars per image size, each bar as long as the row's median time."""
    parts: list[str] = []
    top = 40
    for size in dict.fromkeys((row.width, row.height) for row in rows):
        group = [row for row in rows if (row.width, row.height) == size]
        longest = max(row.ms_median for row in group)
        parts.append(_text(12, top + 16, f"{size[0]} × {size[1]}", "#e4e4e7", "bold"))
        top += _ROW_PX
        for row in group:
            length = max(1.0, (_WIDTH_PX - _LABEL_PX - 130) * row.ms_median / longest)
            middle = top + _ROW_PX // 2 + 5
            parts.append(_text(24, middle, f"{label(row)} {row.precision}", "#d4d4d8"))
            parts.append(f'<rect x="{_LABEL_PX}" y="{top + 5}" width="{length:.1f}" height="{_BAR_PX}" rx="3" fill="{_COLORS[row.what]}"/>')
            parts.append(_text(round(_LABEL_PX + length) + 8, middle, f"{row.ms_median:.1f} ms", "#a1a1aa"))
            top += _ROW_PX
        top += 12
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH_PX}" height="{top}" viewBox="0 0 {_WIDTH_PX} {top}" '
        'font-family="sans-serif" font-size="13" role="img">'
    )
    background = f'<title>{escape(title)}</title><rect width="100%" height="100%" fill="#18181b"/>'
    return "\n".join([head, background, _text(12, 26, title, "#fafafa", "bold"), *parts, "</svg>", ""])


def _text(x: int, y: int, text: str, color: str, weight: str = "normal") -> str:
    return f'<text x="{x}" y="{y}" fill="{color}" font-weight="{weight}">{escape(text)}</text>'
