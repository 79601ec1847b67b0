"""What the window remembers of itself from one start to the next, beside what the session does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QByteArray

from stylecam.app.settings import Settings
from stylecam.gui.widgets.theme import theme

if TYPE_CHECKING:
    from stylecam.gui.window import MainWindow


def remembered(window: MainWindow) -> Settings:
    """Return the session's settings with the window's own: its place, its theme, and how the rack is ordered."""
    return replace(
        window.session.settings(),
        geometry=bytes(window.saveGeometry().toHex().data()).decode(),
        panel=round(window.shares.drawn, 3),
        theme=theme.name,
        text_size=theme.text_size,
        favourites=tuple(sorted(window.rack.favourites)),
        used=window.rack.used,
        order=window.rack.order,
        recent=window.recent.sources,
        folders=dict(window.folders.ended),
        recent_packs=window.extras.packs.recent,
    )


def restore(window: MainWindow, settings: Settings) -> None:
    """Put everything where it was; a window from a larger screen is made to fit."""
    window.rack.favourites, window.rack.used = set(settings.favourites), settings.used
    window.rack.set_order(settings.order)
    window.rack.refresh()
    window.recent.restore(settings.recent)
    window.folders.ended = dict(settings.folders)
    window.extras.packs.recent = settings.recent_packs
    window.shares.restore(settings.panel)
    if settings.geometry:
        window.restoreGeometry(QByteArray.fromHex(settings.geometry.encode()))
        screen = window.screen()
        if screen is not None and not window.isFullScreen():
            window.resize(window.size().boundedTo(screen.availableSize()))
