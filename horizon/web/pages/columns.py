"""The columns of a list of jobs that somebody may choose. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from horizon.web.viewer import Viewer


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One of them; what stands in it is written in `_partials/rows.html`."""

    key: str
    title: str
    kind: str = "fig"
    """The class of its cells."""
    usual: bool = False
    """Shown to whoever chose nothing."""

    @property
    def is_figure(self) -> bool:
        """Whether its cells hold numbers, which stand at the end of their column."""
        return self.kind in ("fig", "last")


COLUMNS = (
    Column(key="queue", title="Queue", kind="q", usual=True),
    Column(key="user", title="User", kind="meta"),
    Column(key="worker", title="Worker", kind="meta"),
    Column(key="tries", title="Tries", usual=True),
    Column(key="waited", title="Waited"),
    Column(key="took", title="Took", usual=True),
    Column(key="memory", title="Memory"),
    Column(key="pushed", title="Dispatched"),
    Column(key="when", title="When", kind="last", usual=True),
    Column(key="id", title="Id", kind="meta mono"),
)
USUAL_ROWS, FEWER_ROWS = 25, 18


def chosen(viewer: Viewer) -> tuple[Column, ...]:
    """Those that the viewer's cookie names, else the usual ones."""
    return tuple(column for column in COLUMNS if (column.usual if viewer.columns is None else column.key in viewer.columns))


def rows(columns: tuple[Column, ...]) -> int:
    """How many jobs make a page where no other size is asked for: fewer where more is said of each, so that the page
    stays below 40 kB."""
    return USUAL_ROWS if len(columns) <= sum(column.usual for column in COLUMNS) else FEWER_ROWS


def spelt(keys: list[str]) -> str:
    """The cookie that remembers a choice."""
    return ".".join(column.key for column in COLUMNS if column.key in keys) or "none"
