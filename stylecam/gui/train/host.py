"""What joins the window and its Train dialog: frames for it, styles from it, and what is left of earlier runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from stylecam.core.frame import Frame
from stylecam.errors import PackError
from stylecam.packs.archive import ZIP_SUFFIX
from stylecam.packs.ops import overlay
from stylecam.packs.pack import StylePack

if TYPE_CHECKING:
    from stylecam.app.training.runs import TrainRun
    from stylecam.gui.train.dialog import TrainDialog
    from stylecam.gui.window import MainWindow


class Training(QObject):
    """Makes the dialog when it is first asked for: its plot costs start-up time that nobody else needs to pay."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: TrainDialog | None = None

    def open(self) -> None:
        """Show the dialog; the picture goes on."""
        if self.dialog is None:
            from stylecam.gui.train.dialog import TrainDialog

            self.dialog = TrainDialog(self, self._window)
        self.dialog.open_for_use()

    def tell_of_unfinished(self) -> str:
        """Return a sentence if an earlier run was cut short, or an empty string."""
        from stylecam.core import paths

        if not paths.user_trainings().is_dir():
            return ""
        runs = self.unfinished()
        if not runs:
            return ""
        key = self._window.actions_by_id["train"].shortcut().toString()
        return f"Learning “{runs[0].request.title}” was cut short; go on with File, Learn a painting ({key})."

    def unfinished(self) -> list[TrainRun]:
        """Return the runs that can be gone on with."""
        from stylecam.app.training.runs import unfinished_runs

        return unfinished_runs()

    def newest_frame(self) -> Frame | None:
        """Return what the camera, or another source, delivered last."""
        return self._window.shown.frame if self._window.shown is not None else None

    def pack_name(self) -> str:
        """Return the shown pack's name, or its whole path."""
        name = self._window.pack_name
        is_path = os.sep in name or name.endswith(ZIP_SUFFIX)
        return str(Path(name).absolute()) if is_path else name

    def taken_ids(self) -> set[str]:
        """Return the names that a new style may not have."""
        from stylecam.packs.library import pack_library

        left = {run.request.style for run in self.unfinished()}
        return {*self._window.session.pack.style_ids, *pack_library().paths(), *left}

    def open_styles(self, path: Path, text: str = "") -> None:
        """Put the styles of a style-only pack into the rack, or replace them there, once they are loaded; then `text` is told."""
        self._window.session.open_styles(path, text)

    def take_styles(self, styles: StylePack) -> None:
        """Paint with these styles too; sliders, locks, solo and history stay as they are."""
        window, controls = self._window, self._window.controls
        try:
            pack = overlay(window.session.pack, styles)
        except PackError as error:
            window.warn(str(error))
            return
        new = [style for style in styles.style_ids if style not in controls.styles]
        controls.add_styles(pack.style_ids)
        window.session.use_pack(pack, controls.params())
        if new:
            window.show_pack(pack)
            window.rack.reveal(new[0])
        window.controls_changed()
        if self.dialog is not None:
            self.dialog.styles_joined(styles.style_ids)

    def has_style(self, style: str) -> bool:
        """Return whether the rack has it."""
        return style in self._window.controls.styles

    def set_solo(self, style: str, on: bool) -> None:
        """Show one style alone on the live picture, or all as the sliders say; no slider moves."""
        controls = self._window.controls
        if self.has_style(style) and (controls.solo == style) != on:
            controls.toggle_solo(style)
            self._window.controls_changed()

    def is_solo(self, style: str) -> bool:
        """Return whether it is shown alone."""
        return self._window.controls.solo == style

    def tell(self, text: str, *, problem: bool = False) -> None:
        """Say something in the window too: the dialog may be closed."""
        say: Callable[[str], None] = self._window.warn if problem else self._window.tell
        say(text)

    def close(self) -> None:
        """End the trainer with the window; its work is kept."""
        if self.dialog is not None:
            self.dialog.shut_down()
