"""The session's services as they really are: engines, sources, packs, sinks, snapshots."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stylecam.app.live import scene_store
from stylecam.app.live.additions import join_styles, load_with_additions
from stylecam.app.live.interfaces import Feed, FeedRequest, RunningSink, Services
from stylecam.app.live.source_reader import BackgroundFeed
from stylecam.capture.microphone import Microphone
from stylecam.capture.open_source import is_camera
from stylecam.core import paths
from stylecam.core.params import Param, RenderParams
from stylecam.core.queues import Ledger
from stylecam.core.recording_params import NAME_PATTERN, SNAPSHOT_FOLDER
from stylecam.engines.base import Engine, Image
from stylecam.engines.select import open_engine
from stylecam.outputs.registry import SinkRequest, start_sink
from stylecam.packs.library import PackLibrary
from stylecam.packs.pack import StylePack
from stylecam.render.budget import ThreadBudget

if TYPE_CHECKING:
    from stylecam.capture.base import CameraFormat, Source


def build_services(library: PackLibrary, engine: str, budget: ThreadBudget, *, device: str = "auto") -> Services:
    """Return the services: `engine` and `device` are names for `open_engine`, `budget` shares out the cores."""

    def engine_of(pack: StylePack, head: str) -> Engine:
        return open_engine(pack, engine, device=device, threads=budget.engine, head=head, warm=True)

    microphone, asked = Microphone(), False

    def feed(request: FeedRequest, ledger: Ledger) -> Feed:
        nonlocal asked
        # Here, because the session calls this in the window's thread, the only one in which macOS can ask.
        if sys.platform == "darwin" and not asked and is_camera(request.text):
            from stylecam.capture.devices import ask_permission

            asked = True
            ask_permission()
        return BackgroundFeed(request, ledger, source_of, find_cameras)

    def sink(name: str, ledger: Ledger, words: tuple[str, ...], option: Callable[[Param[Any]], Any]) -> RunningSink:
        return start_sink(name, request(words, option), ledger)

    def request(words: tuple[str, ...], option: Callable[[Param[Any]], Any]) -> SinkRequest:
        return SinkRequest(paths.user_videos(), words, budget.encoder, option, microphone.listen)

    def pack_of(name: str) -> StylePack:
        return load_with_additions(library, name)

    def stills(pack: StylePack, image: Image, wanted: Sequence[RenderParams]) -> Iterator[Image]:
        from stylecam.offline.stylizer import Stylizer

        with Stylizer(pack, engine=engine, device=device, threads=budget.engine) as stylizer:
            for params in wanted:
                yield stylizer.stylize(image, params)

    return Services(
        open_engine=engine_of,
        start_feed=feed,
        load_pack=pack_of,
        join_styles=partial(join_styles, library),
        start_sink=sink,
        sink_request=request,
        microphone=microphone,
        save_snapshot=save_image,
        stills=stills,
        find_cameras=find_cameras,
        finish_leftovers=finish_leftovers,
        load_scenes=lambda: scene_store.load(paths.user_scenes()),
        save_scenes=lambda scenes, before: scene_store.save(scenes, before, paths.user_scenes()),
    )


def source_of(text: str, camera: CameraFormat) -> Source:
    """Return the source that `text` names, clips in a loop, not opened yet; a camera is asked for the format `camera`."""
    from stylecam.capture.open_source import open_source

    return open_source(text, paths.shipped("assets", "clips", "demo.mp4"), camera=camera, loop=True)


def find_cameras() -> list[tuple[str, str]]:
    """Return the cameras as (source, name)."""
    from stylecam.capture.devices import list_cameras

    return [(camera.text, camera.name) for camera in list_cameras()]


def finish_leftovers(folder: str) -> list[Path]:
    """Finish recordings that an earlier run could not, in the usual folder and in this one, and return them."""
    from stylecam.outputs.parts import finish_leftovers as finish

    folders = {paths.user_videos(), *([Path(folder).expanduser()] if folder else [])}
    return [path for each in folders if each.is_dir() for path in finish(each)]


def save_image(image: Image, words: tuple[str, ...], option: Callable[[Param[Any]], Any]) -> Path:
    """Save a snapshot in the folder that the user chose, or in the usual one."""
    from stylecam.outputs.snapshot import save_snapshot

    folder = option(SNAPSHOT_FOLDER)
    return save_snapshot(image, Path(folder).expanduser() if folder else paths.user_pictures(), words, pattern=option(NAME_PATTERN))
