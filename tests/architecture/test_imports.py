"""Who may import whom. A failure names the file, the line and the import."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import pytest

import horizon
from tests.architecture.tree import ROOT, Import, imports, is_standard, modules, parsed

ORDER = (
    "core", "security", "backends", "middleware", "jobs", "timetable", "monitor", "control", "runtime", "schedule", "worker", "testing", "web", "demo", "cli",
)  # fmt: skip
"""Rooms from the ground up: each may import those before it, and itself."""
FACADES = {"horizon", "horizon.events", "horizon.models", "horizon.middleware", "horizon.testing"}
"""Names that people import; they only pass on what lives elsewhere, so nothing inside the house needs them."""
HOMES: dict[str, tuple[str, ...]] = {
    "sqlalchemy": ("horizon.backends.database",),
    "alembic": ("horizon.backends.database.migrations", "horizon.backends.database.migrate"),
    "psycopg": ("horizon.backends.database.postgres",),
    "pymysql": ("horizon.backends.database.mysql",),
    "redis": ("horizon.backends.redis",),
    "hiredis": ("horizon.backends.redis",),
    "flask": ("horizon.web", "horizon.cli"),
    "flask_sqlalchemy": ("horizon.web",),
    "werkzeug": ("horizon.web", "horizon.security.passwords"),
    "itsdangerous": ("horizon.web",),
    "jinja2": ("horizon.web",),
    "markupsafe": ("horizon.web",),
    "blinker": ("horizon.web", "horizon.events"),
    "click": ("horizon.cli",),
    "gunicorn": ("horizon.cli",),
    "apscheduler": ("horizon.schedule",),
    "cronsim": ("horizon.timetable",),
    "cryptography": ("horizon.security",),
    "cloudpickle": ("horizon.security.pickled",),
    "pytest": ("horizon.testing.plugin",),
}
"""Each third-party package has one home, or two that share it."""
GUESTS = "horizon.demo"
"""The demo is an app that uses Horizon, as anybody's: it may use what an app uses."""


def room(module: str) -> str | None:
    """The room a module stands in; None for the front door itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def told(wrong: Iterable[Import]) -> str:
    """One line per offence."""
    return "\n".join(sorted(str(one) for one in wrong))


def ours() -> list[Import]:
    """Imports of one module of the package by another."""
    return [one for one in imports() if one.root == "horizon"]


def test_every_room_has_its_place_in_the_order() -> None:
    assert {room(module) for module in modules()} - {None, "events", "models"} <= set(ORDER)


def test_imports_point_to_a_lower_room_or_to_the_same_one() -> None:
    wrong = [
        one
        for one in ours()
        if one.module not in FACADES
        and one.target not in FACADES
        and ORDER.index(room(one.target) or "") > ORDER.index(room(one.module) or "")
    ]
    assert not wrong, f"imports that point upstairs:\n{told(wrong)}"


def test_nothing_inside_the_house_goes_through_the_front_door() -> None:
    """The door passes on what lives elsewhere; only `__version__` lives there. The demo comes in as a guest."""
    public = set(horizon.__all__) - {"__version__"}
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno} uses horizon.{name}"
        for module, path in modules().items()
        if module not in FACADES and not _within(module, GUESTS)
        for node in ast.walk(parsed(path))
        for name in _taken_from_the_door(node)
        if name in public
    ]
    assert not wrong, "import the module in which it lives instead:\n" + "\n".join(wrong)


def _taken_from_the_door(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom) and node.module == "horizon":
        return [alias.name for alias in node.names]
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "horizon":
        return [node.attr]
    return []


def test_no_two_modules_import_each_other_not_even_by_way_of_others() -> None:
    graph: dict[str, set[str]] = {module: set() for module in modules()}
    for one in ours():
        if one.target in graph and one.target != one.module and one.target not in FACADES:
            graph[one.module].add(one.target)
    assert not (circle := find_circle(graph)), " -> ".join(circle)


def find_circle(graph: dict[str, set[str]]) -> list[str]:
    """One path that comes back to where it began, or nothing."""
    done: set[str] = set()
    for start in graph:
        path: dict[str, list[str]] = {} if start in done else {start: sorted(graph[start])}
        while path:
            last = next(reversed(path))
            if not path[last]:
                done.add(last)
                del path[last]
                continue
            following = path[last].pop()
            if following in path:
                names = list(path)
                return [*names[names.index(following) :], following]
            if following not in done:
                path[following] = sorted(graph[following])
    return []


def test_the_search_for_circles_finds_one() -> None:
    assert find_circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert find_circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_third_party_packages_stay_at_home() -> None:
    wrong = [one for one in imports() if not _at_home(one)]
    assert not wrong, f"third-party imports outside their home:\n{told(wrong)}"


def _at_home(one: Import) -> bool:
    if is_standard(one.root) or one.root == "horizon" or _within(one.module, GUESTS):
        return True
    return any(_within(one.module, home) for home in HOMES.get(one.root, ()))


def _within(module: str, home: str) -> bool:
    return module == home or module.startswith(home + ".")


@pytest.mark.parametrize("name", ["horizon.backends.memory", "horizon.core", "horizon.jobs", "horizon.worker", "horizon.middleware"])
def test_these_rooms_need_nothing_but_python(name: str) -> None:
    wrong = [one for one in imports() if _within(one.module, name) and not is_standard(one.root) and one.root != "horizon"]
    assert not wrong, told(wrong)


def test_a_base_never_names_its_children() -> None:
    bases = {"horizon.backends.base", "horizon.backends.nouns", "horizon.backends.values"}
    wrong = [
        one for one in ours() if one.module in bases and one.target.startswith(("horizon.backends.memory", "horizon.backends.database"))
    ]
    assert not wrong, told(wrong)


def test_one_backend_knows_nothing_of_another() -> None:
    wings = ("horizon.backends.memory", "horizon.backends.database", "horizon.backends.redis")
    wrong = [
        one for one in ours() for wing in wings if _within(one.module, wing) and any(_within(one.target, w) for w in wings if w != wing)
    ]
    assert not wrong, told(wrong)
