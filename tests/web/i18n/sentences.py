"""What an f-string can say: where a hole holds one of a few words that stand in the code, the whole sentence with each of them. Pure.

f"{n} jobs {'waits' if n == 1 else 'wait'}"        →  {n} jobs waits, {n} jobs wait
f"{DONE[verb]} {name}"                             →  Retried {name}, Cancelled {name} …
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from itertools import product

from horizon.web.i18n.naming import placeholder

MOST = 40
"""Spellings of one sentence; one that had more keeps its holes."""
used: set[int] = set()
"""Texts (by the identity of their nodes) that are part of a longer one by a name: they are not said alone."""
Said = tuple["str | ast.expr", ...]
"""Text and holes."""
Names = Mapping[str, ast.expr]
"""What names stand for that are assigned once."""


def spellings(node: ast.AST, names: Names) -> list[str]:
    """All that a constant or an f-string can say, with its holes named."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    assert isinstance(node, ast.JoinedStr)
    found = _of_parts(node, names)
    return list(dict.fromkeys(_named(one) for one in found))


def assigned(tree: ast.Module) -> Iterator[tuple[ast.AST, dict[str, ast.expr]]]:
    """Each function (and the module) with what names stand for in it."""
    top = _names(tree.body)
    yield tree, top
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node, {**top, **_names(list(ast.walk(node)))}


def _names(nodes: list[ast.stmt] | list[ast.AST]) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    twice: set[str] = set()
    for node in nodes:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, (ast.AnnAssign, ast.AugAssign)) else []
        )
        for target in targets:
            if isinstance(target, ast.Name):
                twice |= {target.id} & set(found)
                if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                    found[target.id] = node.value
    return {name: value for name, value in found.items() if name not in twice}


def _of_parts(node: ast.JoinedStr, names: Names) -> list[Said]:
    choices: list[list[Said]] = []
    for part in node.values:
        hole = part.value if isinstance(part, ast.FormattedValue) else part
        choices.append(_choices(hole, names) or [(hole,)])
    many = 1
    for one in choices:
        many *= len(one)
    if many > MOST:
        choices = [one if len(one) == 1 or _is_plain(part) else [(part.value,)] for one, part in zip(choices, node.values, strict=True)]  # type: ignore[attr-defined]
    return [sum(combined, ()) for combined in product(*choices)]


def _is_plain(part: ast.expr) -> bool:
    """Whether it is a condition that stands in the sentence itself."""
    return isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.IfExp)


def _choices(node: ast.expr, names: Names) -> list[Said]:
    """What a hole can hold; empty where the code does not say."""
    if isinstance(node, ast.Constant):
        return [(node.value,)] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return _of_parts(node, names)
    if isinstance(node, ast.IfExp):
        one, other = _choices(node.body, names), _choices(node.orelse, names)
        return [*(one or [(node.body,)]), *(other or [(node.orelse,)])] if one or other else []
    if isinstance(node, ast.Name) and node.id in names:
        used.update(id(one) for one in ast.walk(names[node.id]) if isinstance(one, (ast.JoinedStr, ast.Constant)))
        return _choices(names[node.id], {key: value for key, value in names.items() if key != node.id})
    table = _table(node)
    if table in names and isinstance(values := names[table], ast.Dict):
        return [(one.value,) for one in values.values if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return []


def _table(node: ast.expr) -> str:
    """The name of the table that is looked into: `DONE[verb]`, `DONE.get(verb)`."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return node.value.id
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and isinstance(node.func.value, ast.Name)
    ):
        return node.func.value.id
    return ""


def _named(said: Said) -> str:
    taken: set[str] = set()
    return "".join(part if isinstance(part, str) else "{" + placeholder(ast.unparse(part), taken) + "}" for part in said)
