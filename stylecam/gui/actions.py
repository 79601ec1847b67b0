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
from stylecam.gui.widgets.icons import icon
from stylecam.outputs.registry import SINKS


@dataclass(frozen=True)
class ActionSpec:
    """`text` with & for the menu, `help` the sentence on the help sheet; `begins` puts a line above it in its menu."""

    id: str
    menu: str
    text: str
    shortcut: str
    help: str
    checkable: bool = False
    icon: str = ""
    begins: bool = False

    @property
    def label(self) -> str:
        """The text without its menu key and dots."""
        return self.text.replace("&", "").rstrip("…")


#: The menus in their order; who adds an action names one of these.
MENUS = ("&File", "&Record", "&Mix", "S&cenes", "&Packs", "&View", "&Source", "&Tools", "&Help")
_SINK_ICONS = {"record": "circle"}

_ACTIONS = (
    ActionSpec("open_file", "&File", "&Open photo or clip…", "Ctrl+O", "Stylize a photo or a video file.", icon="folder-open"),
    ActionSpec("open_url", "&File", "Open &stream…", "Ctrl+U", "Stylize a stream from the network.", icon="link"),
    ActionSpec("open_pack", "&File", "Open &pack…", "Ctrl+P", "Load other styles.", icon="package-plus"),
    ActionSpec("snapshot", "&Record", "Sna&pshot", "Ctrl+S", "Save the frame that is shown, as large as it is stylized.", icon="camera"),
    ActionSpec("snapshot_full", "&Record", "Snapshot in full si&ze", "Ctrl+Shift+S", "Save the frame as large as the source gave it."),
    ActionSpec("photobooth", "&Record", "Photo&booth…", "Ctrl+Shift+B", "One shot in six styles: choose, and both are saved."),
    *(
        ActionSpec(sink.id, "&Record", sink.label, sink.shortcut, sink.help, checkable=True, icon=_SINK_ICONS.get(sink.id, "webcam"))
        for sink in SINKS
    ),
    ActionSpec("preferences", "&File", "Pre&ferences…", "Ctrl+,", "Folders, formats, start, theme.", icon="settings", begins=True),
    ActionSpec("quit", "&File", "&Quit", "Ctrl+Q", "Finish the recording, keep the settings, close.", icon="log-out", begins=True),
    ActionSpec(
        "record_sound", "&Record", "Record so&und", "Ctrl+Shift+M", "Record a microphone too.", checkable=True, icon="mic", begins=True
    ),
    ActionSpec(
        "replay", "&Record", "&Keep the last 30 seconds", "Ctrl+Shift+K", "In memory, to be saved after something happened.", checkable=True
    ),
    ActionSpec("save_replay", "&Record", "Sa&ve the last 30 seconds", "Ctrl+Shift+R", "As a clip.", icon="history"),
    ActionSpec("save_loop", "&Record", "Save the last 5 seconds as a loop", "Ctrl+Shift+G", "As a GIF or WebP that plays for ever."),
    ActionSpec(
        "open_recordings",
        "&Record",
        "Open the folder of &recordings",
        "Ctrl+Shift+O",
        "In the file manager.",
        icon="folder-open",
        begins=True,
    ),
    ActionSpec("undo", "&Mix", "&Undo", "Ctrl+Z", "Take back the last move of the sliders.", icon="undo-2"),
    ActionSpec("redo", "&Mix", "&Redo", "Ctrl+Shift+Z", "Make the move again.", icon="redo-2"),
    ActionSpec("random", "&Mix", "Ra&ndom mix", "Ctrl+D", "Draw a new mix; locked styles stay.", icon="shuffle", begins=True),
    ActionSpec("reset", "&Mix", "R&eset", "Ctrl+0", "All styles that are not locked to zero: the photo.", icon="rotate-ccw"),
    ActionSpec(
        "solo", "&Mix", "&Show only the last-touched style", "Ctrl+L", "One style alone, and back to the mix.", icon="eye", begins=True
    ),
    ActionSpec("lock", "&Mix", "&Lock the last-touched style", "Ctrl+K", "Random and Reset leave it alone.", icon="lock"),
    ActionSpec("favourite", "&Mix", "Favou&rite", "Ctrl+B", "Put a star on the last-touched style, or take it off.", icon="star"),
    ActionSpec(
        "normalise",
        "&Mix",
        "&Keep the total at 100 %",
        "Ctrl+N",
        "Off, weights add up as they are.",
        checkable=True,
        icon="percent",
        begins=True,
    ),
    ActionSpec("search", "&Mix", "&Find a style", "Ctrl+F", "Search titles, artists and years.", icon="search"),
    ActionSpec("strength_up", "&Mix", "Stronger", "Ctrl+Up", "More of the style, less of the photo.", begins=True),
    ActionSpec("strength_down", "&Mix", "Weaker", "Ctrl+Down", "Less of the style, more of the photo."),
    ActionSpec("color_up", "&Mix", "Keep more colour", "Ctrl+Right", "More of the photo's own colours."),
    ActionSpec("color_down", "&Mix", "Keep less colour", "Ctrl+Left", "More of the style's colours."),
    ActionSpec("keep_new", "S&cenes", "&Keep as a new scene", "Ctrl+Shift+N", "Under the first free number.", icon="bookmark-plus"),
    ActionSpec("scene_next", "S&cenes", "&Next scene", "Ctrl+PgDown", "Go to the scene after this one.", begins=True),
    ActionSpec("scene_previous", "S&cenes", "&Previous scene", "Ctrl+PgUp", "Go to the scene before this one."),
    ActionSpec(
        "scene_loop",
        "S&cenes",
        "&Loop",
        "Ctrl+Shift+L",
        "One scene after the other, until a slider moves.",
        checkable=True,
        icon="refresh-cw",
    ),
    ActionSpec("show_scenes", "S&cenes", "&Show the scenes", "Ctrl+Shift+E", "The row of scenes below the video.", checkable=True),
    ActionSpec("import_scenes", "S&cenes", "&Import…", "Ctrl+Shift+I", "Add the scenes of a file that somebody sent.", begins=True),
    ActionSpec("export_scenes", "S&cenes", "&Export all…", "Ctrl+Shift+X", "Write your scenes to one small file."),
    ActionSpec("manage_packs", "&Packs", "&Manage packs…", "Ctrl+Shift+P", "Inspect, rename, delete, merge.", icon="layers"),
    ActionSpec("larger", "&View", "&Larger: finer, slower", "Ctrl++", "Stylize at a larger size.", begins=True),
    ActionSpec("smaller", "&View", "&Smaller: faster", "Ctrl+-", "Stylize at a smaller size."),
    ActionSpec(
        "hold", "&View", "&Keep 20 fps", "Ctrl+H", "Stylize smaller while there would be fewer than 20 frames per second.", checkable=True
    ),
    ActionSpec(
        "my_frame",
        "&View",
        "My frame in each st&yle",
        "Ctrl+Shift+F",
        "Cards show a frame of yours in their style.",
        checkable=True,
        icon="scan-face",
        begins=True,
    ),
    ActionSpec(
        "split",
        "&View",
        "&Before and after",
        "F7",
        "The photo left of a line that can be drawn. Hold F8 for the photo alone.",
        checkable=True,
        icon="square-split-horizontal",
    ),
    ActionSpec("swap", "&View", "Swap A and B", "F6", "Go back and forth between two states of everything."),
    ActionSpec("remember", "&View", "Remember this as A", "Shift+F6", "The state to swap with."),
    ActionSpec("details", "&View", "Det&ails", "F9", "Times, drops, engine and processor.", checkable=True, icon="info", begins=True),
    ActionSpec(
        "fullscreen", "&View", "&Fullscreen", "F11", "The video alone on the whole screen, and back.", checkable=True, icon="maximize"
    ),
    ActionSpec("alone", "&View", "Video alone", "Ctrl+Shift+V", "The video alone in the window; again, or Esc, goes back.", checkable=True),
    ActionSpec("on_top", "&View", "Always on top", "Ctrl+Shift+A", "Above the windows of other programs.", checkable=True),
    ActionSpec("leave_fullscreen", "&View", "Leave fullscreen", "Esc", "Close the newest notice, or go back to the window."),
    ActionSpec("camera", "&Source", "&Camera", "F2", "Show the first camera.", icon="webcam"),
    ActionSpec("demo", "&Source", "&Demo clip", "F3", "Show the clip that comes with stylecam.", icon="clapperboard"),
    ActionSpec("pattern", "&Source", "&Test pattern", "F4", "Show moving shapes, to check the machine."),
    ActionSpec("train", "&Tools", "&Train a style…", "Ctrl+G", "Add a style from an image of your own, in minutes.", icon="graduation-cap"),
    ActionSpec(
        "layers", "&Tools", "&See what layers hold…", "Ctrl+Shift+Y", "Pick layers by eye, and stylize the frame by optimisation with them."
    ),
    ActionSpec(
        "restart",
        "&Tools",
        "&Restart after an error",
        "Ctrl+E",
        "Try again what failed and was switched off.",
        icon="refresh-cw",
        begins=True,
    ),
    ActionSpec("help", "&Help", "&Shortcuts", "F1", "Show this sheet.", icon="circle-question-mark"),
)
#: Icons of the switches that options declare.
_SWITCH_ICONS = {"mirror": "flip-vertical-2", "freeze": "snowflake", "panic": "eye-off"}


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
            icon=_SWITCH_ICONS.get(param.id, ""),
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
    for title in MENUS:
        menu_of(window, title)
    for spec in action_specs():
        action = QAction(spec.text, window)
        action.setIconText(spec.label)
        # Plus needs Shift on many keyboards: the key that it shares is taken too.
        action.setShortcuts([QKeySequence(spec.shortcut), *([QKeySequence("Ctrl+=")] if spec.shortcut == "Ctrl++" else [])])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(spec.checkable)
        action.setToolTip(f"{spec.help} ({spec.shortcut})" if spec.shortcut else spec.help)
        action.triggered.connect(partial(run, spec.id))
        if spec.icon:
            action.setIcon(icon(spec.icon, on="accent"))
            action.setIconVisibleInMenu(not spec.checkable)
        menu = menu_of(window, spec.menu)
        if spec.begins:
            menu.addSeparator()
        menu.addAction(action)
        window.addAction(action)  # so that shortcuts work while the menu is hidden
        made[spec.id] = action
    return made
