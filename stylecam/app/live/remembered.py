"""A and B: two states of the controls to go back and forth between."""

from __future__ import annotations

from stylecam.app.live.background import Background
from stylecam.app.live.interfaces import Event
from stylecam.app.live.scene_desk import SceneDesk
from stylecam.control.commands import Commands
from stylecam.control.scenes import Scene
from stylecam.control.state import Controls


class Remembered:
    """Keeps one state beside the one that is shown, until the program ends.

    Args:
        controls: what a state is of.
        scenes: shows a state.
        background: where events are kept.
    """

    def __init__(self, controls: Controls, scenes: SceneDesk, background: Background) -> None:
        self._controls, self._scenes, self._background = controls, scenes, background
        self._other: Scene | None = None

    def add_commands(self, commands: Commands) -> None:
        """Give both an id."""
        commands.add("remember", self.remember)
        commands.add("swap", self.swap)

    def remember(self) -> None:
        """Keep what is shown as the other state."""
        self._other = self._state()
        self._background.tell(Event("Remembered. Change something; 'Swap A and B' goes back and forth."))

    def compare_with(self, number: int) -> None:
        """Take a kept scene as the other state."""
        scene = self._scenes.scenes.kept.get(number)
        if scene is None:  # deleted meanwhile
            return
        self._other = scene
        self._background.tell(
            Event(f"A is what is shown, B is scene {number}: {scene.name}. 'Swap A and B' goes back and forth.", offers=(("Swap", "swap"),))
        )

    def swap(self) -> None:
        """Show the other state, and keep what was shown until now; the first time nothing is known, and the state is remembered."""
        if self._other is None:
            self.remember()
            return
        shown, self._other = self._other, self._state()
        self._scenes.show(shown)

    def _state(self) -> Scene:
        return Scene.of(self._controls.params(), "A and B", "everything")
