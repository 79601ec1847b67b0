"""A network camera on this computer that knows when it sent which frame: MJPEG over HTTP, each frame with its number burnt in."""

from __future__ import annotations

import http.server
import io
import threading
import time
from types import TracebackType
from typing import Any

from PIL import Image

from stylecam.capture.test_pattern import TestPattern

#: After this many frames the numbers start again. A latency of more than this many frames (8 s) could be mistaken for a shorter one.
FRAMES = 240
_QUALITY = 90


class NumberedCamera:
    """Sends the test pattern in real time to whoever asks; like a camera it skips what it cannot send in time.

    Frames are compressed before the first is sent, so that a run that is timed does not pay for it. Use it as a context.

    Args:
        width: in pixels.
        height: in pixels.
        fps: frames per second.
        frames: how many different ones, see `FRAMES`.
    """

    def __init__(self, width: int, height: int, fps: float = 30.0, frames: int = FRAMES) -> None:
        #: (number, `time.monotonic_ns` just before the first byte was sent), in the order of sending.
        self.sent: list[tuple[int, int]] = []
        self._fps = fps
        pattern = TestPattern(width, height, fps, live=False, frames=frames)
        pattern.open()
        self._jpegs = [_jpeg(frame.image) for frame in iter(pattern.read, None)]
        pattern.close()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/video"

    def __enter__(self) -> NumberedCamera:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop, also for clients that are still reading."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        camera = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *args: Any) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                """Send frames until the client hangs up."""
                try:
                    self.send_response(200)
                    self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                    self.end_headers()
                    camera._send(self.wfile.write)
                except OSError:
                    pass  # the client has gone

        return Handler

    def _send(self, write: Any) -> None:
        begun, index = time.monotonic(), 0
        while not self._closing.wait(max(0.0, begun + index / self._fps - time.monotonic())):
            number = index % len(self._jpegs)
            data = self._jpegs[number]
            self.sent.append((number, time.monotonic_ns()))
            write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(data), data))
            index = max(index + 1, int((time.monotonic() - begun) * self._fps))


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False


def _jpeg(image: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
