"""Everything the user can set while frames are stylized: each option declared once, and all values of a moment in one frozen snapshot.

Settings and their checks, command-line options, sliders, switches, undo, and the ids by which presets and controllers name an option all
come from the declarations. Those that belong to an effect are in its file (see `effects.base`), all others here.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from stylecam.core.mix import StyleMix
from stylecam.errors import UsageError, did_you_mean

Value: TypeAlias = bool | int | float | str
T = TypeVar("T", bound=Value)
#: Folders and patterns of names are texts; no path is longer on Linux.
_MAX_TEXT = 4096


class Scope(enum.Flag):
    """Where an option can be set: the live window, `stylecam video`, `stylecam still`."""

    WINDOW = enum.auto()
    VIDEO = enum.auto()
    STILL = enum.auto()
    EVERYWHERE = WINDOW | VIDEO | STILL


@dataclass(frozen=True, kw_only=True, eq=False)
class Param(Generic[T]):
    """The declaration of one option.

    Args:
        id: its name in settings, presets and controllers; with dashes, and behind two of them, its name on the command line.
        kind: a switch, a number, a whole number, one of `choices`, or a text of a line.
        default: what holds where nothing is said, such as in `stylecam still`.
        low: least value, for numbers.
        high: greatest value, for numbers.
        step: of its slider.
        unit: "%" shows a share of 1 in per cent; "px", "fps", or nothing.
        zero: what 0 means where it may be given though it lies below `low`, and what an empty text means; empty: it may not.
        choices: the values of a choice.
        label: a word or two for people.
        help: one line for people, without a full stop.
        scope: where it can be set.
        persist: the window remembers it.
        start: what the window begins with at its very first start, where that is not `default`.
        slider: the window shows a slider, whose moves can be undone.
        shortcut: the key of its switch in the window.
        option: the name on the command line where it is not the id's.
        group: what of the window it belongs to, such as "scenes"; empty: it changes frames, and is part of `RenderParams`.

    >>> amount = Param(id="grain", kind="number", default=0.0, label="Grain", help="how much grain is added")
    >>> amount.parse("0.5")
    0.5
    """

    id: str
    kind: Literal["switch", "number", "whole", "choice", "text"]
    default: T
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    unit: str = ""
    zero: str = ""
    choices: tuple[str, ...] = ()
    label: str
    help: str
    scope: Scope = Scope.EVERYWHERE
    persist: bool = True
    start: T | None = None
    slider: bool = False
    shortcut: str = ""
    option: str = ""
    group: str = ""

    @property
    def flag(self) -> str:
        """The name on the command line, with its dashes."""
        return "--" + (self.option or self.id.replace("_", "-"))

    @property
    def first(self) -> T:
        """What the window begins with."""
        return self.default if self.start is None else self.start

    def accepts(self, value: object) -> bool:
        """Return whether `value` may be this option's: its type, from a JSON file say, and its range."""
        if self.kind == "switch":
            return isinstance(value, bool)
        if self.kind == "choice":
            return isinstance(value, str) and value in self.choices
        if self.kind == "text":
            return isinstance(value, str) and value.isprintable() and len(value) <= _MAX_TEXT
        numbers = (int,) if self.kind == "whole" else (int, float)
        if isinstance(value, bool) or not isinstance(value, numbers):
            return False
        return self.low <= value <= self.high or bool(self.zero and value == 0)  # NaN compares as false

    def check(self, value: T) -> T:
        """Return `value`.

        Raises:
            UsageError: it is out of range or of another type.
        """
        if not self.accepts(value):
            raise UsageError(self._refusal(value))
        return value

    def parse(self, text: str) -> T:
        """Read a value as the command line gives it; a switch is "on" or "off".

        Raises:
            UsageError: it cannot be read, or is out of range.
        """
        readers: dict[str, Any] = {"switch": {"on": True, "off": False}.get, "number": float, "whole": int, "choice": str, "text": str}
        try:
            value = readers[self.kind](text)
        except ValueError:
            value = None
        if not self.accepts(value):
            raise UsageError(self._refusal(text))
        return value  # type: ignore[no-any-return]

    def clip(self, value: float) -> float:
        """Return the nearest number within the range."""
        return min(self.high, max(self.low, value)) if math.isfinite(value) else float(self.default)

    def show(self, value: float) -> str:
        """Return a number as people read it.

        >>> STRENGTH.show(0.5)
        '50 %'
        """
        return f"{value:.0%}".replace("%", " %") if self.unit == "%" else f"{value:g} {self.unit}".rstrip()

    def _refusal(self, value: object) -> str:
        shown = f"{value:g}" if isinstance(value, float) else str(value)
        if self.kind == "choice":
            return f"{self.flag} {shown} is unknown.{did_you_mean(shown, self.choices)} Choose one of {', '.join(self.choices)}."
        if self.kind == "switch":
            return f"{self.flag} {shown} is neither on nor off."
        if self.kind == "text":
            return f"{self.flag} is no text of one line with at most {_MAX_TEXT} characters."
        zero = f", or 0 for {self.zero}" if self.zero else ""
        number = "a whole number" if self.kind == "whole" else "a number"
        unit = "" if self.unit in ("", "%") else f" ({self.unit})"
        return f"{self.flag} {shown} is out of range; give {number} from {self.low:g} to {self.high:g}{unit}{zero}."


STRENGTH = Param(
    id="strength",
    kind="number",
    default=1.0,
    unit="%",
    label="Strength",
    help="0 is the photo, 1 the full style",
    slider=True,
)
RAW = Param(
    id="raw",
    kind="switch",
    default=False,
    label="Raw weights",
    help="leave the weights as they are instead of scaling them to sum to 1",
)
SIZE = Param(
    id="size_px",
    kind="whole",
    default=0,
    low=16,
    high=8192,
    unit="px",
    zero="the source's own",
    label="Size",
    help="longest side at which frames are stylized, 0 for the source's own",
    scope=Scope.WINDOW,
    start=640,
    option="size",
)
FREEZE = Param(
    id="freeze",
    kind="switch",
    default=False,
    label="Freeze",
    help="pause the camera; the style can still be changed",
    scope=Scope.WINDOW,
    persist=False,
    shortcut="Ctrl+T",
)
BYPASS = Param(
    id="panic",
    kind="switch",
    default=False,
    label="Bypass",
    help="show the plain photo at once, and back",
    scope=Scope.WINDOW,
    persist=False,
    shortcut="F12",
)
HOLD_FPS = Param(
    id="hold_fps",
    kind="number",
    default=0.0,
    low=1.0,
    high=240.0,
    unit="fps",
    zero="off",
    label="Dynamic resolution",
    help="stylize smaller while there are fewer frames per second than this",
    scope=Scope.WINDOW,
)
QUALITY = Param(
    id="quality",
    kind="choice",
    default="fine",
    choices=("fast", "fine", "auto"),
    label="Quality",
    help="fast: the network sees half the size, then the result is enlarged with the photo's edges; auto: fine if that holds 24 fps",
    start="auto",
)
STEADY = Param(
    id="steady",
    kind="switch",
    default=False,
    label="Cached statistics",
    help="faster, slightly less exact: each layer's statistics are measured now and then instead of for every frame",
    scope=Scope.WINDOW | Scope.VIDEO,
    shortcut="Ctrl+Shift+H",
)

#: The options that belong to no effect, in the order in which the window shows them.
GENERAL: tuple[Param[Any], ...] = (STRENGTH, RAW, SIZE, BYPASS, FREEZE, QUALITY, HOLD_FPS, STEADY)

_NOTHING: Mapping[Param[Any], Any] = MappingProxyType({})


class RenderParams:
    """How frames are stylized at a moment: a mix of styles, and a value for every option. Never changed, only replaced.

    >>> params = RenderParams(StyleMix({"starry_night": 1.0}), {STRENGTH: 0.5})
    >>> params[STRENGTH], params[SIZE]
    (0.5, 0)
    >>> params.but({STRENGTH: 0.0}).is_plain
    True

    Raises:
        UsageError: a value is out of its option's range.
    """

    __slots__ = ("_values", "mix")

    mix: StyleMix

    def __init__(self, mix: StyleMix | None = None, values: Mapping[Param[Any], Any] = _NOTHING) -> None:
        given = {param: param.check(value) for param, value in values.items() if value != param.default or not param.accepts(value)}
        object.__setattr__(self, "mix", StyleMix() if mix is None else mix)
        object.__setattr__(self, "_values", given)

    def __getitem__(self, param: Param[T]) -> T:
        """Return the value of an option."""
        values: dict[Param[Any], Any] = self._values  # type: ignore[attr-defined]
        value: T = values.get(param, param.default)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name} cannot be set: RenderParams are replaced whole, see `but`")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RenderParams):
            return NotImplemented
        return self.mix == other.mix and self.values == other.values

    __hash__ = None  # type: ignore[assignment]  # as the mix

    def __repr__(self) -> str:
        return f"RenderParams({self.mix}, { ({param.id: value for param, value in self.values.items()}) })"

    @property
    def values(self) -> Mapping[Param[Any], Any]:
        """The values that differ from their defaults."""
        values: dict[Param[Any], Any] = self._values  # type: ignore[attr-defined]
        return MappingProxyType(values)

    def but(self, values: Mapping[Param[Any], Any] = _NOTHING, *, mix: StyleMix | None = None) -> RenderParams:
        """Return a copy with other values, or with another mix."""
        return RenderParams(self.mix if mix is None else mix, {**self.values, **values})

    @property
    def is_plain(self) -> bool:
        """True when the frame is the untouched photo, so that no network need run."""
        return self[BYPASS] or self.mix.is_silent or self[STRENGTH] == 0
