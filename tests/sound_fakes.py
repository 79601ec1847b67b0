"""A stand-in for the package sounddevice: inputs that deliver on demand, and can be pulled out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray


class PortAudioError(Exception):
    """What PortAudio complains of."""


@dataclass
class FakeSounddevice:
    """The module. `rates_refused` are sample rates that no device takes."""

    names: list[str] = field(default_factory=lambda: ["Built-in", "USB Mic", "Monitor of Speakers"])
    default: str = "Built-in"
    rates_refused: tuple[int, ...] = ()
    streams: list[FakeStream] = field(default_factory=list)
    PortAudioError: type[Exception] = PortAudioError

    def query_devices(self, kind: str | None = None) -> Any:
        """Return all devices, among them a loudspeaker, or the input that the system chooses."""
        found = [{"name": name, "max_input_channels": 1 + at, "default_samplerate": 44_100.0} for at, name in enumerate(self.names)]
        if kind == "input":
            if self.default not in self.names:
                raise ValueError("no input device")
            return next(device for device in found if device["name"] == self.default)
        return [{"name": "Loudspeaker", "max_input_channels": 0, "default_samplerate": 48_000.0}, *found]

    def InputStream(self, **options: Any) -> FakeStream:  # noqa: N802 (its name there)
        """Open an input."""
        if options["samplerate"] in self.rates_refused:
            raise PortAudioError("Invalid sample rate")
        self.streams.append(FakeStream(**options))
        return self.streams[-1]

    @property
    def stream(self) -> FakeStream:
        """The stream that was opened last, waited for."""
        deadline = time.monotonic() + 5
        while not self.streams or not self.streams[-1].started:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return self.streams[-1]


@dataclass
class FakeStream:
    """An open input; `push` is what the driver's thread does."""

    samplerate: int
    device: int
    channels: int
    dtype: str
    latency: str
    callback: Callable[..., object]
    started: bool = False
    closed: bool = False

    def start(self) -> None:
        """Begin."""
        self.started = True

    def close(self) -> None:
        """End."""
        self.closed = True

    def push(self, samples: NDArray[np.int16], ago_s: float = 0.02) -> None:
        """Deliver a chunk, (n, channels), that was begun to be heard `ago_s` seconds ago."""
        times = SimpleNamespace(currentTime=100.0, inputBufferAdcTime=100.0 - ago_s)
        self.callback(samples, len(samples), times, None)
