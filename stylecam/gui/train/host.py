"""Keeps the Train dialog, which is made when it is first asked for: its plot costs start-up time that nobody else needs to pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from stylecam.core import paths

if TYPE_CHECKING:
    from stylecam.app.live.session import Session
    from stylecam.gui.live.notices import Notices
    from stylecam.gui.train.dialog import TrainDialog


class TrainHost(QObject):
    """`said` carries what the dialog has to say even when it is closed, and whether it is a complaint."""

    said = pyqtSignal(str, bool)

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._parent = session, parent
        self.dialog: TrainDialog | None = None

    def open(self) -> None:
        """Show the dialog; the live video goes on."""
        if self.dialog is None:
            from stylecam.app.training.desk import TrainingDesk
            from stylecam.gui.train.dialog import TrainDialog

            self.dialog = TrainDialog(TrainingDesk(self._session), self._parent)
            self.dialog.said.connect(self.said)
        self.dialog.open_for_use()

    def unfinished(self, notices: Notices) -> None:
        """Offer the newest run that was cut short in a notice: go on, delete it, or neither."""
        if not paths.user_trainings().is_dir():
            return
        from stylecam.app.training.runs import unfinished_runs

        runs = unfinished_runs()
        if runs:
            notices.say(
                f"“{runs[0].request.title}” is unfinished.", [("Continue", self.go_on), ("Delete", runs[0].discard)], is_problem=True
            )

    def go_on(self) -> None:
        """Go on with the run that was cut short last, in the dialog."""
        self.open()
        if self.dialog is not None:
            self.dialog.go_on_with_left()

    def close(self) -> None:
        """End the trainer with the window; its work is kept."""
        if self.dialog is not None:
            self.dialog.shut_down()
