"""The options of the window that change no frame, only where frames go and how scenes follow each other."""

from __future__ import annotations

from typing import Any

from stylecam.core.params import Param, Scope
from stylecam.core.recording_params import RECORDING_PARAMS

#: The shapes of a fade, see `control.fade.ease`.
FADE_SHAPES = ("smooth", "linear", "slow-start", "slow-end")
#: What a scene may hold.
SCENE_SCOPES = ("mix", "everything")
#: How scenes follow each other in a loop.
SCENE_ORDERS = ("sequence", "random")
#: How a frame of another shape is put into the virtual camera's.
FITS = ("fit", "fill")

#: What the window shows when it starts.
START_SOURCES = ("last", "camera", "demo", "pattern")

START_SOURCE = Param(
    id="start_source",
    kind="choice",
    default=START_SOURCES[0],
    choices=START_SOURCES,
    label="Start with",
    help="what is shown at the start where no source is named: what was shown last, the first camera, the demo clip or the test pattern",
    scope=Scope.WINDOW,
    group="window",
)
SCENE_SCOPE = Param(
    id="scene_scope",
    kind="choice",
    default=SCENE_SCOPES[0],
    choices=SCENE_SCOPES,
    label="A scene holds",
    help="mix: the styles and their weights; everything: strength, effects, size and quality too",
    scope=Scope.WINDOW,
    group="scenes",
)
FADE_S = Param(
    id="fade_s",
    kind="number",
    default=2.0,
    low=0.0,
    high=20.0,
    step=0.1,
    unit="s",
    label="Fade",
    help="how many seconds a scene takes to come, 0 for at once",
    scope=Scope.WINDOW,
    option="fade",
    group="scenes",
)
FADE_SHAPE = Param(
    id="fade_shape",
    kind="choice",
    default=FADE_SHAPES[0],
    choices=FADE_SHAPES,
    label="Shape of the fade",
    help="whether a fade begins and ends slowly",
    scope=Scope.WINDOW,
    group="scenes",
)
SCENE_HOLD_S = Param(
    id="scene_hold_s",
    kind="number",
    default=5.0,
    low=0.0,
    high=600.0,
    step=0.5,
    unit="s",
    label="Time at each scene",
    help="how many seconds each scene stays in a loop, between two fades",
    scope=Scope.WINDOW,
    option="scene-hold",
    group="scenes",
)
SCENE_ORDER = Param(
    id="scene_order",
    kind="choice",
    default=SCENE_ORDERS[0],
    choices=SCENE_ORDERS,
    label="Order of the loop",
    help="which scene comes next in a loop",
    scope=Scope.WINDOW,
    group="scenes",
)
CAMERA_SIZE = Param(
    id="virtual_camera_size",
    kind="choice",
    default="1280x720",
    choices=("640x360", "640x480", "960x540", "1280x720", "1920x1080"),
    label="Size",
    help="width and height in pixels that other programs get from the virtual camera",
    scope=Scope.WINDOW,
    group="virtual camera",
)
CAMERA_FPS = Param(
    id="virtual_camera_fps",
    kind="whole",
    default=30,
    low=5,
    high=60,
    step=1,
    unit="fps",
    label="Rate",
    help="frames per second that other programs get from the virtual camera",
    scope=Scope.WINDOW,
    group="virtual camera",
)
CAMERA_FIT = Param(
    id="virtual_camera_fit",
    kind="choice",
    default=FITS[0],
    choices=FITS,
    label="Frame",
    help="fit: the whole frame, with bars; fill: no bars, edges are cut off",
    scope=Scope.WINDOW,
    group="virtual camera",
)
CAMERA_MIRROR = Param(
    id="virtual_camera_mirror",
    kind="switch",
    default=False,
    label="Mirror the virtual camera",
    help="exchange left and right once more for other programs, so that writing can be read though you see yourself as in a mirror",
    scope=Scope.WINDOW,
    group="virtual camera",
)

WINDOW_PARAMS: tuple[Param[Any], ...] = (
    START_SOURCE,
    SCENE_SCOPE,
    FADE_S,
    FADE_SHAPE,
    SCENE_HOLD_S,
    SCENE_ORDER,
    CAMERA_SIZE,
    CAMERA_FPS,
    CAMERA_FIT,
    CAMERA_MIRROR,
    *RECORDING_PARAMS,
)
