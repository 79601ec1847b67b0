"""Which candidates of `devices.CANDIDATES` really work here: each is probed once, in a process of its own, and the verdict is kept.

A driver that ends the process it is loaded into must not take the window with it, nor may a library that takes seconds hold it up.
"""

from __future__ import annotations

import contextlib
import json
import logging
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stylecam import __version__
from stylecam.core import paths
from stylecam.core.atomic_io import make_folder, write_json
from stylecam.core.process import ask_child
from stylecam.engines.auto import FASTER
from stylecam.engines.devices import CANDIDATES, Candidate, fingerprint, obstacle
from stylecam.engines.machine import may_have_gpu, versions
from stylecam.errors import OutputError

#: How long a probe may take; TensorRT, say, may build for minutes, and would for every new frame size.
TIMEOUT_S = 60.0
# A failure is tried again so often: a new driver does not show in the key.
_FAILURE_HOLDS_S = 7 * 24 * 3600

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    """What the probe found.

    Args:
        error: why the candidate is left out, from "it" on or as the engine said it; empty: it works.
        name: the device, for people, as `Engine.device`.
        precision: in which it agrees with f32 on the processor.
        frame_ms: of the probe's frame, the median of a few.
        cpu_ms: the same on the processor, in the precision that is fastest there.
        difference: mean over the frame to f32 on the processor, of 255.
        when: when it was probed, in seconds since 1970.
    """

    error: str = ""
    name: str = ""
    precision: str = ""
    frame_ms: float = 0.0
    cpu_ms: float = 0.0
    difference: float = 0.0
    when: float = 0.0


def judge(candidate: Candidate, *, again: bool = False) -> Verdict:
    """Return the verdict on a candidate: the kept one, else a fresh one, which takes seconds.

    Args:
        candidate: of the table.
        again: probe again where the kept verdict is a failure, for someone who asks for this device by name.
    """
    if trouble := obstacle(candidate):
        return Verdict(error=trouble)
    kept = known(candidate)
    if kept is not None and not (again and kept.error):
        return kept
    found = ask_child("stylecam.engines.probe", candidate.engine, candidate.device, timeout_s=TIMEOUT_S)
    verdict = _read({**found, "when": time.time()}) or Verdict(error="its probe answered nonsense", when=time.time())
    _log.info("%s on %s: %s", candidate.engine, candidate.device, verdict)
    with contextlib.suppress(OutputError):  # without a cache it is probed the next time again
        make_folder(_file().parent)
        write_json(_file(), {**_kept(), _key(candidate): asdict(verdict)}, force=True)
    return verdict


def known(candidate: Candidate) -> Verdict | None:
    """Return the kept verdict on a candidate, if these versions of the libraries were probed on this device; a failure only for a week."""
    kept = _kept()
    verdict = _read(kept.get(_key(candidate))) if kept else None
    if verdict is None or (verdict.error and abs(time.time() - verdict.when) > _FAILURE_HOLDS_S):
        return None
    return verdict


def working(*, probe: bool) -> list[tuple[Candidate, Verdict]]:
    """Return the candidates that work and are faster than the processor, the fastest first.

    Args:
        probe: try those not known yet, which takes seconds for each; else only what is known counts, and without any nothing is loaded.
    """
    if not may_have_gpu() or not (probe or _kept()):
        return []
    verdicts = [(candidate, judge(candidate) if probe else known(candidate)) for candidate in CANDIDATES]
    found = [
        (candidate, verdict)
        for candidate, verdict in verdicts
        if verdict and not verdict.error and verdict.frame_ms < FASTER * verdict.cpu_ms
    ]
    return sorted(found, key=lambda each: each[1].frame_ms)


def _key(candidate: Candidate) -> str:
    libraries = " ".join(f"{name} {version}" for name, version in versions().items())
    return f"{candidate.engine} on {candidate.device}: {fingerprint(candidate)}; stylecam {__version__} {libraries}"


def _file() -> Path:
    return paths.user_cache() / "devices.json"


def _kept() -> dict[str, Any]:
    try:
        kept = json.loads(_file().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _read(data: Any) -> Verdict | None:
    """Return a verdict from JSON data, or None if they are something else."""
    if not isinstance(data, dict):
        return None
    try:
        verdict = Verdict(**data)
    except TypeError:
        return None
    usual = Verdict()
    numbers = all(
        isinstance(value, str if isinstance(getattr(usual, key), str) else (int, float)) for key, value in asdict(verdict).items()
    )
    return verdict if numbers else None
