"""Which GPUs and NPUs work here, and what each of the others would need."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from stylecam.engines.devices import CANDIDATES
from stylecam.engines.verdicts import judge


def device_report(broken: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return every candidate of `engines.devices` with what it needs and its verdict, see `engines.verdicts.Verdict`.

    Failures are tried again: whoever asks has perhaps just installed what was missing.

    Args:
        broken: names of engines that do not work at all; their libraries are not loaded.
    """
    report = []
    for candidate in CANDIDATES:
        needs = {"device": candidate.device, "engine": candidate.engine, "needs": candidate.needs}
        verdict = {"error": "its engine does not work"} if candidate.engine in broken else asdict(judge(candidate, again=True))
        report.append({**needs, **verdict})
    return report


def device_lines(data: list[dict[str, Any]]) -> list[str]:
    """Return one line for each candidate."""
    lines = []
    for each in data:
        label = f"{each['device']} with {each['engine']}"
        if each["error"]:
            lines.append(f"{label}: no, {each['error'].rstrip('.')}; needs {each['needs']}")
        else:
            lines.append(
                f"{label}: works, {each['name']}, {each['frame_ms']} ms where the processor takes {each['cpu_ms']} ms, "
                f"{each['difference']} of 255 from f32"
            )
    return lines
