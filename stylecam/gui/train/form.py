"""What the user chooses before a style is trained: style image, photos, time, strokes and colours."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from stylecam.app.training.runs import CHOICES_MINUTES, WHOLE, TrainRequest, style_id
from stylecam.app.training.style_image_preview import StyleImagePreview
from stylecam.errors import StylecamError
from stylecam.gui.train.parts import StyleImageBox
from stylecam.gui.widgets.crop_field import CropField

SHIPPED, FOLDER, CAMERA = "shipped", "folder", "camera"
PHOTOS = (
    (SHIPPED, "The photos that come with stylecam"),
    (CAMERA, "My camera: 60 photos of what it shows"),
    (FOLDER, "A folder of photos…"),
)
STROKES = ((0.7, "Finer"), (1.0, "Normal"), (1.4, "Coarser"), (2.0, "Very coarse"))
COLORS = ((0, "All colours"), (32, "32 colours"), (16, "16 colours"), (8, "8 colours"), (4, "4 colours"))
_MAX_TEXT = 200


class TrainForm(QWidget):
    """The fields. `changed` fires when they did, `complained` with a sentence when something cannot be used.

    `chosen` carries a style image that was taken.
    """

    changed = pyqtSignal()
    complained = pyqtSignal(str)
    chosen = pyqtSignal(Path)

    def __init__(self) -> None:
        super().__init__()
        self.style_image: Path | None = None
        self._preview: StyleImagePreview | None = None
        self.folder = ""
        self.box = StyleImageBox()
        self.title, self.artist = QLineEdit(), QLineEdit()
        self.photos = _choice(PHOTOS)
        self.quality = _choice([(minutes, f"{name.capitalize()}: {minutes:g} minutes") for name, minutes in CHOICES_MINUTES.items()])
        self.part = CropField()
        self.strokes, self.colors = _choice(STROKES), _choice(COLORS)
        self.quality.setCurrentIndex(1)
        self.strokes.setCurrentIndex(1)
        for field in (self.title, self.artist):
            field.setMaxLength(_MAX_TEXT)
            field.textChanged.connect(self.changed)
        self.artist.setPlaceholderText("unknown")
        self.box.chosen.connect(self.choose)
        self.photos.activated.connect(self._photos_chosen)
        self.colors.currentIndexChanged.connect(self._show_style_image)
        self.part.changed.connect(self._show_style_image)
        self.box.framed.connect(self.part.mark)
        self._fields = QWidget()
        grid = QGridLayout(self._fields)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        rows = (
            ("Title", self.title, "How the style is called in the rack"),
            ("Artist", self.artist, "Who made the style image"),
            ("Part", self.part, "Which part of the style image is used, in percent; or drag a frame over it"),
            ("Photos", self.photos, "What it is trained on: the closer to your own frames, the better"),
            ("Time", self.quality, "How long it may take by the clock: longer is better, and a busy computer gets less done in it"),
            ("Strokes", self.strokes, "How large the strokes will be in your frames"),
            ("Colours", self.colors, "Reduce the style image to a few colours before training"),
        )
        for row, (name, widget, tip) in enumerate(rows):
            label = QLabel(name)
            label.setBuddy(widget)
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
            grid.addWidget(label, row, 0)
            grid.addWidget(widget, row, 1)
        grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.box, 1)
        column.addWidget(self._fields)

    def choose(self, path: Path) -> None:
        """Take a style image; its title comes from the file's name."""
        try:
            self._preview = StyleImagePreview(path)
        except StylecamError as error:
            self.complained.emit(str(error))
            return
        self.complained.emit("")  # what was wrong with another one is over
        self.style_image = path
        self.part.set_crop(WHOLE)
        self._show_style_image()
        words = " ".join(path.stem.replace("_", " ").replace("-", " ").split())
        self.title.setText((words[:1].upper() + words[1:])[:_MAX_TEXT])
        self.artist.clear()
        self.chosen.emit(path)
        self.changed.emit()

    def set_locked(self, locked: bool) -> None:
        """Let nothing be changed while a style is being trained; its image is still shown."""
        self._fields.setEnabled(not locked)
        self.box.set_locked(locked)

    @property
    def is_ready(self) -> bool:
        """True when there is a style image with a title."""
        return self.style_image is not None and bool(self.title.text().strip())

    def request(self, pack: str, taken: Collection[str]) -> TrainRequest:
        """Return what was chosen, for the style's pack; `taken` are names that it may not have."""
        title = self.title.text().strip()
        photos = self.folder if self.photos.currentData() == FOLDER else ""
        return TrainRequest(
            style_id(title, taken),
            title,
            self.artist.text().strip() or "unknown",
            pack,
            minutes=self.quality.currentData(),
            photos=photos,
            stroke_scale=self.strokes.currentData(),
            colors=self.colors.currentData(),
            crop=self.part.crop,
        )

    @property
    def wants_camera(self) -> bool:
        """True when photos are to be taken from what the window shows."""
        return bool(self.photos.currentData() == CAMERA)

    def _photos_chosen(self) -> None:
        if self.photos.currentData() != FOLDER:
            return
        name = QFileDialog.getExistingDirectory(self, "Folder of photos", self.folder)
        if name:
            self.folder = name
            self.photos.setItemText(self.photos.currentIndex(), f"Folder: {Path(name).name}")
            self.photos.setToolTip(name)
        elif not self.folder:
            self.photos.setCurrentIndex(0)

    def _show_style_image(self) -> None:
        if self._preview is not None:
            try:
                self.box.show_bytes(self._preview.png(self.colors.currentData(), self.part.crop))
            except StylecamError as error:
                self.complained.emit(str(error))


def _choice(entries: Collection[tuple[object, str]]) -> QComboBox:
    box = QComboBox()
    for value, name in entries:
        box.addItem(name, value)
    return box
