"""Every sink that the window can switch on, one line each. Their modules are loaded when they are, for encoders cost start-up time."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from stylecam.core.params import Param, Value
from stylecam.core.sound import SoundTap
from stylecam.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from stylecam.core.queues import Ledger
    from stylecam.outputs.base import Sink
    from stylecam.outputs.sink_thread import SinkThread

T = TypeVar("T", bound=Value)


def _default(param: Param[Any]) -> Any:
    return param.default


def _silent(_wait_s: float) -> SoundTap | None:
    return None


@dataclass(frozen=True)
class SinkRequest:
    """What a sink may be made from: `folder` for files, `words` for their names, encoder `threads`, and the values of options.

    `option` may be asked at any time and from any thread, so that a sink follows what is changed while it runs. `listen` opens the sound
    that goes with the frames, waiting so many seconds at most; it returns None where there is none.
    """

    folder: Path
    words: tuple[str, ...] = ()
    threads: int = 1
    option: Callable[[Param[Any]], Any] = _default
    listen: Callable[[float], SoundTap | None] = _silent

    def __getitem__(self, param: Param[T]) -> T:
        """Return the value of an option at this moment."""
        value: T = self.option(param)
        return value


@dataclass(frozen=True)
class SinkSpec:
    """A sink's id, the module whose `make(SinkRequest)` returns it, and its switch: what it is called, its key, what it does."""

    id: str
    module: str
    label: str
    shortcut: str
    help: str


SINKS: tuple[SinkSpec, ...] = (
    SinkSpec("record", "stylecam.outputs.recorder", "&Record", "Ctrl+R", "Start or stop recording a video."),
    SinkSpec(
        "virtual_camera", "stylecam.outputs.virtual_camera", "&Virtual camera", "Ctrl+Shift+C", "Be a camera that calls and OBS can choose."
    ),
)


def start_sink(name: str, request: SinkRequest, ledger: Ledger | None = None) -> SinkThread:
    """Make a sink and start its thread.

    Raises:
        UsageError: there is no such sink.
        OutputError: the sink cannot be made, such as for want of a folder.
    """
    from stylecam.outputs.sink_thread import SinkThread

    modules = {spec.id: spec.module for spec in SINKS}
    if name not in modules:
        raise UsageError(f"There is no output '{name}'.{did_you_mean(name, modules)} Choose one of {', '.join(modules)}.")
    sink: Sink = importlib.import_module(modules[name]).make(request)
    return SinkThread(sink, name=name, ledger=ledger)
