"""The options of recordings and snapshots: formats, sound, names and folders, timers."""

from __future__ import annotations

from typing import Any

from stylecam.core.params import Param, Scope

GROUP = "recording"
#: What recordings may be written as, see `outputs.clip_formats`.
FORMATS = ("h264", "hevc", "av1", "vp9", "ffv1", "png")
#: What the last seconds may be written as, see `outputs.save_moment`.
LOOP_FORMATS = ("gif", "webp")

FORMAT = Param(
    id="record_format",
    kind="choice",
    default=FORMATS[0],
    choices=FORMATS,
    label="Format",
    help="h264 plays everywhere; hevc, av1 and vp9 are smaller files, ffv1 loses nothing, png writes a folder of images",
    scope=Scope.WINDOW,
    group=GROUP,
)
SOUND = Param(
    id="record_sound",
    kind="switch",
    default=False,
    label="Record sound",
    help="record a microphone too, or what the computer plays where the system offers that as an input",
    scope=Scope.WINDOW,
    group=GROUP,
)
SOUND_DEVICE = Param(
    id="sound_device",
    kind="text",
    default="",
    label="Sound from",
    help="name of the input, or a part of it; empty for the one that the system chooses",
    zero="the system's choice",
    scope=Scope.WINDOW,
    group=GROUP,
)
SOUND_OFFSET_MS = Param(
    id="sound_offset_ms",
    kind="number",
    default=0.0,
    low=-1000.0,
    high=1000.0,
    step=5.0,
    unit="ms",
    label="Sound offset",
    help="how much later the sound is heard, below zero earlier: for a camera that delivers late or early",
    scope=Scope.WINDOW,
    group=GROUP,
)
RECORD_MIRROR = Param(
    id="record_mirror",
    kind="switch",
    default=False,
    label="Mirror recordings",
    help="exchange left and right once more in recordings, so that writing can be read though you see yourself as in a mirror",
    scope=Scope.WINDOW,
    group=GROUP,
)
COUNTDOWN_S = Param(
    id="countdown_s",
    kind="whole",
    default=0,
    low=0,
    high=10,
    step=1,
    unit="s",
    label="Countdown",
    help="seconds from the key to the first frame of a recording, 0 for at once",
    scope=Scope.WINDOW,
    option="countdown",
    group=GROUP,
)
LIMIT_S = Param(
    id="record_limit_s",
    kind="number",
    default=0.0,
    low=1.0,
    high=86_400.0,
    step=1.0,
    unit="s",
    zero="no end",
    label="Stop after",
    help="seconds after which a recording ends by itself",
    scope=Scope.WINDOW,
    option="record-for",
    group=GROUP,
)
TIMELAPSE = Param(
    id="timelapse",
    kind="whole",
    default=0,
    low=2,
    high=1000,
    step=1,
    zero="off",
    label="Time-lapse",
    help="how many times as fast a recording plays, at 30 frames per second and without sound",
    scope=Scope.WINDOW,
    group=GROUP,
)
#: What is said where the last seconds are asked for, and none are kept.
NOTHING_KEPT = "Nothing is kept yet: switch on 'Keep the last 30 seconds' first."
REPLAY = Param(
    id="replay",
    kind="switch",
    default=False,
    label="Keep the last 30 seconds",
    help="keep the last 30 seconds in memory, so that they can be saved after something happened",
    scope=Scope.WINDOW,
    group=GROUP,
)
LOOP_FORMAT = Param(
    id="loop_format",
    kind="choice",
    default=LOOP_FORMATS[0],
    choices=LOOP_FORMATS,
    label="Loop",
    help="what the last five seconds are saved as: gif plays everywhere, webp is smaller and has all colours",
    scope=Scope.WINDOW,
    group=GROUP,
)
RECORD_FOLDER = Param(
    id="record_folder",
    kind="text",
    default="",
    label="Recordings go to",
    help="folder of recordings; empty for the folder stylecam among the user's videos",
    zero="stylecam among your videos",
    scope=Scope.WINDOW,
    group=GROUP,
)
SNAPSHOT_FOLDER = Param(
    id="snapshot_folder",
    kind="text",
    default="",
    label="Snapshots go to",
    help="folder of snapshots; empty for the folder stylecam where the user's images are",
    zero="stylecam among your images",
    scope=Scope.WINDOW,
    group=GROUP,
)
NAME_PATTERN = Param(
    id="name_pattern",
    kind="text",
    default="stylecam {date} {time} {styles}",
    label="Names",
    help="names of recordings and snapshots, with {date}, {time} and {styles} where they belong",
    scope=Scope.WINDOW,
    group=GROUP,
)

RECORDING_PARAMS: tuple[Param[Any], ...] = (
    FORMAT,
    SOUND,
    SOUND_DEVICE,
    SOUND_OFFSET_MS,
    RECORD_MIRROR,
    COUNTDOWN_S,
    LIMIT_S,
    TIMELAPSE,
    REPLAY,
    LOOP_FORMAT,
    RECORD_FOLDER,
    SNAPSHOT_FOLDER,
    NAME_PATTERN,
)
