"""Paints one photo again and again in a thread of its own, always with the newest controls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from stylecam.core.mailbox import Mailbox
from stylecam.core.params import RenderParams
from stylecam.engines.base import Engine, Image
from stylecam.errors import StylecamError
from stylecam.packs.pack import StylePack
from stylecam.pipeline.stylizer import stylize_frame


@dataclass(frozen=True)
class Painted:
    """A finished picture, uint8 RGB (H, W, 3), with the controls it was painted with; or the plain photo and what went wrong."""

    image: Image
    params: RenderParams
    render_ms: float = 0.0
    engine: str = ""
    problem: str = ""


class Painter:
    """Give it controls with `paint`; finished pictures lie in `results`, the newest only.

    Args:
        photo: uint8 RGB (H, W, 3).
        pack: the styles.
        open_engine: called in the painter's thread, so that a window shows before a slow engine has started.
    """

    def __init__(self, photo: Image, pack: StylePack, open_engine: Callable[[], Engine]) -> None:
        self.results: Mailbox[Painted] = Mailbox()
        self._photo = photo
        self._pack = pack
        self._open_engine = open_engine
        self._wishes: Mailbox[tuple[Image, RenderParams]] = Mailbox()
        self._thread = threading.Thread(target=self._run, name="painter", daemon=True)
        self._thread.start()

    def paint(self, params: RenderParams) -> None:
        """Ask for a picture. A wish that was not begun yet is replaced: sliders never queue up."""
        self._wishes.put((self._photo, params))

    def show(self, photo: Image, params: RenderParams) -> None:
        """Paint another photo from now on."""
        self._photo = photo
        self.paint(params)

    def close(self) -> None:
        """End the thread after the picture at hand; waits up to two seconds."""
        self._wishes.close()
        self._thread.join(2.0)

    def _run(self) -> None:
        engine: Engine | None = None
        while True:
            wish = self._wishes.take()
            if wish is None:
                break
            photo, params = wish
            try:
                engine = engine or self._open_engine()
                started = time.perf_counter()
                image = stylize_frame(photo, engine, self._pack, params)
                elapsed_ms = (time.perf_counter() - started) * 1e3
                self.results.put(Painted(image, params, elapsed_ms, f"{engine.name} {engine.precision} on {engine.device}"))
            except StylecamError as error:
                self.results.put(Painted(photo, params, problem=str(error)))
            except Exception as error:  # the picture must go on, whatever a driver throws
                self.results.put(Painted(photo, params, problem=f"Painting failed ({error}); the plain photo is shown."))
        if engine is not None:
            engine.close()
