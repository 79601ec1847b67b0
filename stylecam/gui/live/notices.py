"""What lies over the preview's upper edge: a banner while something is wrong, and a stack of notices that can be closed and acted on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from stylecam.app.live.interfaces import Event
from stylecam.gui.widgets.folders import show_in_folder
from stylecam.gui.widgets.icons import icon
from stylecam.gui.widgets.plain_text import plain_label, plain_tip

#: What a notice offers: the words on its button, and what that does.
Offer = tuple[str, Callable[[], object]]
_MOST = 4
#: How long a notice stays that complains of nothing, without and with something to do.
_MESSAGE_S, _OFFER_S = 6.0, 15.0
_MARGIN_PX = 10
_WIDTH_PX = 620
#: A quoted path from the root, and its last part.
#: What is to be typed in a terminal.
_COMMAND = re.compile("`([^`]+)`")
_PATH = re.compile(r"'(?:/|[A-Za-z]:\\)[^']*[/\\]([^'/\\]+)'")


class Notice(QFrame):
    """A sentence with buttons and a cross that closes it; hidden while there is none."""

    def __init__(self, name: str = "notice") -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._label = plain_label()
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.cross = QToolButton()
        self.cross.setIcon(icon("x", "on_warning" if name == "banner" else "text"))
        self.cross.setIconSize(QSize(16, 16))
        self.cross.setObjectName("small")
        self.cross.setFixedSize(24, 24)
        self.cross.setAccessibleName("Close this notice")
        self.cross.setToolTip("Close (Esc)")
        self.cross.clicked.connect(lambda: self.show_text(""))
        self.buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 7, 7, 7)
        self._row.setSpacing(8)
        self._row.addWidget(self._label, 1)
        self._row.addWidget(self.cross, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(lambda: self.show_text(""))
        self.hide()

    def text(self) -> str:
        """Return the sentence, or an empty string."""
        return self._label.text()

    def show_text(self, text: str, offers: Sequence[Offer] = (), *, stays_s: float = 0.0, is_problem: bool = False) -> None:
        """Show a sentence, for so many seconds or until it is closed; an empty one takes it away."""
        self._label.setText(text)
        for button in self.buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self.buttons = [self._button(*offer) for offer in offers]
        for at, button in enumerate(self.buttons):
            self._row.insertWidget(1 + at, button, 0, Qt.AlignmentFlag.AlignTop)
        kind = "problem" if is_problem else ""
        if self.property("kind") != kind:
            self.setProperty("kind", kind)
            style = self.style()
            if style is not None:  # it may have been another kind before
                style.unpolish(self)
                style.polish(self)
        self.setVisible(bool(text))
        self._timer.stop()
        if text and stays_s:
            self._timer.start(round(1000 * stays_s))

    def _button(self, words: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(words)

        def chosen() -> None:
            self.show_text("")
            act()

        button.clicked.connect(chosen)
        return button


class Notices(QWidget):
    """The banner above the notices, the newest first. It lies over `under`, and lets clicks beside it through by being no larger."""

    def __init__(self, under: QWidget) -> None:
        super().__init__(under)
        self._under = under
        self.banner = Notice("banner")
        self._notices: list[Notice] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(self.banner)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setStyleSheet("Notices { background: transparent; }")
        self._problem = ""
        self.banner.installEventFilter(self)
        under.installEventFilter(self)
        self.hide()

    @property
    def newest(self) -> Notice | None:
        """The newest notice that is shown."""
        return next((notice for notice in self._notices if not notice.isHidden()), None)

    @property
    def texts(self) -> list[str]:
        """The sentences of the notices that are shown, the newest first."""
        return [notice.text() for notice in self._notices if not notice.isHidden()]

    def say(
        self, text: str, offers: Sequence[Offer] = (), *, is_problem: bool = False, stays_s: float = 0.0, path: Path | None = None
    ) -> None:
        """Put a sentence on the stack, with what can be done about it; one that stands there already comes to the front.

        Files, and what lies at `path`, are called by their names alone; the tooltip has their folders. Commands can be copied.
        """
        if not text:
            return
        whole, text = text, _PATH.sub(r"'\1'", text if path is None else text.replace(str(path), path.name))
        if commands := _COMMAND.findall(text):
            offers = [*offers, ("Copy command" if len(commands) == 1 else "Copy commands", partial(_copy, "\n".join(commands)))]
        shown_last = sorted(self._notices, key=lambda each: (each.text() != text, not each.isHidden()))
        notice = next((each for each in shown_last if each.isHidden() or each.text() == text), None)
        if notice is None:
            notice = self._oldest() if len(self._notices) >= _MOST else Notice()
            notice.installEventFilter(self)
        self._notices = [notice, *(each for each in self._notices if each is not notice)]
        self._column.removeWidget(notice)
        self._column.insertWidget(1, notice)
        notice.show_text(text, offers, stays_s=stays_s, is_problem=is_problem)
        notice.setToolTip(plain_tip(whole) if whole != text else "")
        self.place()

    def say_event(self, event: Event, run: Callable[[str], object]) -> None:
        """Put what was finished in the background on the stack, with what can be done about it; `run` takes the id of a command."""
        offers: list[Offer] = [(words, partial(run, command)) for words, command in event.offers]
        if event.path is not None:
            offers.insert(0, ("Show in folder", partial(show_in_folder, event.path)))
        offers += event.acts
        offers += [(words, act) for words, act in (("Undo", event.undo), ("Retry", event.retry)) if act is not None]
        stays_s = 0.0 if event.is_problem else _OFFER_S if offers else _MESSAGE_S
        self.say(event.text, offers, is_problem=event.is_problem, stays_s=stays_s, path=event.path)

    def show_problem(self, text: str, offers: Sequence[Offer] = ()) -> None:
        """Show what is wrong for as long as it is, or until it is closed; an empty text takes the banner away."""
        if text != self._problem:
            self._problem = text
            self.banner.show_text(text, offers)
            self.place()

    def close_newest(self) -> bool:
        """Close the newest notice, else the banner; False if there is neither."""
        notice = self.newest or (self.banner if not self.banner.isHidden() else None)
        if notice is None:
            return False
        notice.show_text("")
        self.place()
        return True

    def _oldest(self) -> Notice:
        """Return what makes place for another: complaints stay longest."""
        return next((each for each in reversed(self._notices) if not each.property("kind")), self._notices[-1])

    def place(self) -> None:
        """Lie over the upper edge of what is below."""
        shown = bool(self.newest) or not self.banner.isHidden()
        self.setVisible(shown)
        if shown:
            width = min(_WIDTH_PX, self._under.width() - 2 * _MARGIN_PX)
            layout = self._column
            height = layout.heightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()
            self.setGeometry((self._under.width() - width) // 2, _MARGIN_PX, width, min(height, self._under.height()))
            self.raise_()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802 (Qt's name)
        """Follow the size of what is below, and close up where a notice went."""
        if event is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.HideToParent):
            QTimer.singleShot(0, self.place)
        return super().eventFilter(watched, event)


def _copy(text: str) -> None:
    if (clipboard := QGuiApplication.clipboard()) is not None:
        clipboard.setText(text)
