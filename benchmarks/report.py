"""What a run says: one measurement a line as it comes, then what was asked beside what was seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True, kw_only=True)
class Result:
    """One measured value: the median of `runs`, where it was measured more than once. `n`: how many jobs or requests a run."""

    system: str
    backend: str
    metric: str
    value: float
    unit: str
    n: int
    runs: Sequence[float] = ()
    note: str = ""


class Report:
    """Prints results as they come and remembers them for ratios."""

    def __init__(self, backend: str, *, as_json: bool) -> None:
        self.backend, self.as_json = backend, as_json
        self.results: list[Result] = []

    def add(self, system: str, metric: str, values: float | Sequence[float], unit: str, n: int, note: str = "") -> None:
        """One more value, or the median of several, printed at once."""
        runs = [round(one, 3) for one in (values if isinstance(values, Sequence) else [values])]
        result = Result(system=system, backend=self.backend, metric=metric, value=median(runs), unit=unit, n=n, runs=runs, note=note)
        self.results.append(result)
        self._print({k: v for k, v in asdict(result).items() if v != ""}, _line(result))

    def say(self, text: str) -> None:
        """Something that is no figure."""
        self._print({"backend": self.backend, "note": text}, text)

    def value(self, system: str, metric: str) -> float | None:
        """The last value of this system and metric, None where it was not measured."""
        return next((r.value for r in reversed(self.results) if (r.system, r.metric) == (system, metric)), None)

    def verdict(self, what: str, asked: str, seen: float, met: bool | None) -> None:
        """What was asked, what was seen."""
        words = {True: "met", False: "NOT MET", None: ""}[met]
        said = {"backend": self.backend, "what": what, "asked": asked, "seen": round(seen, 3), "met": met}
        self._print(said, f"{what:66} {asked:>14} / {_number(seen):>9}  {words}".rstrip())

    def _print(self, said: dict[str, object], line: str) -> None:
        print(json.dumps(said) if self.as_json else line, flush=True)


def _line(result: Result) -> str:
    several = f"  [{' '.join(map(_number, result.runs))}]" if len(result.runs) > 1 else ""
    note = f"  {result.note}" if result.note else ""
    return f"{result.system:18} {result.metric:38} {_number(result.value):>12} {result.unit:11} n={result.n:,}{several}{note}"


def _number(value: float) -> str:
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}"
