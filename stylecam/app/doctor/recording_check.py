"""What can be recorded here: the formats that PyAV has an encoder for, and the inputs of sound."""

from __future__ import annotations

from typing import Any

from stylecam.capture.microphone import list_inputs
from stylecam.core.recording_params import FORMATS
from stylecam.errors import InputError
from stylecam.outputs.clip_formats import available_formats


def recording_report() -> dict[str, Any]:
    """Return the formats, those that are missing, the inputs, and why there are none; no input is opened."""
    formats = list(available_formats())
    found: dict[str, Any] = {"formats": formats, "formats_missing": [name for name in FORMATS if name not in formats]}
    try:
        return found | {"sound_inputs": list_inputs(), "sound_error": ""}
    except InputError as error:
        return found | {"sound_inputs": [], "sound_error": str(error)}


def recording_lines(data: dict[str, Any]) -> list[str]:
    """Return that as lines for people.

    >>> recording_lines({"formats": ["h264"], "formats_missing": ["av1"], "sound_inputs": [], "sound_error": ""})
    ['formats: h264 (PyAV here lacks an encoder for av1)', 'sound: no input found']
    """
    missing = f" (PyAV here lacks an encoder for {', '.join(data['formats_missing'])})" if data["formats_missing"] else ""
    sound = data["sound_error"] or ", ".join(data["sound_inputs"]) or "no input found"
    return [f"formats: {', '.join(data['formats'])}{missing}", f"sound: {sound}"]
