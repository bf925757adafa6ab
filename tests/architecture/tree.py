"""The package as a graph: every module, and every import in it, wherever it stands and whatever it is for.

Imports inside functions and under `TYPE_CHECKING` count as much as those at the top: they bind two rooms together all
the same.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "horizon"


@dataclass(frozen=True, kw_only=True)
class Import:
    """One import statement's one target."""

    module: str
    """Who imports."""
    path: Path
    line: int
    target: str
    """The dotted name of what is imported; for `from a import b`, `a.b` where that is a module of ours, else `a`."""

    @property
    def root(self) -> str:
        """The outermost package."""
        return self.target.split(".")[0]

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} imports {self.target}"


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def parsed(path: Path) -> ast.Module:
    """A file as a syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def imports() -> tuple[Import, ...]:
    """Every import of every module."""
    return tuple(one for module, path in modules().items() for one in imports_of(module, path))


def imports_of(module: str, path: Path) -> Iterator[Import]:
    """What one module imports."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            targets = _targets(node, module, path)
        else:
            continue
        for target in targets:
            yield Import(module=module, path=path, line=node.lineno, target=target)


def _targets(node: ast.ImportFrom, module: str, path: Path) -> list[str]:
    base = node.module or ""
    if node.level:
        package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
        base = ".".join([*package[: len(package) - node.level + 1], *([node.module] if node.module else [])])
    return [f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules() else base for alias in node.names]


def is_standard(root: str) -> bool:
    """Whether a package comes with Python."""
    return root in sys.stdlib_module_names or root.startswith("_sysconfigdata")
