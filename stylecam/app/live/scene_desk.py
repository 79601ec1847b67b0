"""A session's scenes: kept and recalled by number, saved as they change, and moved along by a thread while they fade."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from stylecam.app.live import scene_store
from stylecam.app.live.background import Background
from stylecam.app.live.interfaces import Event, Services
from stylecam.control.commands import Commands
from stylecam.control.scene_file import read_scenes
from stylecam.control.scene_player import ScenePlayer
from stylecam.control.scenes import KEYS, Scene, Scenes, left_out_sentence
from stylecam.control.state import Controls
from stylecam.core.params import Param, RenderParams
from stylecam.core.window_params import SCENE_SCOPE
from stylecam.errors import UsageError
from stylecam.outputs.snapshot import thumbnail
from stylecam.packs.pack import StylePack
from stylecam.render.state import Rendered

_log = logging.getLogger(__name__)
_NAMED_STYLES = 2


class SceneDesk:
    """What a client does with scenes. No method waits for a disk; what came of it is reported as an event.

    Args:
        controls: what scenes hold.
        services: load and save them.
        background: where files are written and events kept.
        pack: returns the pack in use.
        latest: returns the newest finished frame, for thumbnails.
        fixed: returns the options that no scene may change at the moment.
    """

    def __init__(
        self,
        controls: Controls,
        services: Services,
        background: Background,
        *,
        pack: Callable[[], StylePack],
        latest: Callable[[], Rendered | None],
        fixed: Callable[[], Iterable[Param[Any]]] = tuple,
    ) -> None:
        self._controls, self._services, self._background = controls, services, background
        self._pack, self._latest = pack, latest
        kept, problem = services.load_scenes()
        if problem:
            background.tell(Event(problem, is_problem=True))
        self._wake, self._closing = threading.Event(), False
        self._saving, self._on_disk = threading.Lock(), kept
        self.scenes = Scenes(kept)
        self.player = ScenePlayer(controls, self.scenes, fixed=fixed, wake=self._wake.set)
        self.scenes.subscribe(partial(background.start, self._save))
        threading.Thread(target=self._run, name="stylecam-scenes", daemon=True).start()

    def add_commands(self, commands: Commands) -> None:
        """Give everything an id: `scene.1` goes to scene 1, `keep_scene.1` keeps the mix as scene 1."""
        for number in range(1, KEYS + 1):
            commands.add(f"scene.{number}", partial(self.recall, number))
            commands.add(f"keep_scene.{number}", partial(self.keep, number))
        commands.add("keep_new", self.keep_new)
        commands.add("scene_next", partial(self._step, 1))
        commands.add("scene_previous", partial(self._step, -1))
        commands.add_switch("scene_loop", self.loop, lambda: self.player.is_looping)

    def recall(self, number: int, seconds: float | None = None) -> None:
        """Go to a scene, as fast as the fade's option says."""
        self._try(lambda: self.player.recall(number, seconds))

    def show(self, scene: Scene) -> None:
        """Show a scene that is not kept, such as one of a file, at once."""
        less, missing = scene.only(self._controls.styles)
        with self._controls.changing():
            self._controls.begin_recall(less.values)
            self._controls.recall(less.mix, less.values)
        self._tell(left_out_sentence(scene, missing))

    def loop(self, on: bool) -> None:
        """Let scenes follow each other until a slider is moved."""
        self._try(lambda: self.player.loop(on))

    def keep(self, number: int, scope: str = "") -> None:
        """Keep what is shown under a number; a scene that is there is replaced and keeps its scope, and a name that was given to it."""
        self._try(lambda: self._keep(number, scope))

    def keep_new(self, scope: str = "") -> None:
        """Keep what is shown under the first free number."""
        self._try(lambda: self._keep(self.scenes.first_free(), scope))

    def rename(self, number: int, name: str) -> None:
        """Give a scene another name."""
        self._try(lambda: self.scenes.rename(number, name))

    def move(self, number: int, to: int) -> None:
        """Put a scene under another number, see `Scenes.move`; what is marked as shown stays so."""
        with self._controls.lock:
            shown = self.scenes.kept.get(self.player.current)
            self._try(lambda: self.scenes.move(number, to))
            self.player.current = next((key for key, each in self.scenes.kept.items() if each is shown), self.player.current)

    def delete(self, number: int) -> None:
        """Forget a scene; the event brings it back."""

        def delete() -> None:
            scene = self.scenes.delete(number)
            self._background.tell(Event(f"Deleted scene {number}: {scene.name}.", undo=lambda: self.scenes.keep(number, scene)))

        self._try(delete)

    def add_file(self, path: Path) -> None:
        """Add the scenes of a file to those that are kept, in the background."""
        self._background.start(partial(self._add_file, path))

    def export(self, path: Path, numbers: Iterable[int] = ()) -> None:
        """Write some scenes, or all, to a file, in the background."""
        kept = dict(self.scenes.kept)
        chosen = {number: kept[number] for number in numbers if number in kept} or kept

        def write() -> None:
            scene_store.export(chosen, path)
            self._background.tell(Event(f"Saved {_count(len(chosen))} as {path}.", path=path))

        self._background.start(write)

    def close(self) -> None:
        """End the thread."""
        self._closing = True
        self._wake.set()

    def _keep(self, number: int, scope: str) -> None:
        old, params = self.scenes.kept.get(number), self._controls.params()
        name = self._name(params)
        if old is not None and old.name != self._name(old.on(params)):
            name = old.name  # the user's own
        latest = self._latest()
        scene = Scene.of(
            params,
            name,
            scope or (old.scope if old is not None else self._controls[SCENE_SCOPE]),
            pack=self._pack().name,
            thumbnail=thumbnail(latest.image) if latest is not None else b"",
        )
        self.scenes.keep(number, scene)
        self.player.keep(number)
        text = f"Kept as scene {number}: {name}." if old is None else f"Scene {number} is now {name}."
        self._background.tell(Event(text, undo=None if old is None else lambda: self.scenes.keep(number, old)))

    def _name(self, params: RenderParams) -> str:
        """Return the titles of the styles that weigh most."""
        titles = {style.id: style.title for style in self._pack().styles}
        weights = {style: weight for style, weight in params.mix if weight}
        heaviest = sorted(weights, key=lambda style: -weights[style])
        names = [titles.get(style, style) for style in heaviest[:_NAMED_STYLES]]
        more = len(heaviest) - len(names)
        return " + ".join(names) + (f" + {more} more" if more else "") if names else "Photo"

    def _step(self, by: int) -> None:
        self._try(lambda: self.player.step(by))

    def _try(self, act: Callable[[], tuple[str, ...] | None]) -> None:
        try:
            missing = act()
        except UsageError as error:
            self._tell(str(error))
            return
        if missing and self.player.current in self.scenes.kept:
            self._tell(left_out_sentence(self.scenes[self.player.current], missing))

    def _tell(self, text: str) -> None:
        if text:
            self._background.tell(Event(text))

    def _add_file(self, path: Path) -> None:
        scenes, note = read_scenes(path)
        numbers = self.scenes.add(scenes)
        lacking = {style for scene in scenes.values() for style in scene.only(self._controls.styles)[1]}
        less = f" Styles that this pack lacks are left out while it is used: {', '.join(sorted(lacking))}." if lacking else ""
        self._tell(f"Added {_count(len(scenes))} as {', '.join(map(str, numbers))}.{less} {note}".strip())

    def _save(self) -> None:
        with self._saving:  # one after the other, and each the newest
            mine = dict(self.scenes.kept)
            if mine == self._on_disk:
                return
            self._on_disk, problem = self._services.save_scenes(mine, self._on_disk)
            if problem:
                self._background.tell(Event(problem, is_problem=True))
            else:
                self.scenes.follow(self._on_disk, mine)

    def _run(self) -> None:
        while not self._closing:
            self._wake.clear()
            try:
                due = self.player.tick()
            except Exception as error:  # the video goes on, and so do scenes
                _log.info("a fade failed", exc_info=error)
                self.player.stop()
                due = None
            self._wake.wait(due)


def _count(number: int) -> str:
    return f"{number} scene{'s' if number != 1 else ''}"
