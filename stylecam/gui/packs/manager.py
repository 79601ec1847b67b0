"""The pack manager: what packs and styles there are, what is known of each, and all that can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from stylecam.app.live.pack_shelf import PackShelf, ShelfEntry
from stylecam.errors import StylecamError
from stylecam.gui.packs.details import PackDetails
from stylecam.gui.widgets.folders import folders_of, show_in_folder
from stylecam.gui.widgets.plain_text import plain_label

if TYPE_CHECKING:
    from stylecam.app.live.session import Session

_WORDS = (
    "A pack is numbers and small images, never a program: opening one cannot read your files, reach the network or change stylecam, "
    "and all of it is checked first. Styles alone are a few kilobytes and join every pack with the same network; packs with "
    "different networks cannot be merged."
)


class PackManager(QDialog):
    """Reads the disk again each time it opens.

    Args:
        shelf: the files.
        session: what is shown; it follows when a style is renamed or deleted.
        say: shows a sentence with words for buttons and what they do.
    """

    def __init__(
        self,
        shelf: PackShelf,
        session: Session,
        say: Callable[[str, list[tuple[str, Callable[[], object]]]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._shelf, self._session, self._say = shelf, session, say
        self.setObjectName("sheet")
        self.setWindowTitle("stylecam: packs and styles")
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setAccessibleName("Packs and their styles")
        self.details = PackDetails(shelf)
        self.message = plain_label()
        self.message.setWordWrap(True)
        self.message.hide()
        made = {
            "open": ("Open", self.open_pack, "Show this pack; styles alone are in the rack already"),
            "rename": ("Rename…", self.rename, "Give it another title; mixes and scenes still find it"),
            "export": ("Export…", self.export, "Write a copy to share"),
            "merge": ("Merge", self.merge, "Put the styles of all chosen packs into a new one"),
            "folder": ("Show in folder", self.reveal, "Open the folder where it lies"),
            "delete": ("Delete", self.delete, "Take it away; the notice brings it back until stylecam is closed"),
        }
        self.buttons: dict[str, QPushButton] = {}
        for name, (words, act, tip) in made.items():
            button = self.buttons[name] = QPushButton(words)
            button.setAutoDefault(False)
            button.setToolTip(tip)
            button.clicked.connect(lambda _, act=act: self._try(act))
        self._lay_out()
        self.tree.itemSelectionChanged.connect(self._show_chosen)
        self.tree.itemDoubleClicked.connect(lambda _: self.buttons["open"].click())

    def open_for_use(self) -> None:
        """Read the disk again, and show it."""
        self._try(self.fill)
        self.show()
        self.raise_()
        self.activateWindow()

    def fill(self, choose: str = "") -> None:
        """List what is there; choose a pack by name, else the one that was chosen, or the one that is shown."""
        before = self.chosen[0][0].name if self.chosen else self._session.pack_name
        chosen = choose or before
        self.tree.clear()
        entries = self._shelf.entries()
        for entry in entries:
            item = QTreeWidgetItem([self._words(entry)])
            item.setData(0, Qt.ItemDataRole.UserRole, entry)
            item.setToolTip(0, str(entry.path))
            self.tree.addTopLevelItem(item)
            styles = entry.manifest.styles if entry.manifest is not None else ()
            for style in styles if len(styles) > 1 else ():
                child = QTreeWidgetItem([style.title])
                child.setData(0, Qt.ItemDataRole.UserRole, style.id)
                item.addChild(child)
            if chosen in (entry.name, str(entry.path)):
                self.tree.setCurrentItem(item)
        if self.tree.currentItem() is None and self.tree.topLevelItemCount():
            self.tree.setCurrentItem(self.tree.topLevelItem(0))
        if not any(entry.is_own for entry in entries):
            self._tell("Nothing of yours yet: styles that you train (Ctrl+G), and packs that you open or drop on the window, come here.")
        self._show_chosen()

    @property
    def chosen(self) -> list[tuple[ShelfEntry, str]]:
        """What is chosen: packs, each with the id of a style of it, or none for the whole."""
        found = []
        for item in self.tree.selectedItems():
            above = item.parent()
            owner, style = (item, "") if above is None else (above, str(item.data(0, Qt.ItemDataRole.UserRole)))
            found.append((owner.data(0, Qt.ItemDataRole.UserRole), style))
        return found

    def open_pack(self) -> None:
        """Show the chosen pack."""
        entry, _ = self.chosen[0]
        self._session.open_pack(entry.name)

    def rename(self) -> None:
        """Ask for another title."""
        entry, style = self.chosen[0]
        old = next((each.title for each in entry.manifest.styles if each.id == style), entry.title) if entry.manifest else entry.title
        title, done = QInputDialog.getText(self, "Rename", "Title:", text=old)
        title = " ".join(title.split())
        if done and title and title != old:
            self._shelf.rename(entry, title, style)
            self._session.packs.reload()
            self.fill(entry.name)

    def export(self) -> None:
        """Ask where to, and write a copy."""
        entry, style = self.chosen[0]
        folders = folders_of(self)
        place = Path(folders.begin("Export")) / f"{style or entry.name}.stylepack"
        name, _ = QFileDialog.getSaveFileName(self, "Export", str(place), "Style packs (*.stylepack)")
        folders.end("Export", name)
        if name:
            path = Path(name if name.endswith(".stylepack") else f"{name}.stylepack")
            self._shelf.export(entry, path, style)
            self._tell(f"Wrote {path.name}.")
            self._say(f"Wrote {path.name}.", [("Show in folder", partial(show_in_folder, path))])

    def merge(self) -> None:
        """Merge the chosen packs into a new one."""
        merged = self._shelf.merged([entry for entry, _ in self.chosen])
        self.fill(merged.name)
        self._tell(f"Merged: {merged.title}. Open shows it, Rename gives it another title.")

    def reveal(self) -> None:
        """Show the chosen pack in the file manager."""
        show_in_folder(self.chosen[0][0].path)

    def delete(self) -> None:
        """Take the chosen pack away; a notice of the window brings it back."""
        entry, _ = self.chosen[0]
        put_back = self._shelf.remove(entry)
        self._session.packs.reload()  # from the disk: a style of that name may be the shown pack's own

        def undo() -> None:
            self._try(put_back)
            self._session.packs.reload()
            self._try(self.fill)

        self.fill()
        text = f"Deleted “{entry.title}”."
        self._tell(f"{text} Undo is in the main window.")
        self._say(text, [("Undo", undo)])

    def _try(self, act: Callable[[], object]) -> None:
        self._tell("")
        try:
            act()
        except StylecamError as error:
            self._tell(str(error))

    def _tell(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def _words(self, entry: ShelfEntry) -> str:
        if entry.manifest is None:
            return f"{entry.name}: damaged"
        shown = ", shown" if self._session.pack_name in (entry.name, str(entry.path)) else ""
        count = len(entry.manifest.styles)
        kind = f"{count} style{'s' if count != 1 else ''}" if entry.is_whole else "added to the rack"
        return f"{entry.title}  ({kind}{shown})"

    def _show_chosen(self) -> None:
        chosen = self.chosen
        one = chosen[0] if len(chosen) == 1 else None
        entry = one[0] if one is not None else None
        sound = entry is not None and entry.manifest is not None
        is_shown = entry is not None and self._session.pack_name in (entry.name, str(entry.path))
        can = {
            "open": sound and one is not None and not one[1] and not is_shown and entry is not None and entry.is_whole,
            "rename": sound and entry is not None and entry.is_own,
            "export": sound,
            "merge": len(chosen) > 1 and all(each.manifest is not None and not style for each, style in chosen),
            "folder": one is not None,
            "delete": entry is not None and entry.is_own and one is not None and not one[1] and not is_shown,
        }
        for name, is_on in can.items():
            self.buttons[name].setEnabled(is_on)
        self.details.show_entry(entry, one[1] if one is not None else "", len(chosen))

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self.tree, 1)
        columns.addWidget(self.details, 1)
        row = QHBoxLayout()
        for button in self.buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        row.addWidget(close)
        words = plain_label(_WORDS)
        words.setObjectName("faint")
        words.setWordWrap(True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(18, 16, 18, 16)
        whole.setSpacing(10)
        whole.addLayout(columns, 1)
        whole.addWidget(self.message)
        whole.addWidget(words)
        whole.addLayout(row)
        screen = self.screen()
        space = screen.availableSize() if screen is not None else QSize(860, 600)
        self.resize(min(860, space.width() - 20), min(600, space.height() - 60))
