"""What is known of a pack or of one of its styles, beside the list of the manager."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from stylecam.app.live.pack_shelf import PackShelf, ShelfEntry
from stylecam.errors import StylecamError
from stylecam.gui.train.parts import FittedImage, LossPlot
from stylecam.gui.widgets.plain_text import plain_label
from stylecam.packs.describe import curve_of, recipe_lines

_IMAGE_PX = 170


class PackDetails(QScrollArea):
    """Texts, the style image and the curve of the loss, where they were kept."""

    def __init__(self, shelf: PackShelf) -> None:
        super().__init__()
        self._shelf = shelf
        self._images: dict[tuple[str, str], bytes] = {}
        self.image = FittedImage("", QSize(_IMAGE_PX, _IMAGE_PX))
        self.image.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # else the layout gives it no place of its own
        self.image.setFixedHeight(_IMAGE_PX)
        self.title, self.text = plain_label(), plain_label()
        self.title.setObjectName("section")
        self.text.setIndent(4)
        for label in (self.title, self.text):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.plot = LossPlot()
        self.plot.widget.setFixedHeight(150)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        for widget in (self.title, self.image, self.text, self.plot.widget):
            column.addWidget(widget)
        column.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inner)

    def show_entry(self, entry: ShelfEntry | None, style: str, count: int) -> None:
        """Show a pack, or one of its styles; with several chosen only how many."""
        self.plot.show_points(())
        self.image.hide()
        if entry is None or entry.manifest is None:
            self.title.setText(entry.title if entry is not None else f"{count} chosen" if count else "")
            self.text.setText(entry.problem if entry is not None else "")
            return
        manifest = entry.manifest
        shown = style or (manifest.styles[0].id if len(manifest.styles) == 1 else "")
        about = next((each for each in manifest.styles if each.id == shown), None)
        lines = [("Licence", manifest.licence), ("File", str(entry.path)), ("Network", manifest.trunk[:19] + "…")]
        if about is not None:
            lines = [("Artist", about.artist), ("Year", about.year), ("Licence", about.licence), ("Source", about.source), *lines[1:]]
        known = [f"{name}: {value}" for name, value in lines if value and value != "unknown"]
        if not style:
            known += recipe_lines(manifest.recipe)
        self.title.setText(about.title if about is not None else manifest.title)
        self.text.setText("\n".join(known))
        self._fit()
        if about is not None:
            self._show_image(entry, about.id)
        if not style:
            self.plot.show_points(curve_of(manifest.recipe))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 (Qt's name)
        """Give the text the lines that it needs at this width: the area scrolls, so nothing need be cut."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        viewport = self.viewport()
        if viewport is not None:
            self.text.setMinimumHeight(max(0, self.text.heightForWidth(viewport.width() - 10)))

    def _show_image(self, entry: ShelfEntry, style: str) -> None:
        key = (str(entry.path), style)
        if key not in self._images:
            try:
                self._images |= {(key[0], each.id): each.thumbnail for each in self._shelf.load(entry).styles}
            except StylecamError:
                self._images[key] = b""  # such as styles whose network is not here; what the manifest says is shown
        if self._images[key]:
            self.image.setVisible(self.image.show_bytes(self._images[key]))
