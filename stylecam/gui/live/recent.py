"""The menu of the files and addresses that were opened last."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PyQt6.QtWidgets import QMenu, QWidget

from stylecam.gui.widgets.plain_text import plain_tip

_MOST = 8
#: What needs no remembering: it has an entry of its own.
_FIXED = ("", "demo", "pattern")


class RecentMenu(QMenu):
    """Remembers sources, the newest first; choosing one opens it again."""

    def __init__(self, parent: QWidget, choose: Callable[[str], object]) -> None:
        super().__init__("Open &recent", parent)
        self.setToolTipsVisible(True)
        self._choose = choose
        self.sources: tuple[str, ...] = ()
        self._noted = ""
        self.remember("")

    def note(self, source: str) -> None:
        """Remember a source that is shown, once; a list that was cleared stays empty until there is another."""
        if source != self._noted:
            self._noted = source
            self.remember(source)

    def remember(self, source: str) -> None:
        """Put a source in front; what every list of sources has, and cameras, are passed over."""
        if source not in _FIXED and not source.startswith("camera:"):
            self.sources = (source, *(each for each in self.sources if each != source))[:_MOST]
        self.restore(self.sources)

    def restore(self, sources: tuple[str, ...]) -> None:
        """List these."""
        self.sources = sources[:_MOST]
        self.clear()
        for source in self.sources:
            is_file = "://" not in source
            name = source.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] if is_file else source
            action = self.addAction((name or source).replace("&", "&&"))
            if action is not None:
                action.setToolTip(plain_tip(source))
                action.triggered.connect(partial(self._choose, source))
        self.setEnabled(bool(self.sources))
        if self.sources:
            self.addSeparator()
            forget = self.addAction("Clear this list")
            if forget is not None:
                forget.triggered.connect(lambda: self.restore(()))
