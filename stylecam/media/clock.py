"""One clock for the streams of a clip, whatever theirs do: start below zero, restart where segments were joined, leap."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from av.packet import Packet

#: A stream's decoding times only rise; a smaller step back is a tremble of the file's writer.
_BACK_S = Fraction(1, 10)
#: How far a stream may be from where it should be when it follows another one's jump.
_NEAR_S = 10


@dataclass
class _Hand:
    """The state of one stream: its epoch, its last decoding time, and when its next one is expected, in seconds."""

    epoch: int = 0
    last: Fraction | None = None
    length: Fraction = Fraction(0)  # of its last packet
    expected: Fraction = Fraction(0)


class Clock:
    """Gives packets times that begin at zero and continue where the file's own clock restarts or leaps.

    A jump that one stream makes is made by all, so that sound stays with its frames. The master's times set the distance.

    Args:
        start: what the file's clock shows at its beginning, in seconds.
        leap_s: a leap ahead by more than this is no pause but a jump.
        master: index of the stream whose frames continue without a gap, the video's.
    """

    def __init__(self, start: Fraction, leap_s: float, master: int) -> None:
        self._offsets = [-start]  # one for each epoch, added to the file's times
        self._leap_s, self._master = Fraction(leap_s), master
        self._hands: dict[int, _Hand] = {}

    def mend(self, packet: Packet[Any], *, wait: bool = True) -> bool:
        """Set the packet's times; False if it has jumped and should wait for the master to do so (and `wait` allows that)."""
        hand = self._hands.setdefault(packet.stream.index, _Hand())
        time_base = packet.time_base
        if packet.dts is not None:
            at = packet.dts * time_base
            if self._jumped(packet.stream.index, hand, at + self._offsets[hand.epoch]) and not self._follow(hand, at):
                if wait and packet.stream.index != self._master and self._master in self._hands:
                    return False
                self._offsets.append(hand.expected - at)
                hand.epoch = len(self._offsets) - 1
            now = at + self._offsets[hand.epoch]
            length = (packet.duration or 0) * time_base
            if not 0 < length <= self._leap_s:  # not in the file, or made up from a leap
                length = now - hand.last if hand.last is not None and hand.last < now <= hand.last + self._leap_s else hand.length
            hand.last, hand.length, hand.expected = now, length, now + length
        shift = round(self._offsets[hand.epoch] / time_base)
        packet.dts = None if packet.dts is None else packet.dts + shift
        packet.pts = None if packet.pts is None else packet.pts + shift
        return True

    def _jumped(self, index: int, hand: _Hand, now: Fraction) -> bool:
        if hand.last is None:
            return False
        if now < hand.last - _BACK_S:
            return True
        others = (other.last for number, other in self._hands.items() if number != index and other.last is not None)
        # A stream that was silent for a while comes back where the others are.
        return now > hand.expected + self._leap_s and all(abs(now - other) > self._leap_s for other in others)

    def _follow(self, hand: _Hand, at: Fraction) -> bool:
        """Go over to a later epoch, which another stream began, if this stream fits into it."""
        for epoch in range(hand.epoch + 1, len(self._offsets)):
            if abs(at + self._offsets[epoch] - hand.expected) < _NEAR_S:
                hand.epoch = epoch
                return True
        return False
