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
FILES = [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in modules().values()]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> Iterator[Function]:
    """Every function, wherever it stands."""
    return (node for node in ast.walk(tree) if isinstance(node, Function))


@pytest.mark.parametrize("path", FILES)
def test_whatever_is_public_says_what_it_is_for(path: Path) -> None:
    tree = parsed(path)
    if not tree.body:
        return
    silent = [] if ast.get_docstring(tree) else ["the module itself"]
    silent += [
        f"{node.name} (line {node.lineno})"
        for node in tree.body
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_") and not _speaks(node)
    ]
    assert not silent, f"{path.relative_to(ROOT)}: without a docstring: {', '.join(silent)}"


def _speaks(node: ast.ClassDef | Function) -> bool:
    """With a docstring; of an overloaded function only the one that does the work needs one."""
    return bool(ast.get_docstring(node)) or any(ast.unparse(decorator) == "overload" for decorator in node.decorator_list)


@pytest.mark.parametrize("path", [param for param in FILES if "versions" not in param.values[0].parts])
def test_files_and_functions_stay_small_enough_to_be_read(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{path.relative_to(ROOT)} has {lines} lines, more than {MOST_LINES}"
    long = {f.name: (f.end_lineno or f.lineno) - f.lineno + 1 for f in functions(parsed(path))}
    assert not {name: n for name, n in long.items() if n > MOST_LINES_OF_A_FUNCTION}, f"{path.relative_to(ROOT)}: {long}"


@pytest.mark.parametrize("path", [param for param in FILES if param.values[0].name == "__init__.py"])
def test_packages_are_empty_so_that_no_name_hides_a_module(path: Path) -> None:
    if path not in OPEN_DOORS:
        assert path.read_text(encoding="utf-8") == ""


@pytest.mark.parametrize("path", [param for param in FILES if param.values[0] != CLOCK])
def test_only_the_clock_reads_time(path: Path) -> None:
    readers = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            readers += [f"line {node.lineno}: import {alias.name}" for alias in node.names if alias.name == "time"]
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            readers.append(f"line {node.lineno}: from time import ...")
        elif isinstance(node, ast.Attribute) and node.attr in TELLS_TIME and _is_datetime(node.value):
            readers.append(f"line {node.lineno}: {ast.unparse(node)}")
    assert not readers, f"{path.relative_to(ROOT)} reads time itself, instead of core/clock.py: {'; '.join(readers)}"


def _is_datetime(node: ast.expr) -> bool:
    return ast.unparse(node) in ("datetime", "date", "datetime.datetime", "datetime.date")


@pytest.mark.parametrize("path", FILES)
def test_every_module_puts_off_the_reading_of_annotations(path: Path) -> None:
    tree = parsed(path)
    has_code = any(not isinstance(node, ast.Expr) for node in tree.body)
    promised = any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)
    assert promised or not has_code


@pytest.mark.parametrize("path", FILES)
def test_nothing_is_left_to_be_done_later_in_a_comment(path: Path) -> None:
    words = ("TO" + "DO", "FIX" + "ME", "X" + "XX")
    assert not [word for word in words if word in path.read_text(encoding="utf-8")]


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
