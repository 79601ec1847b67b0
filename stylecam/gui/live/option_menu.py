"""Menus of options: a list for one that is a choice, a tick for a switch."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QMenu, QWidget

from stylecam.control.state import Controls
from stylecam.core.params import Param


def choice_menu(parent: QWidget, controls: Controls, param: Param[Any], words: Mapping[Any, str]) -> QMenu:
    """Return the menu of an option, with the words for each of its values, which are ticked as they stand when it opens."""
    menu = QMenu(param.label, parent)
    group = QActionGroup(menu)
    for value, text in words.items():
        action = menu.addAction(text)
        if action is not None:
            action.setCheckable(True)
            action.setData(value)
            action.triggered.connect(partial(controls.set, param, value))
            group.addAction(action)

    def check() -> None:
        for action in group.actions():
            action.setChecked(action.data() == controls[param])

    menu.aboutToShow.connect(check)
    return menu


def add_switch(menu: QMenu, controls: Controls, param: Param[bool]) -> None:
    """Add an option that is on or off to a menu."""
    action = menu.addAction(param.label)
    if action is not None:
        action.setCheckable(True)
        action.triggered.connect(partial(controls.set, param))
        menu.aboutToShow.connect(lambda: action.setChecked(controls[param]))
