"""What a run says: one measurement a line, as JSON or as a table with ratios."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True)
class Result:
    """One measured value."""

    system: str
    backend: str
    metric: str
    value: float
    unit: str
    n: int


class Report:
    """Prints results as they come and remembers them for ratios."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.results: list[Result] = []

    def add(self, system: str, backend: str, metric: str, value: float, unit: str, n: int) -> None:
        """One more value, printed at once."""
        result = Result(system=system, backend=backend, metric=metric, value=round(value, 3), unit=unit, n=n)
        self.results.append(result)
        line = f"{system:22} {metric:34} {value:12,.{1 if value >= 10 else 2}f} {unit:8} n={n:,}"
        print(json.dumps(asdict(result)) if self.as_json else line, flush=True)

    def value(self, system: str, metric: str) -> float | None:
        """The last value of this system and metric, None where it was not measured."""
        return next((r.value for r in reversed(self.results) if (r.system, r.metric) == (system, metric)), None)

    def ratio(self, metric: str, system: str, to: str, backend: str) -> None:
        """Add the ratio of two systems' values, where both were measured."""
        ours, theirs = self.value(system, metric), self.value(to, metric)
        if ours is not None and theirs:
            self.add(f"{system} / {to}", backend, f"{metric} ratio", ours / theirs, "x", 1)
