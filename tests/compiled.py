"""Templates and routes are compiled once in a process of pytest, not once for each of its two thousand apps; and of several processes
each begins with modules of its own, so that most are compiled by one of them only.

Two thirds of the time of tests of pages went there, and a minute where nothing is compiled yet. Apps outside of the tests have nothing
of this.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import jinja2
import pytest
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Templates(jinja2.BytecodeCache):
    """Compiled templates by their text, and by all else that decides what becomes of it."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if found := self._known.get(self._key(bucket)):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[self._key(bucket)] = bucket.bytecode_to_string()

    def _key(self, bucket: Bucket) -> tuple[object, ...]:
        env = bucket.environment
        marks = (env.block_start_string, env.variable_start_string, env.comment_start_string, env.line_statement_prefix)
        ways = (env.autoescape, env.trim_blocks, env.lstrip_blocks, env.optimized, env.is_async)
        return (bucket.key, bucket.checksum, *marks, *ways, *map(frozenset, (env.filters, env.tests, env.extensions)))


def share_templates() -> None:
    kept, honest = Templates(), jinja2.Environment.__init__

    @wraps(honest)
    def init(self: jinja2.Environment, *args: Any, **named: Any) -> None:
        honest(self, *args, **named)
        self.bytecode_cache = self.bytecode_cache or kept

    jinja2.Environment.__init__ = init  # type: ignore[method-assign]


def share_routes() -> None:
    """What reads the addresses of a rule, and what builds them."""
    share_parts()
    share_builders()


def share_parts() -> None:
    """A rule of the same text, with the same kinds of variables, has the same parts; unless one of those kinds is somebody's own."""
    honest = getattr(Rule, "_parse_rule", None)
    if honest is None:  # another Werkzeug: slower, and as right
        return
    known: dict[tuple[object, ...], tuple[Any, Any, Any]] = {}

    @wraps(honest)
    def parsed(self: Rule, rule: str) -> Any:
        key = (rule, frozenset(self.map.converters.items()))
        if key in known:
            parts, trace, converters = known[key]
            self._trace.extend(trace)
            self._converters.update(converters)
            self.arguments.update(converters)
            return parts
        begun, there = len(self._trace), set(self._converters)
        parts = tuple(honest(self, rule))
        converters = {name: one for name, one in self._converters.items() if name not in there}
        if all(type(one).__module__ == "werkzeug.routing.converters" for one in converters.values()):
            known[key] = (parts, self._trace[begun:], converters)
        return parts

    Rule._parse_rule = parsed  # type: ignore[method-assign]


def share_builders() -> None:
    """What builds the addresses of a rule depends on nothing but the rule, where it has no defaults."""
    honest = getattr(Rule, "_compile_builder", None)
    if honest is None:  # another Werkzeug: slower, and as right
        return
    known: dict[tuple[object, ...], Any] = {}

    @wraps(honest)
    def compiled(self: Rule, append_unknown: bool = True) -> Any:
        if self.defaults:
            return honest(self, append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in known:
            known[key] = honest(self, append_unknown)
        return known[key]

    Rule._compile_builder = compiled  # type: ignore[method-assign]


def pytest_configure(config: pytest.Config) -> None:
    share_templates()
    share_routes()


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Where several processes collect the same: load a share of the modules first, while the others load theirs."""
    told = getattr(session.config, "workerinput", None)
    if told is None:
        return
    for name in modules(session.config)[int(told["workerid"].removeprefix("gw")) :: told["workercount"]]:
        try:
            importlib.import_module(name)
        except (Exception, pytest.skip.Exception):
            continue  # the collection comes to it again, and tells


def modules(config: pytest.Config) -> Sequence[str]:
    """Names of the test modules in the folders that were asked for."""
    asked = (Path(config.invocation_params.dir, one) for one in config.args)
    files = {file for folder in asked if folder.is_dir() for file in folder.resolve().rglob("test_*.py")}
    return sorted(".".join(file.relative_to(config.rootpath).with_suffix("").parts) for file in files)
