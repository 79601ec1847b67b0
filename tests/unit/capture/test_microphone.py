"""A microphone that comes, delivers and goes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from stylecam.capture import microphone as microphone_module
from stylecam.capture.microphone import FLOOR_DB, Microphone, list_inputs
from stylecam.core.sound import SoundFormat
from stylecam.errors import InputError
from tests.sound_fakes import FakeSounddevice

TONE = (16_384 * np.sin(2 * np.pi * np.arange(960) / 48)).astype(np.int16)[:, None]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSounddevice:
    """The package, pretended."""
    module = FakeSounddevice()
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module


@pytest.fixture
def microphone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Microphone]:
    """One that loses patience quickly, closed at the end."""
    for name, seconds in (("_GONE_S", 0.15), ("_RETRY_S", 0.05), ("_POLL_S", 0.02)):
        monkeypatch.setattr(microphone_module, name, seconds)
    made = Microphone()
    yield made
    made.close()


def wait(true: object) -> None:
    """Wait until it is true, a few seconds at most."""
    deadline = time.monotonic() + 5
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_chunks_carry_the_time_at_which_they_were_heard(fake: FakeSounddevice, microphone: Microphone) -> None:
    """By the clock of frames, not when the driver delivered them; one input, two takers."""
    microphone.switch("")
    first, second = microphone.listen(5), microphone.listen()
    assert first is not None
    assert second is not None
    assert first.format == SoundFormat(48_000, 1)
    before = time.monotonic_ns()
    fake.stream.push(TONE, ago_s=0.5)
    ((chunk,), (other,)) = first.take(), second.take()
    assert chunk.captured_ns == pytest.approx(before - 500_000_000, abs=50_000_000)
    np.testing.assert_array_equal(chunk.samples, TONE)
    assert other is chunk
    second.close()
    fake.stream.push(TONE)
    assert len(first.take()) == 1
    assert second.take() == []


def test_the_level_rises_at_once_and_falls(fake: FakeSounddevice, microphone: Microphone) -> None:
    """Half of what fits is 6 dB below the loudest; silence lets the mean fall at once and the peak slowly."""
    microphone.switch("")
    assert microphone.listen(5) is not None
    fake.stream.push(TONE)
    assert microphone.level.peak_db == pytest.approx(-6, abs=0.2)
    assert microphone.level.rms_db == pytest.approx(-9, abs=0.2)
    fake.stream.push(np.zeros_like(TONE))
    assert microphone.level.rms_db == FLOOR_DB
    assert FLOOR_DB < microphone.level.peak_db < -6


@pytest.mark.parametrize(("asked", "found", "channels"), [("usb mic", 2, 2), ("monitor", 3, 2), ("", 1, 1)])
def test_an_input_is_found_by_name_or_a_part_of_it(
    fake: FakeSounddevice, microphone: Microphone, asked: str, found: int, channels: int
) -> None:
    """Such as the monitor of what the computer plays; nothing said is what the system chooses."""
    microphone.switch(asked)
    assert fake.stream.device == found
    assert fake.stream.channels == channels


def test_a_rate_that_is_refused_gives_way_to_the_devices_own(fake: FakeSounddevice, microphone: Microphone) -> None:
    """44,100 Hz where 48,000 does not work; where neither does, a sentence."""
    fake.rates_refused = (48_000,)
    microphone.switch("")
    tap = microphone.listen(5)
    assert tap is not None
    assert tap.format.rate_hz == 44_100
    fake.rates_refused = (48_000, 44_100)
    microphone.switch("USB Mic")
    wait(lambda: microphone.problem)
    assert microphone.problem == "The microphone 'USB Mic' cannot be opened (Invalid sample rate); choose another input."


def test_a_device_that_vanishes_is_waited_for(fake: FakeSounddevice, microphone: Microphone) -> None:
    """A sentence while it is gone; when it is back, the same takers go on."""
    microphone.switch("USB Mic")
    tap = microphone.listen(5)
    assert tap is not None
    gone = fake.stream
    gone.push(np.repeat(TONE, 2, 1))
    wait(lambda: microphone.problem)
    assert microphone.problem.startswith("No sound comes from the microphone any more; recordings go on without it.")
    assert microphone.level.peak_db == FLOOR_DB
    wait(lambda: len(fake.streams) > 1)
    assert gone.closed
    tap.take()

    def back() -> bool:
        fake.stream.push(np.repeat(TONE, 2, 1))
        return not microphone.problem

    wait(back)
    assert tap.take()


def test_no_input_at_all_is_a_sentence(fake: FakeSounddevice, microphone: Microphone) -> None:
    """And one that is not there names those that are. Nobody can listen."""
    microphone.switch("Nosuch")
    wait(lambda: microphone.problem)
    assert microphone.problem == "There is no input 'Nosuch'; choose one of 'Built-in', 'USB Mic', 'Monitor of Speakers'."
    fake.names = []
    microphone.switch("")
    wait(lambda: microphone.problem.startswith("No microphone was found; plug one in"))
    assert microphone.listen() is None
    assert list_inputs() == []


def test_without_the_package_or_its_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, microphone: Microphone) -> None:
    """Sound is optional: everything else works without it."""
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    microphone.switch("")
    wait(lambda: microphone.problem)
    assert microphone.problem == "Sound needs the package sounddevice: pip install 'stylecam[sound]'."

    def missing(name: str) -> object:
        raise OSError("PortAudio library not found")

    monkeypatch.setattr(microphone_module.importlib, "import_module", missing)
    with pytest.raises(InputError, match="Sound needs the library PortAudio"):
        list_inputs()


def test_switched_off_it_gives_the_device_back(fake: FakeSounddevice, microphone: Microphone) -> None:
    """And nothing can be listened to any more."""
    microphone.switch("")
    stream = fake.stream
    assert microphone.is_on
    microphone.switch(None)
    wait(lambda: stream.closed)
    assert not microphone.is_on
    assert microphone.listen() is None


def test_the_systems_choice_comes_first(fake: FakeSounddevice) -> None:
    """In the list for people; loudspeakers are not in it."""
    fake.default = "USB Mic"
    assert list_inputs() == ["USB Mic", "Built-in", "Monitor of Speakers"]


def test_the_true_package_lists_or_says_why_not() -> None:
    """Where sounddevice and PortAudio are installed there is a list, be it empty; else a sentence."""
    try:
        names = list_inputs()
    except InputError as error:
        assert "Sound needs the" in str(error)  # noqa: PT017 (either is right, as the machine is)
    else:
        assert all(isinstance(name, str) for name in names)
