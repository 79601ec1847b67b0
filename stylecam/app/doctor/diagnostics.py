"""One report on this installation, for people to paste into a bug report: machine, libraries, engines that really work, packs."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from stylecam import __version__
from stylecam.app.doctor.device_check import device_lines, device_report
from stylecam.app.doctor.engine_check import HEIGHT_PX, WIDTH_PX, check_engine
from stylecam.app.doctor.recording_check import recording_lines, recording_report
from stylecam.core import paths
from stylecam.engines.machine import cpu_features, cpu_model, has_nvidia_driver, usable_cores, versions
from stylecam.engines.select import available_engines
from stylecam.errors import StylecamError
from stylecam.packs.library import PackLibrary

Section = tuple[str, Any]


def collect() -> Iterator[Section]:
    """Yield the report's sections as they are known, as (name, JSON data). Takes some seconds: every engine is started for real."""
    yield "machine", machine()
    packs = list(found_packs([paths.shipped("weights"), paths.user_packs()]))
    trial = next((pack for pack in packs if pack["name"] == paths.DEFAULT_PACK and not pack["error"]), None)
    yield "packs", packs
    trial_path = Path(trial["path"]) if trial is not None else None
    # torch stands last in the list and takes longest.
    engines = [{"name": n, "error": f"{why}."} if why else check_engine(n, trial_path) for n, why in available_engines()]
    yield "engines", engines
    yield "devices", device_report({engine["name"] for engine in engines if engine["error"]})
    yield "recording", recording_report()
    yield "virtual camera", virtual_camera()
    yield "folders", folders()


def works(report: dict[str, Any]) -> bool:
    """Return whether at least one engine of the report stylized its image."""
    return any(not engine["error"] for engine in report["engines"])


def machine() -> dict[str, Any]:
    """Return program, system, processor, GPU and versions of the libraries."""
    return {
        "stylecam": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": platform.platform(),
        "cpu": cpu_model(),
        "cpu_features": list(cpu_features()),
        "cores": usable_cores(),
        "nvidia_driver": has_nvidia_driver(),
        "gpus": nvidia_gpus(),
        "versions": versions(),
    }


def nvidia_gpus() -> list[str]:
    """Return what nvidia-smi tells of the GPUs, "name, driver, memory" each, or nothing where it is not installed or fails."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    query = [program, "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def found_packs(where: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """Yield name, path, number of styles and error of every pack in the folders. Each is read whole, as if it were used."""
    library = PackLibrary(where)
    try:
        packs = library.paths()
    except StylecamError as error:
        yield {"name": "all", "path": "", "styles": 0, "error": str(error)}
        return
    for name, path in packs.items():
        try:
            yield {"name": name, "path": str(path), "styles": len(library.load(name).styles), "error": ""}
        except StylecamError as error:
            yield {"name": name, "path": str(path), "styles": 0, "error": str(error)}


def folders() -> dict[str, str]:
    """Return where the user's files lie; "(not there yet)" marks those that nothing was put into so far."""
    places = {"packs": paths.user_packs(), "cache": paths.user_cache(), "settings": paths.user_settings()}
    return {name: str(path) + ("" if path.is_dir() else " (not there yet)") for name, path in places.items()}


def virtual_camera() -> dict[str, str]:
    """Return what other programs would call the virtual camera, or why there is none."""
    from stylecam.outputs.virtual_camera import find_device

    try:
        return {"device": find_device(), "problem": ""}
    except StylecamError as error:
        return {"device": "", "problem": str(error)}


def render(name: str, data: Any) -> str:
    """Return one section as lines for people. The home folder, which holds the user's name, is written as ~."""
    text = "\n".join([name, *(f"  {line}" for line in _LINES[name](data))])
    return text.replace(str(Path.home()), "~")


def _machine_lines(data: dict[str, Any]) -> list[str]:
    gpus = data["gpus"] or (["NVIDIA driver found, but nvidia-smi tells nothing"] if data["nvidia_driver"] else ["no NVIDIA GPU found"])
    return [
        f"stylecam {data['stylecam']}, Python {data['python']} ({data['executable']})",
        f"system: {data['system']}",
        f"processor: {data['cpu']}, {data['cores']} cores, {' '.join(data['cpu_features']) or 'features unknown'}",
        *(f"GPU: {gpu}" for gpu in gpus),
        "libraries: " + ", ".join(f"{library} {version}" for library, version in data["versions"].items()),
    ]


def _pack_lines(data: list[dict[str, Any]]) -> list[str]:
    lines = [f"{p['name']}: {p['error']}" if p["error"] else f"{p['name']}: {p['styles']} styles, {p['path']}" for p in data]
    return lines or ["none found; `stylecam pack install FILE` adds one"]


def _engine_lines(data: list[dict[str, Any]]) -> list[str]:
    lines = []
    for engine in data:
        if engine["error"]:
            lines.append(f"{engine['name']}: DOES NOT WORK. {engine['error']}")
        else:
            lines.append(
                f"{engine['name']}: works, {engine['precision']} on {engine['device']}, {engine['frame_ms']} ms at {WIDTH_PX}x{HEIGHT_PX}, "
                f"started in {engine['start_s']} s"
            )
            if engine["note"]:
                lines.append(f"  {engine['note']}")
        lines += [f"  {line}" for line in _library_lines(engine)]
    return lines


def _library_lines(engine: dict[str, Any]) -> list[str]:
    lines = []
    if "providers_listed" in engine:
        cuda = "CUDA works" if engine["cuda_works"] else f"CUDA does not work: {engine['cuda_trouble']}"
        lines.append(f"lists {', '.join(engine['providers_listed'])}; {cuda}")
    if "openvino_devices" in engine:
        lines += [f"{device} can {', '.join(names)}" for device, names in engine["openvino_devices"].items()]
    if engine.get("precision_ms"):
        paces = ", ".join(f"{precision} {ms} ms" for precision, ms in engine["precision_ms"].items())
        lines.append(f"a frame of {WIDTH_PX}x{HEIGHT_PX} takes in {paces}; --precision chooses")
    if "cuda_gpus" in engine:
        build = f"built for CUDA {engine['cuda_build']}" if engine["cuda_build"] else "built without CUDA"
        lines.append(f"{build}, sees {', '.join(engine['cuda_gpus']) or 'no CUDA GPU'}{', Apple GPU' if engine['mps'] else ''}")
    if "more_error" in engine:
        lines.append(f"its library answers no questions: {engine['more_error']}")
    return lines


def _folder_lines(data: dict[str, str]) -> list[str]:
    return [f"{name}: {path}" for name, path in data.items()]


_LINES: dict[str, Callable[[Any], list[str]]] = {
    "machine": _machine_lines,
    "packs": _pack_lines,
    "engines": _engine_lines,
    "devices": device_lines,
    "recording": recording_lines,
    "virtual camera": lambda data: [data["problem"] or f"works: others choose the camera {data['device']}"],
    "folders": _folder_lines,
}
