"""The camera of the latency bench, watched through our own network source."""

from __future__ import annotations

import time

from stylecam.bench.app.fake_ip_camera import NumberedCamera
from stylecam.capture import frame_number
from stylecam.capture.stream import Stream


def watch(camera: NumberedCamera, count: int) -> list[tuple[int | None, int]]:
    """Return number and time of the first frames that arrive."""
    source = Stream(camera.url)
    info = source.open()
    assert (info.width, info.height, info.live) == (160, 120, True)
    frames = [source.read() for _ in range(count)]
    source.close()
    return [(frame_number.read(frame.image), frame.captured_ns) for frame in frames if frame]


def test_each_frame_carries_its_number_and_arrives_after_it_was_sent() -> None:
    """Through JPEG, HTTP and FFmpeg the numbers can be read, in order, and the time of sending lies before the time of arrival."""
    begun = time.monotonic_ns()
    with NumberedCamera(160, 120, fps=100, frames=50) as camera:
        seen = watch(camera, 5)
        sent = camera.sent[:5]
    assert [number for number, _ in seen] == [number for number, _ in sent] == sorted({number for number, _ in sent})
    assert all(begun < sent_ns < arrived_ns for (_, sent_ns), (_, arrived_ns) in zip(sent, seen, strict=True))


def test_numbers_come_again() -> None:
    """After the last frame the first ones follow, and every sending is noted by itself."""
    with NumberedCamera(160, 120, fps=100, frames=3) as camera:
        seen = watch(camera, 7)
        sent = list(camera.sent)
    assert [number for number, _ in seen] == [number for number, _ in sent[:7]]  # late ones are skipped, so not each comes each time
    assert {number for number, _ in seen} <= {0, 1, 2}
    assert [time_ns for _, time_ns in sent] == sorted(time_ns for _, time_ns in sent)


def test_who_has_enough_may_go_and_come_again() -> None:
    """A watcher that hangs up is no error, and the camera ends although another still watches."""
    with NumberedCamera(160, 120, fps=100, frames=50) as camera:
        watch(camera, 2)
        left = Stream(camera.url)
        left.open()
    left.close()
