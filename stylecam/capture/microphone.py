"""Sound from a microphone or any other input of the computer, by the optional package sounddevice; nothing waits for the device."""

from __future__ import annotations

import importlib
import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from stylecam.capture.sample_clock import SampleClock
from stylecam.core.sound import SoundChunk, SoundFormat, SoundTap
from stylecam.errors import InputError

_log = logging.getLogger(__name__)

_NS = 1_000_000_000
#: The rate that is asked for first: what recordings are written with everywhere.
_RATE_HZ = 48_000
#: A device that is silent for so long is gone: an open one delivers chunks also when nobody speaks.
_GONE_S = 2.0
_RETRY_S = 3.0
_POLL_S = 0.2
_CLOSE_TIMEOUT_S = 2.0
#: Where the level meter is when nothing is heard.
FLOOR_DB = -60.0
#: How quickly the meter falls, so that a peak can be seen, in dB per second.
_FALL_DB_S = 30.0


@dataclass(frozen=True)
class Level:
    """How loud it is, in dB below the loudest that can be written (0): the peak, which falls slowly, and the mean power."""

    peak_db: float = FLOOR_DB
    rms_db: float = FLOOR_DB


def list_inputs() -> list[str]:
    """Return the names of the inputs, the system's own choice first.

    Raises:
        InputError: sound cannot be recorded here; the sentence says what to install.
    """
    module = _sounddevice()
    devices = [device for device in module.query_devices() if device["max_input_channels"] > 0]
    first = _default_name(module)
    names = [str(device["name"]) for device in devices]
    return list(dict.fromkeys([first, *names] if first in names else names))


class Microphone:
    """An input that is switched on and off; whoever wants its sound `listen`s. A device that vanishes is waited for.

    >>> microphone = Microphone()
    >>> microphone.switch(None)  # off
    >>> microphone.listen() is None
    True
    >>> microphone.close()
    """

    def __init__(self) -> None:
        self.problem = ""
        self._wanted: str | None = None
        self._format: SoundFormat | None = None
        self._taps: tuple[SoundTap, ...] = ()
        self._heard_ns = self._chunks = 0
        self._level = Level()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._closing = False
        self._thread: threading.Thread | None = None

    def switch(self, device: str | None) -> None:
        """Listen to this input, a name or a part of one, from now on; empty is the system's choice, None is off. Does not wait."""
        with self._changed:
            if self._closing or device == self._wanted:
                return
            self._wanted, self._format, self.problem = device, None, ""
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stylecam-microphone", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    @property
    def is_on(self) -> bool:
        """True while it is switched on, whether or not anything is heard."""
        return self._wanted is not None

    @property
    def level(self) -> Level:
        """How loud it is at this moment."""
        return self._level if time.monotonic_ns() - self._heard_ns < _GONE_S * _NS else Level()

    def listen(self, wait_s: float = 0.0) -> SoundTap | None:
        """Return what a taker gets the sound from; None if it is off, or not open within `wait_s` seconds."""
        deadline = time.monotonic() + wait_s
        with self._changed:
            while self._format is None and self._wanted is not None and not self.problem and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
            if self._format is None:
                return None
            tap = SoundTap(self._format, self._forget)
            self._taps = (*self._taps, tap)
            return tap

    def close(self) -> None:
        """Give the device back; a driver that hangs is left to itself."""
        with self._changed:
            self._closing, self._wanted = True, None
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(_CLOSE_TIMEOUT_S)

    def _forget(self, tap: SoundTap) -> None:
        with self._lock:
            self._taps = tuple(each for each in self._taps if each is not tap)

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._wanted is None and not self._closing:
                    self._changed.wait()
                if self._closing:
                    return
                wanted = self._wanted
            assert wanted is not None  # noqa: S101 (for the type checker)
            self._serve(wanted)

    def _serve(self, wanted: str) -> None:
        """Keep one input open until another is wanted, or it is gone; then wait a moment before it is tried again."""
        stream: Any = None
        try:
            begun = self._chunks
            stream = self._open(wanted)
            while self._stays(wanted, _POLL_S):
                if time.monotonic_ns() - self._heard_ns > _GONE_S * _NS:
                    self._fail(wanted, "No sound comes from the microphone any more; recordings go on without it. Is it plugged in?")
                    break
                if self._chunks != begun:
                    self.problem = ""
        except InputError as error:
            self._fail(wanted, str(error))
        except Exception as error:  # whatever a driver throws, the video goes on
            _log.info("the sound input failed", exc_info=error)
            self._fail(wanted, f"The microphone cannot be used ({error}); choose another input.")
        finally:
            if stream is not None:
                _quietly_close(stream)
        if self._wanted == wanted:
            self._stays(wanted, _RETRY_S)

    def _fail(self, wanted: str, sentence: str) -> None:
        with self._lock:
            if self._wanted == wanted:
                self.problem = sentence
                self._changed.notify_all()

    def _stays(self, wanted: str, seconds: float) -> bool:
        """Wait, and return whether the same input is still wanted."""
        with self._changed:
            self._changed.wait_for(lambda: self._wanted != wanted, seconds)
            return self._wanted == wanted

    def _open(self, wanted: str) -> Any:
        module = _sounddevice()
        device = _find(module, wanted)
        channels = min(2, int(device["max_input_channels"]))
        rates = dict.fromkeys((_RATE_HZ, round(device["default_samplerate"])))
        for number, rate_hz in enumerate(rates, 1):
            clock = SampleClock(rate_hz)

            def heard(samples: Any, count: int, times: Any, _status: Any, clock: SampleClock = clock, rate_hz: int = rate_hz) -> None:
                self._take(samples, clock.time_of(count, _heard_ns(times, count, rate_hz)))

            try:
                stream = module.InputStream(
                    samplerate=rate_hz, device=device["index"], channels=channels, dtype="int16", latency="low", callback=heard
                )
                self._begin(SoundFormat(rate_hz, channels))
                stream.start()
            except module.PortAudioError as error:
                if number == len(rates):
                    raise InputError(f"The microphone '{device['name']}' cannot be opened ({error}); choose another input.") from error
            else:
                return stream
        raise AssertionError("there is at least one rate")

    def _begin(self, sound: SoundFormat) -> None:
        """Those who listen go on where the format is the same; others get silence."""
        with self._changed:
            self._format, self._heard_ns, self._level = sound, time.monotonic_ns(), Level()
            self._changed.notify_all()

    def _take(self, samples: Any, captured_ns: int) -> None:
        """Hand a chunk on, in the device's own thread."""
        chunk = SoundChunk(np.array(samples, np.int16), captured_ns)
        self._note_level(chunk)
        for tap in self._taps:
            if tap.format == self._format:
                tap.put(chunk)

    def _note_level(self, chunk: SoundChunk) -> None:
        now_ns = time.monotonic_ns()
        fallen = self._level.peak_db - _FALL_DB_S * (now_ns - self._heard_ns) / _NS
        self._heard_ns = now_ns
        self._chunks += 1
        if chunk.samples.size:
            loud = chunk.samples.astype(np.float32) / 32768
            self._level = Level(max(_db(float(np.abs(loud).max())), fallen, FLOOR_DB), _db(float(np.sqrt(np.mean(loud * loud)))))


def _db(share: float) -> float:
    return max(FLOOR_DB, 20 * float(np.log10(max(share, 1e-9))))


def _heard_ns(times: Any, count: int, rate_hz: int) -> int:
    """Return when a chunk's first sample was heard; some drivers do not say."""
    now_ns = time.monotonic_ns()
    ago_s = float(times.currentTime) - float(times.inputBufferAdcTime)
    if not (times.inputBufferAdcTime > 0 and 0 <= ago_s < 1):
        ago_s = count / rate_hz
    return now_ns - round(ago_s * _NS)


def _sounddevice() -> Any:
    try:
        return importlib.import_module("sounddevice")
    except ImportError as error:
        raise InputError("Sound needs the package sounddevice: pip install 'stylecam[sound]'.") from error
    except OSError as error:  # on Linux the wheel comes without the library
        raise InputError("Sound needs the library PortAudio: on Debian and Ubuntu `sudo apt install libportaudio2`.") from error


def _default_name(module: Any) -> str:
    try:
        return str(module.query_devices(kind="input")["name"])
    except (ValueError, module.PortAudioError):  # there is none
        return ""


def _find(module: Any, wanted: str) -> Any:
    """Return the input with this name, else the first whose name holds it; empty is the system's choice.

    Raises:
        InputError: there is none.
    """
    inputs = [(index, device) for index, device in enumerate(module.query_devices()) if device["max_input_channels"] > 0]
    if not inputs:
        raise InputError("No microphone was found; plug one in, or allow stylecam to use it.")
    name = (wanted or _default_name(module)).casefold()
    for matches in (name.__eq__, lambda other: name in other):
        for index, device in inputs:
            if matches(str(device["name"]).casefold()):
                return {**device, "index": index}
    names = ", ".join(f"'{device['name']}'" for _, device in inputs)
    raise InputError(f"There is no input '{wanted}'; choose one of {names}.")


def _quietly_close(stream: Any) -> None:
    try:
        stream.close()
    except Exception as error:  # a device that was pulled out
        _log.info("a sound input cannot be closed: %s", error)
