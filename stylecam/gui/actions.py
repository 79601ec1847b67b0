"""Every action of the window, once: menu, shortcut and the help sheet are made from this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMainWindow, QMenu

from stylecam.core.params import RAW, Param, Scope
from stylecam.effects.registry import all_params
from stylecam.outputs.registry import SINKS


@dataclass(frozen=True)
class ActionSpec:
    """`text` with & for the menu, `help` the sentence on the help sheet."""

    id: str
    menu: str
    text: str
    shortcut: str
    help: str
    checkable: bool = False

    @property
    def label(self) -> str:
        """The text without its menu key and dots."""
        return self.text.replace("&", "").rstrip("…")


_ACTIONS = (
    ActionSpec("open_file", "&File", "&Open photo or clip…", "Ctrl+O", "Stylize a photo or a video file."),
    ActionSpec("open_url", "&File", "Open &stream…", "Ctrl+U", "Stylize a stream from the network."),
    ActionSpec("open_pack", "&File", "Open &pack…", "Ctrl+P", "Load other styles."),
    ActionSpec("train", "&File", "&Train a style…", "Ctrl+G", "Add a style from an image of your own, in minutes."),
    ActionSpec("snapshot", "&File", "Sna&pshot", "Ctrl+S", "Save the frame that is shown, in full size."),
    *(ActionSpec(sink.id, "&File", sink.label, sink.shortcut, sink.help, checkable=True) for sink in SINKS),
    ActionSpec("quit", "&File", "&Quit", "Ctrl+Q", "Finish the recording, keep the settings, close."),
    ActionSpec("camera", "&Source", "&Camera", "Ctrl+1", "Show the first camera."),
    ActionSpec("demo", "&Source", "&Demo clip", "Ctrl+2", "Show the clip that comes with stylecam."),
    ActionSpec("pattern", "&Source", "&Test pattern", "Ctrl+3", "Show moving shapes, to check the machine."),
    ActionSpec("undo", "&Mix", "&Undo", "Ctrl+Z", "Take back the last move of the sliders."),
    ActionSpec("redo", "&Mix", "&Redo", "Ctrl+Shift+Z", "Make the move again."),
    ActionSpec("reset", "&Mix", "R&eset", "Ctrl+0", "All sliders that are not locked to zero: the photo."),
    ActionSpec("random", "&Mix", "Ra&ndom", "Ctrl+D", "Draw a new mix; locked sliders stay."),
    ActionSpec("solo", "&Mix", "&Solo", "Ctrl+L", "Show only the style whose slider was touched last."),
    ActionSpec("lock", "&Mix", "&Lock", "Ctrl+K", "Hold the slider that was touched last."),
    ActionSpec("normalise", "&Mix", "N&ormalise", "Ctrl+N", "Weights sum to 1; off, they add up as they are.", checkable=True),
    ActionSpec("search", "&Mix", "&Find a style", "Ctrl+F", "Search titles, artists and years."),
    ActionSpec("strength_up", "&Mix", "Stronger", "Ctrl+Up", "More of the style, less of the photo."),
    ActionSpec("strength_down", "&Mix", "Weaker", "Ctrl+Down", "Less of the style, more of the photo."),
    ActionSpec("color_up", "&Mix", "Keep more colour", "Ctrl+Right", "More of the photo's own colours."),
    ActionSpec("color_down", "&Mix", "Keep less colour", "Ctrl+Left", "More of the style's colours."),
    ActionSpec("larger", "&View", "&Larger", "Ctrl++", "Stylize at a larger size: finer, and slower."),
    ActionSpec("smaller", "&View", "&Smaller", "Ctrl+-", "Stylize at a smaller size: faster."),
    ActionSpec("hold", "&View", "&Dynamic resolution", "Ctrl+H", "Stylize smaller while there would be fewer than 20 fps.", checkable=True),
    ActionSpec("restart", "&View", "&Restart the engine", "Ctrl+E", "Try again what failed and was switched off."),
    ActionSpec("fullscreen", "&View", "&Fullscreen", "F11", "The video alone on the whole screen, and back.", checkable=True),
    ActionSpec("leave_fullscreen", "&View", "Leave fullscreen", "Esc", "Back to the window."),
    ActionSpec("help", "&Help", "&Shortcuts", "F1", "Show this sheet."),
)


def switches() -> list[Param[Any]]:
    """Return the options that are a switch in the window; "raw" has an action of its own, which says the contrary."""
    return [param for param in all_params() if param.kind == "switch" and param is not RAW and Scope.WINDOW in param.scope]


def _with_menu_key(label: str, taken: set[str]) -> str:
    """Put & before the first letter that no other entry of the menu has, and take it."""
    at = next((at for at, letter in enumerate(label.lower()) if letter.isalpha() and letter not in taken), None)
    if at is None:
        return label
    taken.add(label[at].lower())
    return f"{label[:at]}&{label[at:]}"


def action_specs() -> tuple[ActionSpec, ...]:
    """Return the whole table: the window's own actions, and a switch of the menu View for every option that is one."""
    taken = {spec.text[spec.text.index("&") + 1].lower() for spec in _ACTIONS if spec.menu == "&View" and "&" in spec.text}
    found = [
        ActionSpec(
            id=param.id,
            menu="&View",
            text=_with_menu_key(param.label, taken),
            shortcut=param.shortcut,
            help=f"{param.help[:1].upper()}{param.help[1:]}.",
            checkable=True,
        )
        for param in switches()
    ]
    first = next(number for number, spec in enumerate(_ACTIONS) if spec.menu == "&View")
    return (*_ACTIONS[:first], *found, *_ACTIONS[first:])


def menu_of(window: QMainWindow, title: str) -> QMenu:
    """Return a window's menu, which is made if it is not there yet."""
    bar = window.menuBar()
    assert bar is not None  # noqa: S101 (a QMainWindow has one)
    for action in bar.actions():
        menu = action.menu()
        if action.text() == title and isinstance(menu, QMenu):
            return menu
    menu = QMenu(title, bar)
    bar.addMenu(menu)
    return menu


def install(window: QMainWindow, run: Callable[[str, bool], object]) -> dict[str, QAction]:
    """Give the window a menu with every action of the table; `run` takes an id, and whether the action is checked. Returns them by id."""
    made: dict[str, QAction] = {}
    for spec in action_specs():
        action = QAction(spec.text, window)
        action.setIconText(spec.label)
        # Plus needs Shift on many keyboards: the key that it shares is taken too.
        action.setShortcuts([QKeySequence(spec.shortcut), *([QKeySequence("Ctrl+=")] if spec.shortcut == "Ctrl++" else [])])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(spec.checkable)
        action.setToolTip(f"{spec.help} ({spec.shortcut})" if spec.shortcut else spec.help)
        action.triggered.connect(partial(run, spec.id))
        menu_of(window, spec.menu).addAction(action)
        window.addAction(action)  # so that shortcuts work while the menu is hidden
        made[spec.id] = action
    return made
