"""Which pack is shown: others are opened, styles join and leave, and every such step offers the way back."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from stylecam.app.live.background import Background
from stylecam.app.live.interfaces import Added, Event, Services
from stylecam.control.state import Controls
from stylecam.core.mix import StyleMix
from stylecam.packs.ops import overlay, subset
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack


class PackDesk:
    """Owns the pack of a session. Packs are read in the background; what came of it is an event.

    Args:
        controls: have a slider for every style of the pack.
        services: load packs.
        background: where work is done, and events are kept.
        pack: what to begin with; `name` is its name or path.
    """

    def __init__(self, controls: Controls, services: Services, background: Background, pack: StylePack, name: str) -> None:
        self._controls, self._services, self._background = controls, services, background
        self.pack, self.name = pack, name
        self._asked = self._shown = 0

    def open(self, name_or_path: str) -> None:
        """Stylize with another pack; the styles of a style-only one join what is shown. Of several, the one asked for last wins."""
        number = self._next()

        def load() -> None:
            added = self._services.join_styles(name_or_path, self.pack)
            if added is not None:
                self._join(number, added)
                return
            pack = self._services.load_pack(name_or_path)
            with self._controls.lock:
                back, lost = self._way_back(), self._lost(pack)
                if self._show(number, pack, name_or_path):
                    text = f"Opened the pack {pack.title}.{lost}"
                    self._background.tell(Event(text, pack=pack, acts=(("Go back", back),)))

        self._background.start(load)

    def open_styles(self, path: Path, text: str = "") -> None:
        """Stylize with the styles of a style-only pack too; sliders, locks, solo and history stay as they are."""

        def load() -> None:
            styles = load_pack(path, trunk=self.pack)
            with self._controls.lock:
                pack = overlay(self.pack, styles)
                new = tuple(style for style in styles.style_ids if style not in self._controls.styles)
                self._take_in(pack)
                if new or text:
                    self._background.tell(Event(text, pack=pack if new else None, styles=new))

        self._background.start(load)

    def remove_styles(self, styles: Collection[str], text: str = "") -> None:
        """Take styles off the pack that is shown, such as those whose file went; the last of all stays."""
        with self._controls.lock:
            left = [style for style in self.pack.style_ids if style not in styles]
            if left and len(left) < len(self.pack.styles):
                pack = subset(self.pack, left, title=self.pack.title)
                self._show(self._next(), pack, self.name)
                self._background.tell(Event(text, pack=pack))

    def reload(self) -> None:
        """Read the shown pack again with all that the user added, such as after a style got another title."""
        number = self._next()

        def load() -> None:
            pack = self._services.load_pack(self.name)
            with self._controls.lock:
                if self._show(number, pack, self.name):
                    self._background.tell(Event(pack=pack))

        self._background.start(load)

    def _join(self, number: int, added: Added) -> None:
        with self._controls.lock:
            if not added.new and not added.base:
                self._background.tell(Event(added.sentence))
                return
            back = self._way_back() if added.base else partial(self.remove_styles, added.new)
            if added.base:
                lost = self._lost(added.pack)
                if not self._show(number, added.pack, added.base):
                    return
            else:
                lost = ""
                self._take_in(added.pack)

            def undo() -> None:
                back()
                if added.kept is not None:
                    self._background.start(partial(added.kept.unlink, missing_ok=True))

            acts: tuple[tuple[str, Callable[[], object]], ...] = (("Undo", undo),)
            if added.new:
                acts = (("Show it", partial(self._show_style, added.new[0])), *acts)
            self._background.tell(Event(f"{added.sentence}{lost}", pack=added.pack, styles=added.new, acts=acts))

    def _show_style(self, style: str) -> None:
        self._controls.set_mix(StyleMix({style: 1.0}))

    def _take_in(self, pack: StylePack) -> None:
        with self._controls.changing():
            self.pack = pack
            self._controls.add_styles(pack.style_ids)

    def _show(self, number: int, pack: StylePack, name: str) -> bool:
        """Stylize with a pack; False if one that was asked for later is shown already."""
        if number < self._shown:
            return False
        self._shown = number
        with self._controls.changing():
            self.pack, self.name = pack, name
            self._controls.set_styles(pack.style_ids)
            if self._controls.mix().is_silent:
                self._controls.set_mix(self._controls.first_mix())
        return True

    def _next(self) -> int:
        with self._controls.lock:
            self._asked += 1
            return self._asked

    def _lost(self, pack: StylePack) -> str:
        lost = [self.pack.styles[style].title for style, _ in self._controls.mix() if style not in pack.style_ids]
        return f" It lacks {', '.join(lost)}, which left the mix." if lost else ""

    def _way_back(self) -> Callable[[], None]:
        """Return what shows the pack of this moment again, with its mix and locks."""
        pack, name, controls = self.pack, self.name, self._controls
        mix, locked = StyleMix({style: weight for style, weight in controls.moves.weights.items() if weight}), tuple(controls.locked)

        def back() -> None:
            with controls.changing():
                self._show(self._next(), pack, name)
                controls.restore(mix, controls.values, locked)
            self._background.tell(Event(f"Back to the pack {pack.title}.", pack=pack))

        return back
