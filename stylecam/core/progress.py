"""Reports of long work: a generator yields them; a child process prints them as JSON lines."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Progress:
    """One report: what is being done, how far it is, and named numbers.

    `files` maps a role ("preview", "checkpoint", "pack") to the path of a file that is complete when the report arrives.
    """

    stage: str
    step: int = 0
    total: int = 0
    seconds: float = 0.0
    values: dict[str, float] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    message: str = ""

    @property
    def remaining_s(self) -> float | None:
        """Seconds until the end at the pace so far, or None before the first step."""
        return self.seconds / self.step * (self.total - self.step) if self.step else None

    def to_json(self) -> str:
        """Return one line of JSON, without the line break."""
        return json.dumps(asdict(self), separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> Progress:
        """Read what `to_json` wrote; unknown keys are ignored so that an older window understands a newer trainer.

        Raises:
            ValueError: the line is not a report.
        """
        data: Any = json.loads(line)
        if not isinstance(data, dict) or "stage" not in data:
            raise ValueError(f"not a progress report: {line!r}")
        return cls(**{key: data[key] for key in cls.__dataclass_fields__ if key in data})
