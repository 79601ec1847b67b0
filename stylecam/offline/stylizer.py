"""Stylizing from a program: a pack, a mix and options, and an engine that is kept from call to call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import numpy as np

from stylecam.control.timeline import Timeline
from stylecam.core import process
from stylecam.core.mix import StyleMix
from stylecam.core.params import Param, RenderParams, Scope, Value
from stylecam.core.paths import DEFAULT_PACK
from stylecam.effects.registry import all_params
from stylecam.engines import select
from stylecam.engines.base import Engine, Image, Vector, check_image, check_scale_shift
from stylecam.errors import UsageError, did_you_mean
from stylecam.net.families import FAST, FINE
from stylecam.offline.limits import check_memory
from stylecam.packs.library import load_pack
from stylecam.packs.pack import StyleInfo, StylePack
from stylecam.render.frame import NO_STATES, States, stage_list, stylize_frame
from stylecam.render.quality import head_for, network_scale, quality_of

#: What to stylize with: ids and weights, as a mapping or as text such as "starry_night=0.7,great_wave=0.3"; a mix with options; or γ and β,
#: (N,) float32, such as a sum of `pack.styles[id].vector`.
Style: TypeAlias = StyleMix | Mapping[str, float] | str | RenderParams | Vector
_VECTOR = "vector"


class Stylizer:
    """Stylizes images, and the frames of videos, with one pack. The engine is opened by the first call that needs it, and kept.

    Args:
        pack: a pack, or what `load_pack` takes.
        engine: a name that `open_engine` takes, or an open engine, which stays yours to close.
        device: as in `open_engine`.
        precision: as in `open_engine`.
        threads: how many cores the engine may use; None is the library's choice.

    One thread at a time may use it. `close` it, or use it in a `with` statement:

    >>> import numpy as np, stylecam
    >>> pack = stylecam.load_pack("live32")
    >>> image = np.zeros((48, 64, 3), np.uint8)
    >>> with stylecam.Stylizer(pack) as stylizer:
    ...     for style in ("starry_night", {"starry_night": 0.7, "great_wave": 0.3}):
    ...         print(stylizer.stylize(image, style, strength=0.8).shape)
    (48, 64, 3)
    (48, 64, 3)

    Raises:
        PackError: the pack cannot be found or used.
    """

    def __init__(
        self,
        pack: StylePack | str | Path = DEFAULT_PACK,
        *,
        engine: str | Engine = "auto",
        device: str = "auto",
        precision: str = "auto",
        threads: int | None = None,
    ) -> None:
        self.pack = pack if isinstance(pack, StylePack) else load_pack(pack)
        self._wanted, self._options = engine, {"device": device, "precision": precision, "threads": threads}
        self._engines: dict[str, Engine] = {}  # by output
        self._stages = stage_list()

    @property
    def engine(self) -> Engine:
        """What runs the network at full size; opened now if it is not yet.

        >>> import stylecam
        >>> with stylecam.Stylizer("live32", engine="openvino", precision="f32") as stylizer:
        ...     stylizer.engine.name, stylizer.engine.precision
        ('openvino', 'f32')

        Raises:
            UsageError: there is no engine, device or precision of that name.
            EngineError: it cannot be used here.
        """
        return self._engine_with(FINE)

    def _engine_with(self, head: str) -> Engine:
        if isinstance(self._wanted, Engine):
            return self._wanted
        if head not in self._engines:
            self._engines[head] = select.open_engine(self.pack, self._wanted, head=head, **self._options)  # type: ignore[arg-type]
        return self._engines[head]

    def stylize(self, image: Image, style: Style, **options: Value) -> Image:
        """Stylize one image.

        Args:
            image: uint8 RGB (H, W, 3), any size of at least 1x1; it is not changed.
            style: a mix: ids and weights, which are scaled to sum to 1 unless `raw=True`; all zero returns the image. Or γ and β, (N,)
                float32, made by arithmetic with `pack.styles[id].vector`.
            options: what `stylecam still --help` lists, with underscores: `strength=0.5`, `keep_color=1.0`, `posterize=0.3` …

        Returns:
            uint8 RGB (H, W, 3).

        >>> import numpy as np, stylecam
        >>> image = np.zeros((48, 64, 3), np.uint8)
        >>> with stylecam.Stylizer("live32") as stylizer:
        ...     stylized = stylizer.stylize(image, "senecio=0.5,the_scream=0.5", keep_color=0.5)
        >>> stylized.shape, stylized.dtype
        ((48, 64, 3), dtype('uint8'))

        Raises:
            UsageError: a style or an option is unknown, a value is out of range, or the weights cancel out.
            InputError: the image needs more memory than is free.
            EngineError: no engine works here, or the device failed.
            ValueError: `image` is no uint8 RGB image, or a vector has another length or type.
        """
        return self._run(image, *self._meant(style, options, Scope.STILL), NO_STATES)[0]

    def next_frame(self, frame: Image, style: Style, state: States = NO_STATES, **options: Value) -> tuple[Image, States]:
        """Stylize the next frame of a video. What is carried from frame to frame goes in and comes out; nothing is kept here.

        Args:
            frame: uint8 RGB (H, W, 3).
            style: a mix, which may change from frame to frame; see `stylize`.
            state: what the call for the frame before returned; leave it out for the first frame.
            options: what `stylecam video --help` lists; those that look back, such as `calm=True` (temporal smoothing), need `state`.

        Returns:
            uint8 RGB (H, W, 3), and the state for the next frame.

        >>> import numpy as np, stylecam
        >>> frames = np.zeros((3, 48, 64, 3), np.uint8)
        >>> with stylecam.Stylizer("live32") as stylizer:
        ...     state = {}
        ...     for frame in frames:
        ...         stylized, state = stylizer.next_frame(frame, "starry_night", state, calm=True)
        >>> stylized.shape
        (48, 64, 3)

        Raises:
            UsageError: as `stylize`.
            InputError: as `stylize`.
            EngineError: as `stylize`.
            ValueError: as `stylize`.
        """
        return self._run(frame, *self._meant(style, options, Scope.VIDEO), state)

    def callback(self, style: Style | Timeline, **options: Value) -> ClipStyle:
        """Return a function for `process_video` that stylizes the frames of ONE clip in order: it carries the state between them.

        Args:
            style: a mix, see `stylize`; or mixes at moments of the clip, with what lies between, see `Timeline`.
            options: see `next_frame`; with a timeline they hold in all of it.

        Returns:
            A function of a frame, uint8 RGB (H, W, 3), and its number, which it does not need; it returns uint8 RGB (H, W, 3).

        >>> import stylecam
        >>> with stylecam.Stylizer("live32") as stylizer:
        ...     done = stylecam.process_video("clip.mp4", "starry.mp4", stylizer.callback("starry_night", calm=True))
        >>> done.files["video"]
        'starry.mp4'

        Raises:
            UsageError: an option is unknown, or a value is out of range.
            ValueError: a vector has another length or type.
        """
        if not isinstance(style, Timeline):
            pack, params = self._meant(style, options, Scope.VIDEO)
            return ClipStyle(partial(self._run, pack=pack), Timeline([(0.0, params)]), is_still=True)
        points = [(seconds, style_params(params, options, Scope.VIDEO)) for seconds, params in style.points]
        return ClipStyle(partial(self._run, pack=self.pack), Timeline(points, style.fade_s, style.shape))

    def close(self) -> None:
        """Give back what the engine holds, unless the engine was given. The next call opens another.

        >>> import stylecam
        >>> stylizer = stylecam.Stylizer("live32")
        >>> stylizer.close()
        """
        while self._engines:
            self._engines.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _meant(self, style: Style, options: Mapping[str, Value], scope: Scope) -> tuple[StylePack, RenderParams]:
        """Return mix and options, and the pack in which the mix is looked up: for a vector, the same network with that one style."""
        if not isinstance(style, np.ndarray):
            return self.pack, style_params(style, options, scope)
        check_scale_shift(style, self.pack.config.graph())
        identity = self.pack.config.identity
        rows = np.stack([style, *(self.pack.rows[-1:] if identity else ())])
        info = StyleInfo(_VECTOR, _VECTOR, artist="", year="", licence="", source="", sha256="")
        return self.pack.with_rows(rows, [info], identity=identity), style_params({_VECTOR: 1.0}, options, scope)

    def _run(self, image: Image, pack: StylePack, params: RenderParams, states: States, *, turned: bool = False) -> tuple[Image, States]:
        check_image(image)

        def opened(photo: Image) -> Engine:
            quality = quality_of(params)
            engine, scale = self._engine_with(head_for(quality, pack)), network_scale(quality)
            if engine.head == FAST and quality != "fast":
                raise UsageError("The engine draws with the network's fast output; give quality='fast', or open it with head='fine'.")
            height, width = (round(side * scale) for side in photo.shape[:2])
            free = process.available_memory() if engine.on_cpu else None
            check_memory(height, width, self.pack.config, engine.copies, free)
            return engine

        return stylize_frame(image, opened, pack, params, states, self._stages, turned=turned)


class ClipStyle:
    """Stylizes the frames of ONE clip in order, see `Stylizer.callback`."""

    def __init__(self, run: Callable[..., tuple[Image, States]], timeline: Timeline, *, is_still: bool = False) -> None:
        self._run, self._timeline, self._is_still = run, timeline, is_still
        self._params: RenderParams | None = None
        self._states: States = NO_STATES

    def __call__(self, frame: Image, _index: int = 0) -> Image:
        """Stylize the next frame of a clip whose style does not change.

        Raises:
            ValueError: it changes with time, so that a number says nothing: call `at`.
        """
        if not self._is_still:
            raise ValueError("a timeline needs the time of each frame; call at(frame, seconds), or give this to process_video")
        return self.at(frame, 0.0)

    @property
    def looks_back(self) -> bool:
        """Whether something is carried from the last frame to the next."""
        return any(state is not None for state in self._states.values())

    def at(self, frame: Image, seconds: float) -> Image:
        """Stylize the next frame, uint8 RGB (H, W, 3), which is shown so many seconds after the first."""
        params = self._timeline.at(seconds)
        cut = self._params is not None and params != self._params and not self._timeline.is_moving(seconds)
        image, self._states = self._run(frame, params=params, states=self._states, turned=cut)
        self._params = params
        return image


def stylize(
    image: Image, style: Style, *, pack: StylePack | str | Path = DEFAULT_PACK, engine: str | Engine = "auto", **options: Value
) -> Image:
    """Stylize one image. An engine is opened for it, which takes longer than the image: for more than one, use a `Stylizer`.

    Args:
        image: uint8 RGB (H, W, 3).
        style: ids and weights, see `Stylizer.stylize`.
        pack: a pack, or what `load_pack` takes.
        engine: a name that `open_engine` takes, or an open engine.
        options: see `Stylizer.stylize`.

    Returns:
        uint8 RGB (H, W, 3).

    >>> import numpy as np, stylecam
    >>> image = np.zeros((48, 64, 3), np.uint8)
    >>> pack = stylecam.load_pack("live32")
    >>> y = stylecam.stylize(image, {"starry_night": 0.7, "great_wave": 0.3}, pack=pack)
    >>> y.shape, y.dtype
    ((48, 64, 3), dtype('uint8'))

    Raises:
        PackError: the pack cannot be found or used.
        UsageError: as `Stylizer.stylize`.
        InputError: as `Stylizer.stylize`.
        EngineError: as `Stylizer.stylize`.
        ValueError: as `Stylizer.stylize`.
    """
    with Stylizer(pack, engine=engine) as stylizer:
        return stylizer.stylize(image, style, **options)


def style_params(style: StyleMix | Mapping[str, float] | str | RenderParams, options: Mapping[str, Value], scope: Scope) -> RenderParams:
    """Return mix and options as one value.

    Raises:
        UsageError: an option is unknown or cannot be used there, or a value is out of range.
    """
    known: dict[str, Param[Any]] = {param.id: param for param in all_params() if scope in param.scope}
    for name in options:
        if name not in known:
            raise UsageError(f"There is no option '{name}' here.{did_you_mean(name, known)} Choose from {', '.join(known)}.")
    values = {known[name]: value for name, value in options.items()}
    if isinstance(style, RenderParams):
        return style.but(values)
    return RenderParams(StyleMix.of(style), values)
