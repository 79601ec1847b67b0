"""Cyclic garbage is collected in the window's thread alone."""

from __future__ import annotations

import gc
import threading
import weakref

from PyQt6.QtCore import QObject
from pytestqt.qtbot import QtBot

from stylecam.gui import garbage
from stylecam.gui.garbage import Garbage


class Cycle(QObject):
    """An object of Qt that only the collector can free."""

    def __init__(self, ends: list[str]) -> None:
        super().__init__()
        self.me = self
        weakref.finalize(self, lambda: ends.append(threading.current_thread().name))


def test_another_thread_frees_no_widget(qtbot: QtBot) -> None:
    """However much it allocates; the timer does, here."""
    collector, ends = Garbage(), list[str]()
    Cycle(ends)
    thread = threading.Thread(target=lambda: [[n] for n in range(50_000)], name="render")
    thread.start()
    thread.join()
    assert ends == []
    alive = [[n] for n in range(2 * gc.get_threshold()[0])]
    qtbot.waitUntil(lambda: bool(ends), timeout=5 * garbage._EVERY_MS)
    assert ends == [threading.main_thread().name]
    collector.end()
    assert gc.isenabled()
    assert len(alive) > 0
