"""The colours of the window by what they mean, dark, light and of high contrast, and how much two of them differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Colours as "#rrggbb". Each means one thing: `accent` what is in the mix, `focus` where the keyboard is, `alone` a style shown alone.

    Args:
        window: behind everything.
        panel: behind the rack.
        card: of a style that is not in the mix, of a menu, of a field.
        raised: of a button.
        line: the border of whatever can be used, the groove of a slider: 3:1 against all of the above.
        quiet_line: between areas; carries no meaning.
        text: what is read.
        faint: what is read after that.
        disabled: what cannot be used now.
        accent: what is in the mix.
        on_accent: text on it.
        active: the card of a style that is in the mix.
        hover: below the pointer; text on it is `text`, and its border `hover_line`.
        focus: the ring where the keyboard is.
        alone: a style that is shown alone.
        record: a recording is running.
        live: a device gets what is shown.
        warning: something is wrong. Text on accent, alone, record, live and warning has the colour whose name begins with `on_`.
        knob: of a slider.
    """

    name: str
    window: str
    panel: str
    card: str
    raised: str
    line: str
    quiet_line: str
    text: str
    faint: str
    disabled: str
    accent: str
    on_accent: str
    active: str
    hover: str
    hover_line: str
    focus: str
    alone: str
    on_alone: str
    record: str
    on_record: str
    live: str
    on_live: str
    warning: str
    on_warning: str
    knob: str


DARK = Palette(
    name="dark",
    window="#111113",
    panel="#18181b",
    card="#202024",
    raised="#2a2a30",
    line="#85858f",
    quiet_line="#2f2f36",
    text="#ececef",
    faint="#b4b4bd",
    disabled="#92929b",
    accent="#f2a93b",
    on_accent="#111113",
    active="#33291a",
    hover="#393942",
    hover_line="#b9b9c2",
    focus="#6cc3ff",
    alone="#c79bff",
    on_alone="#17111f",
    record="#f0524f",
    on_record="#16090a",
    live="#46c37b",
    on_live="#08150d",
    warning="#7f1d1d",
    on_warning="#fff5f5",
    knob="#f4f4f5",
)
LIGHT = Palette(
    name="light",
    window="#e6e6ea",
    panel="#f3f3f6",
    card="#ffffff",
    raised="#f8f8fa",
    line="#797983",
    quiet_line="#d3d3da",
    text="#18181b",
    faint="#50505a",
    disabled="#62626c",
    accent="#a15c00",
    on_accent="#ffffff",
    active="#fff1d6",
    hover="#dcdce3",
    hover_line="#3c3c45",
    focus="#0b63c4",
    alone="#7a34c9",
    on_alone="#ffffff",
    record="#c81e1e",
    on_record="#ffffff",
    live="#137a3f",
    on_live="#ffffff",
    warning="#8f1d1d",
    on_warning="#ffffff",
    knob="#2a2a30",
)
#: For those who see little: black and white, two strong colours.
CONTRAST = Palette(
    name="contrast",
    window="#000000",
    panel="#000000",
    card="#000000",
    raised="#000000",
    line="#d0d0d0",
    quiet_line="#8a8a8a",
    text="#ffffff",
    faint="#ffffff",
    disabled="#b4b4b4",
    accent="#ffd400",
    on_accent="#000000",
    active="#2b2400",
    hover="#333333",
    hover_line="#ffffff",
    focus="#5cc8ff",
    alone="#e0b3ff",
    on_alone="#000000",
    record="#ff6b66",
    on_record="#000000",
    live="#4de08a",
    on_live="#000000",
    warning="#6b0000",
    on_warning="#ffffff",
    knob="#ffffff",
)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, as WCAG 2 defines it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).

    >>> contrast("#000000", "#ffffff")
    21.0
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
