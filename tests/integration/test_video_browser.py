"""Clips in a real browser: the strictest player that everybody has."""

import http.server
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from stylecam.offline.clips import convert_clip
from stylecam.outputs.recorder import Recorder
from tests.unit.offline.make_clips import make_clip
from tests.unit.outputs.clips import frame

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGE = """<!doctype html><body><script>
for (const name of %s) {
  const video = document.createElement("video");
  const tell = (state) => fetch(`/report?name=${name}&state=${state}&duration=${video.duration}&width=${video.videoWidth}`);
  video.muted = true;
  video.addEventListener("error", () => tell("error " + video.error.message));
  video.addEventListener("timeupdate", () => { if (video.currentTime > 0.3 && !video.told) { video.told = true; tell("plays"); } });
  video.src = name;
  document.body.append(video);
  video.play();
}
</script>"""


class _Handler(http.server.SimpleHTTPRequestHandler):
    reports: queue.Queue[dict[str, str]]
    page: str

    def do_GET(self) -> None:
        """Serve the page and the clips, and take reports."""
        url = urlsplit(self.path)
        if url.path == "/report":
            self.reports.put({key: values[0] for key, values in parse_qs(url.query).items()})
        if url.path in ("/", "/report"):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(self.page.encode())
        else:
            super().do_GET()

    def log_message(self, *args: object) -> None:
        """Be silent."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    """Serve `tmp_path` to this machine."""

    def handler(*args: object) -> _Handler:
        return _Handler(*args, directory=str(tmp_path))  # type: ignore[arg-type]

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:  # type: ignore[arg-type]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no Chromium installed")
def test_a_browser_plays_what_is_recorded_and_painted(tmp_path: Path, server: http.server.ThreadingHTTPServer) -> None:
    """A recording, a painted clip and the part of a killed recording play, in their size; the finished ones tell their length."""
    recorder = Recorder(tmp_path / "recorded.mp4")
    for ms in range(0, 6000, 40):
        recorder.write(frame(ms))
    (tmp_path / "killed.mp4").write_bytes((tmp_path / "recorded.part.mp4").read_bytes())
    recorder.close()
    make_clip(tmp_path / "in.mkv", range(0, 2000, 40), sound="aac", sound_ms=2000, rotation=90)
    list(convert_clip(tmp_path / "in.mkv", tmp_path / "painted.mp4", lambda image: 255 - image))

    names = ["recorded.mp4", "painted.mp4", "killed.mp4"]
    _Handler.reports, _Handler.page = queue.Queue(), PAGE % names
    quiet = ("quic", "background-networking", "component-update", "sync")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", *(f"--disable-{each}" for each in quiet)]
    options += ["--mute-audio", "--autoplay-policy=no-user-gesture-required"]
    assert BROWSER is not None
    command = [BROWSER, *options, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"--user-data-dir={tmp_path / 'profile'}"]
    with subprocess.Popen(
        [*command, "--remote-debugging-port=0", f"http://127.0.0.1:{server.server_address[1]}/"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as browser:
        try:
            reports = {report["name"]: report for report in (_Handler.reports.get(timeout=120) for _ in names)}
        finally:
            browser.terminate()
    assert {name: report["state"] for name, report in reports.items()} == dict.fromkeys(names, "plays")
    assert float(reports["recorded.mp4"]["duration"]) == pytest.approx(6.0, abs=0.05)
    assert float(reports["painted.mp4"]["duration"]) == pytest.approx(2.0, abs=0.08)
    assert [reports[name]["width"] for name in names] == ["64", "48", "64"]
