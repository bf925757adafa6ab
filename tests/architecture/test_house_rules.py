"""The rules of the house that a reader relies on, checked on every file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, ROOT, modules, parsed

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 400, 50
CLOCK = PACKAGE / "core" / "clock.py"
TELLS_TIME = {"now", "utcnow", "today"}
OPEN_DOORS = {PACKAGE / "__init__.py", PACKAGE / "middleware" / "__init__.py", PACKAGE / "testing" / "__init__.py"}
FILES: dict[str, list[Path]] = {}
for _path in modules().values():
    FILES.setdefault(_path.relative_to(PACKAGE).parts[0], []).append(_path)
each_room = pytest.mark.parametrize("files", FILES.values(), ids=list(FILES))
"""Room by room, not file by file: a test for each of 700 files and rules would take longer to ask for than to answer."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[Function]:
    """Every function, wherever it stands."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def told(wrong: dict[Path, object]) -> str:
    """The files with something wrong in them, and what."""
    return "\n".join(f"{path.relative_to(ROOT)}: {what}" for path, what in wrong.items() if what)


@each_room
def test_whatever_is_public_says_what_it_is_for(files: list[Path]) -> None:
    silent = told({path: _silent(parsed(path)) for path in files})
    assert not silent, f"without a docstring:\n{silent}"


def _silent(tree: ast.Module) -> list[str]:
    if not tree.body:
        return []
    return [
        *([] if ast.get_docstring(tree) else ["the module itself"]),
        *(
            f"{node.name} (line {node.lineno})"
            for node in tree.body
            if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_") and not _speaks(node)
        ),
    ]


def _speaks(node: ast.ClassDef | Function) -> bool:
    """With a docstring; of an overloaded function only the one that does the work needs one."""
    return bool(ast.get_docstring(node)) or any(ast.unparse(decorator) == "overload" for decorator in node.decorator_list)


@each_room
def test_files_and_functions_stay_small_enough_to_be_read(files: list[Path]) -> None:
    looked_at = [path for path in files if "versions" not in path.parts]
    long = told({path: lines for path in looked_at if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES})
    assert not long, f"files of more than {MOST_LINES} lines:\n{long}"
    long = told({path: {f.name: n for f in functions(parsed(path)) if (n := _lines(f)) > MOST_LINES_OF_A_FUNCTION} for path in looked_at})
    assert not long, f"functions of more than {MOST_LINES_OF_A_FUNCTION} lines:\n{long}"


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@each_room
def test_packages_are_empty_so_that_no_name_hides_a_module(files: list[Path]) -> None:
    doors = [path for path in files if path.name == "__init__.py" and path not in OPEN_DOORS]
    assert not told({path: path.read_text(encoding="utf-8") for path in doors})


@each_room
def test_only_the_clock_reads_time(files: list[Path]) -> None:
    readers = told({path: _readings(parsed(path)) for path in files if path != CLOCK})
    assert not readers, f"these read time themselves, instead of core/clock.py:\n{readers}"


def _readings(tree: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [f"line {node.lineno}: import {alias.name}" for alias in node.names if alias.name == "time"]
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            found.append(f"line {node.lineno}: from time import ...")
        elif isinstance(node, ast.Attribute) and node.attr in TELLS_TIME and _is_datetime(node.value):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def _is_datetime(node: ast.expr) -> bool:
    return ast.unparse(node) in ("datetime", "date", "datetime.datetime", "datetime.date")


@each_room
def test_every_module_puts_off_the_reading_of_annotations(files: list[Path]) -> None:
    hasty = [path for path in files if _has_code(parsed(path)) and not _promises(parsed(path))]
    assert not hasty


def _has_code(tree: ast.Module) -> bool:
    return any(not isinstance(node, ast.Expr) for node in tree.body)


def _promises(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)


@each_room
def test_nothing_is_left_to_be_done_later_in_a_comment(files: list[Path]) -> None:
    words = ("TO" + "DO", "FIX" + "ME", "X" + "XX")
    left = told({path: [word for word in words if word in path.read_text(encoding="utf-8")] for path in files})
    assert not left, left


def test_both_wings_of_the_backends_have_the_same_rooms() -> None:
    names = {path.name for path in (PACKAGE / "backends" / "memory").glob("*.py")} | {"kernel"}
    kept = {"push.py", "turn.py", "act.py", "tick.py", "wait.py", "read.py", "sessions.py", "locks.py", "numbers.py", "audit.py"}
    kept |= {"inbox.py", "queues.py", "operations.py", "progress.py", "limits.py", "schedules.py", "backend.py", "accounts.py", "meters.py"}
    kept |= {"groups.py"}
    assert kept <= names
    for wing in ("memory", "database"):
        folder = PACKAGE / "backends" / wing
        assert kept <= {path.name for path in folder.glob("*.py")}, wing
        assert {"record.py", "gates.py"} <= {path.name for path in (folder / "kernel").glob("*.py")}, wing
        suite = {path.name for path in (ROOT / "tests" / "conformance").glob("test_*.py")}
        assert {f"test_{name}" for name in kept - {"backend.py"}} | {"test_gates.py"} <= suite
