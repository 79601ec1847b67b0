"""Single images of a session: snapshots as shown, stills in full size, and the photobooth, which shows one shot in six styles."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from stylecam.app.live.background import Background
from stylecam.app.live.interfaces import Event, Services
from stylecam.control.commands import Commands
from stylecam.control.state import Controls
from stylecam.core.mix import StyleMix
from stylecam.core.params import BYPASS, HOLD_FPS, QUALITY, SIZE, STEADY, Param, RenderParams
from stylecam.effects.temporal import CALM
from stylecam.engines.base import Image
from stylecam.packs.pack import StylePack
from stylecam.render.frame import prepared
from stylecam.render.state import Rendered

#: How many styles the photobooth offers, and the longest side of what it shows of them.
BOOTH_STYLES, BOOTH_PX = 6, 384


@dataclass(frozen=True, eq=False)
class Shot:
    """A frame that was held: as the source gave it, uint8 RGB (H, W, 3), with what it was to be stylized with."""

    photo: Image
    params: RenderParams
    pack: StylePack

    def full(self, mix: StyleMix | None = None, size_px: int = 0) -> RenderParams:
        """Return what makes a still of it, in its own mix or another: the network on every pixel, and nothing that looks back."""
        values: dict[Param[Any], Any] = {SIZE: size_px, QUALITY: "fine", HOLD_FPS: 0.0, STEADY: False, CALM: False, BYPASS: False}
        return self.params.but(values, mix=mix)

    def plain(self) -> Image:
        """Return the photo as it would be stylized: mirrored like the preview, in its own size."""
        return prepared(self.photo, self.full())


class SnapshotDesk:
    """What a client does with single images. No method waits; what came of it is reported as an event.

    Args:
        controls: hold folders and names.
        services: render and save.
        background: where that is done, and events are kept.
        latest: returns the newest finished frame.
        pack: returns the pack in use.
        words: the styles, for names of files.
    """

    def __init__(
        self,
        controls: Controls,
        services: Services,
        background: Background,
        *,
        latest: Callable[[], Rendered | None],
        pack: Callable[[], StylePack],
        words: Callable[[], tuple[str, ...]],
    ) -> None:
        self._controls, self._services, self._background = controls, services, background
        self._latest, self._pack, self._words = latest, pack, words
        self._shot: Shot | None = None

    def add_commands(self, commands: Commands) -> None:
        """Give everything an id."""
        commands.add("snapshot", lambda: self.save(self._latest()))
        commands.add("snapshot_full", self.save_full)

    def save(self, rendered: Rendered | None) -> None:
        """Save a frame as it is shown; where it lies, how large it is, and what more there is to have, come as an event."""
        if rendered is None:
            self._background.tell(Event("There is no frame yet."))
            return
        self._shot = Shot(rendered.frame.image, rendered.params, self._pack())
        shown, full = _size(rendered.image), _size(rendered.frame.image)
        smaller, fast = shown != full, rendered.quality.startswith("fast")
        more = f"Save it in full, {full}" if smaller else "Save it finer"
        offers = ((more, "snapshot_full"),) if (smaller or fast) and not rendered.params.is_plain else ()
        words = self._words()

        def save() -> None:
            path = self._services.save_snapshot(rendered.image, words, self._controls.__getitem__)
            self._background.tell(Event(f"Saved {path.name}, {shown} pixels.", path=path, offers=offers))

        self._background.start(save)

    def save_full(self) -> None:
        """Save the frame of the last snapshot, else the one that is shown, as large as the source gave it, with every pixel stylized."""
        shot, words = self._shot or self.shoot(), self._words()
        if shot is None:
            self._background.tell(Event("There is no frame yet."))
            return

        def save() -> None:
            (image,) = self._services.stills(shot.pack, shot.photo, [shot.full()])
            path = self._services.save_snapshot(image, words, self._controls.__getitem__)
            self._background.tell(Event(f"Saved {path.name}, {_size(image)} pixels.", path=path))

        self._background.start(save)

    # The photobooth

    def shoot(self) -> Shot | None:
        """Hold the newest frame; None if there is none yet."""
        latest = self._latest()
        return Shot(latest.frame.image, latest.params, self._pack()) if latest is not None else None

    def show_styles(self, shot: Shot, styles: Sequence[str], take: Callable[[str, Image], object]) -> None:
        """Render a shot in each style, small; `take` gets the id and uint8 RGB (h, w, 3), in a thread of its own."""

        def render() -> None:
            wanted = [shot.full(StyleMix({style: 1.0}), BOOTH_PX) for style in styles]
            for style, image in zip(styles, self._services.stills(shot.pack, shot.photo, wanted), strict=True):
                take(style, image)

        self._background.start(render)

    def keep(self, shot: Shot, style: str) -> None:
        """Save a shot twice, in full size: plain, and in the style that was chosen."""

        def save() -> None:
            option = self._controls.__getitem__
            (image,) = self._services.stills(shot.pack, shot.photo, [shot.full(StyleMix({style: 1.0}))])
            plain = self._services.save_snapshot(shot.plain(), ("plain",), option)
            path = self._services.save_snapshot(image, (style,), option)
            self._background.tell(Event(f"Saved {path.name} and {plain.name}, {_size(image)} pixels.", path=path))

        self._background.start(save)


def booth_styles(mix: StyleMix, favourites: Iterable[str], styles: Sequence[str], rng: random.Random | None = None) -> tuple[str, ...]:
    """Return six styles to choose from: those of the mix, then favourites, then others by chance.

    >>> booth_styles(StyleMix({"b": 0.2, "c": 0.9}), ["e"], "abcde", random.Random(0))[:3]
    ('c', 'b', 'e')
    """
    rng = rng or random.Random()  # noqa: S311 (a choice of styles, no secret)
    used = sorted(mix.weights, key=lambda style: -mix.weights[style])
    wanted = dict.fromkeys([*used, *favourites, *rng.sample(list(styles), len(styles))])
    return tuple(style for style in wanted if style in styles)[:BOOTH_STYLES]


def _size(image: Image) -> str:
    height, width = image.shape[:2]
    return f"{width}×{height}"
