"""Clips stylized by several processes or machines: Dask's workers stylize frames, and the clip is written here.

The clip is read twice here: once ahead, for parts of some frames that go to the workers, and once by `convert_clip`, which does all that it
does without a cluster, but takes each stylized frame from the parts, in order. So times, sound and the encoder's work are those of
one machine, and so are the bytes where the engines are the same and have as many threads (`local:N` shares the cores out: in int8 sums that
are rounded in another order come out as other levels). Only a frame's own pixels may decide what it becomes: options that look
back to earlier frames are refused. Dask gives the part of a worker that is lost to another.

Dask's protocol pickles: whoever reaches scheduler or workers can run code there. See SECURITY.md.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stylecam.control.timeline import Timeline
from stylecam.core.mix import StyleMix
from stylecam.core.params import RenderParams
from stylecam.effects.registry import every_param
from stylecam.engines.base import Image
from stylecam.errors import EngineError, UsageError
from stylecam.offline.clips import clip_frames
from stylecam.offline.stylizer import Stylizer
from stylecam.packs.pack import StylePack
from stylecam.packs.store import load_pack, save_pack

_PART_FRAMES = 4
_CONNECT_S = 20
#: A run ends when there has been no worker for so long.
_ALONE_S = 60

#: In a worker's process: what stylizes, by the hash of what it was asked for. One thread at a time may use it.
_opened: dict[str, tuple[Stylizer, Timeline]] = {}
_lock = threading.Lock()


class Cluster:
    """Workers of Dask that stylize frames; use it in a `with` statement.

    Args:
        address: "tcp://HOST:PORT" (or "tls://…") of a scheduler, whose workers have stylecam installed; or "local:N" for N processes here.
        pack: goes to the workers as a `.stylepack`, which they check as any other.
        timeline: what the frames are stylized with.
        engine: as in `open_engine`; so are `device` and `precision`. "auto" may take different ones on different machines.

    Raises:
        UsageError: it is no such address, the extra `cluster` is not installed, or an option looks back to earlier frames.
        EngineError: nobody answers there, or all workers are lost.
    """

    def __init__(
        self, address: str, pack: StylePack, timeline: Timeline, *, engine: str = "auto", device: str = "auto", precision: str = "auto"
    ) -> None:
        kind, _, rest = address.partition(":")
        local = int(rest) if kind == "local" and rest.isascii() and rest.isdigit() and len(rest) <= 2 else 0
        if not (1 <= local <= 64 or (kind in ("tcp", "tls") and rest.startswith("//"))):
            raise UsageError(f"'{address}' is no cluster; write --cluster tcp://HOST:8786, or local:2 for two processes here.")
        try:
            dask: Any = importlib.import_module("distributed")
        except ImportError as error:
            raise UsageError("A cluster needs Dask: pip install stylecam[cluster].") from error
        threads = max(1, (os.cpu_count() or 1) // local) if local else None
        self._work = _describe(pack, timeline, {"engine": engine, "device": device, "precision": precision, "threads": threads})
        self._local: Any = None
        try:
            if local:
                with _deaf():
                    self._local = dask.LocalCluster(
                        n_workers=local,
                        threads_per_worker=1,
                        host="127.0.0.1",
                        dashboard_address="127.0.0.1:0",
                        scheduler_kwargs={"dashboard": False},
                        silence_logs=50,
                        memory_limit=0,
                    )
            self._client: Any = dask.Client(self._local or address, timeout=_CONNECT_S, set_as_default=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise EngineError(f"Nobody answers at '{address}' ({str(error)[:100]}); start `dask scheduler` and `dask worker`.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()
        if self._local is not None:
            self._local.close()

    def stylized(self, source: Path, size_px: int | None = None) -> Iterator[Image]:
        """Yield every frame of a clip stylized, in order, as long as the workers do; not many more are held than there are workers."""
        pending: deque[Any] = deque()
        # A task, not scattered data: those are lost with the worker that holds them, a task is done again.
        work = self._client.submit(_same, self._work, pure=False)
        with closing(clip_frames(source, size_px)) as frames:
            parts = iter(lambda: list(islice(frames, _PART_FRAMES)), [])
            try:
                for part in parts:
                    pending.append(self._client.submit(render_part, work, part, pure=False))
                    if len(pending) > 2 * max(1, self._workers()):
                        yield from self._result(pending.popleft())
                while pending:
                    yield from self._result(pending.popleft())
            finally:
                if self._client.status == "running":  # a generator that is left may be closed after the cluster
                    for future in pending:
                        future.cancel()

    def process_ids(self) -> list[int]:
        """Return the workers' process numbers, each on its own machine."""
        return sorted(self._client.run(os.getpid).values())

    def _workers(self) -> int:
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def _result(self, future: Any) -> list[Image]:
        from distributed import TimeoutError as NotYet
        from distributed.scheduler import KilledWorker

        seen = time.monotonic()
        while True:
            try:
                images: list[Image] = future.result(timeout=2)
            except NotYet:
                if self._workers():
                    seen = time.monotonic()
                elif time.monotonic() - seen > _ALONE_S:
                    raise EngineError("All workers of the cluster are lost; start some and run this again.") from None
            except KilledWorker as error:
                raise EngineError("A part of the clip has ended several workers; they may have too little memory, try --size.") from error
            else:
                return images


def render_part(work: Mapping[str, Any], part: Sequence[tuple[Image, float]]) -> list[Image]:
    """Stylize some frames, each with its seconds from the first; run in a worker, which keeps its engine for the next part.

    Raises:
        UsageError: an option looks back to earlier frames.
    """
    with _lock:
        if work["key"] not in _opened:
            for stylizer, _ in _opened.values():
                stylizer.close()
            _opened.clear()
            _opened[work["key"]] = _open(work)
        stylizer, timeline = _opened[work["key"]]
        images = []
        for image, seconds in part:
            style = stylizer.callback(timeline)
            images.append(style.at(image, seconds))
            if style.looks_back:
                raise UsageError(
                    "A cluster stylizes frames one by one, and temporal smoothing and its like look back to earlier ones; leave these "
                    "options out, or leave out --cluster."
                )
        return images


@contextmanager
def _deaf() -> Iterator[None]:
    """Let processes that begin meanwhile ignore Ctrl-C: a terminal sends it to all, and this one ends the others in order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _same(work: dict[str, Any]) -> dict[str, Any]:
    return work


def _describe(pack: StylePack, timeline: Timeline, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return pack, timeline and options as bytes and plain data."""
    with tempfile.TemporaryDirectory() as folder:
        save_pack(pack, Path(folder, "work.stylepack"))
        data = Path(folder, "work.stylepack").read_bytes()
    points = [(at, dict(style.mix.weights), {param.id: value for param, value in style.values.items()}) for at, style in timeline.points]
    settings = {"points": points, "fade_s": timeline.fade_s, "shape": timeline.shape, "options": dict(options)}
    return {"key": hashlib.sha256(data + repr(settings).encode()).hexdigest(), "pack": data, **settings}


def _open(work: Mapping[str, Any]) -> tuple[Stylizer, Timeline]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "work.stylepack")
        path.write_bytes(work["pack"])
        pack = load_pack(path)
    by_id = {param.id: param for param in every_param()}
    points: Iterable[Any] = work["points"]
    styles = [(at, RenderParams(StyleMix(mix), {by_id[name]: value for name, value in values.items()})) for at, mix, values in points]
    return Stylizer(pack, **work["options"]), Timeline(styles, work["fade_s"], work["shape"])
