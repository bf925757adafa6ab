"""Everything that a catalogue should hold: the texts of the templates, and the sentences and nouns that the code makes.

`python -m tests.web.i18n.harvest de` writes what the catalogue of a language lacks, and what it has too much, to standard output.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from horizon.backends.circuits import State
from horizon.core.group import GroupState
from horizon.core.states import JobState
from horizon.web.i18n import catalogue
from horizon.web.i18n.naming import placeholder
from horizon.web.i18n.scripts import TEXTS
from horizon.web.i18n.units import keys

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "templates"
SPEAKING = ("horizon/monitor", "horizon/web/pages", "horizon/web/draw", "horizon/web/words.py", "horizon/web/columns.py")
"""Code whose sentences people see on pages."""
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
COUNTERS = ("plural", "_count", "counted")
_SENTENCE = re.compile(r"\S*[A-Za-z]{2}\S* \S|[A-Z][a-z]+$")
_NO_SENTENCE = re.compile(
    r"^[a-z_./-]+$|horizon\.|^horizon [a-z]+|^[A-Z_]+$|:%|^\W|^[a-z]+:|^(?:POST|GET|SELECT|curl|pip|app\.config|HX|WWW|Content|Retry-After|text/)"
    r"|^[A-Z][a-z]+(?:[A-Z][a-z]+)+$|^[A-Z]?\{|^s-[a-z]|^(?:meta|num|hit) [a-z]|^[a-z]+ [a-z-]+-[a-z-]+$|\\n|^(?:any|one)Of$|font-family|attachment;|translate\("
)
"""What looks like a sentence and is code: names of errors, headers, classes of CSS, commands, paths of drawings."""
_PLURAL = re.compile(r"plural\(\s*(\"[^\"]*\"|'[^']*')(?:\s*,\s*(\"[^\"]*\"|'[^']*'))?\s*\)")


def of_templates() -> set[str]:
    """Texts of every template."""
    found: set[str] = set()
    for path in sorted(TEMPLATES.rglob("*.html")):
        source = path.read_text("utf-8")
        found.update(keys(source))
        found.update(_noun(one[1:-1], many[1:-1]) for one, many in _PLURAL.findall(source))
    return found


def of_code() -> set[str]:
    """Sentences and nouns that modules make which speak on pages."""
    return {key for path in _modules() for key in _of_module(ast.parse(path.read_text("utf-8")))}


def of_words() -> set[str]:
    """States, months, ages, and what scripts say."""
    states = {state.value for kind in (JobState, GroupState, State) for state in kind}
    return {*states, *MONTHS, *TEXTS, "{span} ago", "in {span}", "just now", "now"}


def everything() -> set[str]:
    """All that a catalogue should hold."""
    return of_templates() | of_code() | of_words()


def _modules() -> Iterator[Path]:
    for name in SPEAKING:
        path = ROOT / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path] if path.exists() else []


def _of_module(tree: ast.Module) -> Iterator[str]:
    silent = {id(node) for node in _not_said(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in COUNTERS:
            yield from _nouns(node)
        elif isinstance(node, (ast.JoinedStr, ast.Constant)) and id(node) not in silent:
            key = _key(node)
            if key and _SENTENCE.search(_without_holes(key)) and not _NO_SENTENCE.search(key):
                yield key


def _not_said(tree: ast.Module) -> Iterator[ast.AST]:
    """Docstrings, what stands alone as one, the parts of f-strings, what is raised or logged, and what counts something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from (part for value in node.values for part in ast.walk(value) if not isinstance(value, ast.FormattedValue))
            yield from (
                part
                for value in node.values
                if isinstance(value, ast.FormattedValue) and value.format_spec
                for part in ast.walk(value.format_spec)
            )
        elif isinstance(node, (ast.Raise, ast.Assert)) or (
            isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("warning", "error", "info", "exception", "debug", "compile")
        ):
            yield from ast.walk(node)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in COUNTERS:
            yield from (part for argument in node.args[1:] for part in ast.walk(argument))


def _key(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    taken: set[str] = set()
    assert isinstance(node, ast.JoinedStr)
    return "".join(
        part.value if isinstance(part, ast.Constant) else "{" + placeholder(ast.unparse(part.value), taken) + "}"
        for part in node.values  # type: ignore[attr-defined]
    )


def _without_holes(key: str) -> str:
    return re.sub(r"\{[a-z_0-9]+\}", "x", key)


def _nouns(call: ast.Call) -> Iterator[str]:
    words = [one.value for one in call.args[1:] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if words:
        yield _noun(words[0], words[1] if len(words) > 1 else "")


def _noun(one: str, many: str) -> str:
    return f"{one}|{many or one + 's'}"


def main(code: str) -> None:
    """What is missing and what is left over."""
    known, wanted = set(catalogue.of(code).texts), everything()
    json.dump({"missing": sorted(wanted - known), "left over": sorted(known - wanted)}, sys.stdout, ensure_ascii=False, indent=0)


if __name__ == "__main__":
    main(sys.argv[1])
