"""How our templates are compiled: what `{{ }}` holds is written without a detour.

A page writes a thousand values, most of them figures and names without a single character to escape. What Jinja does for each, making
markup of it and joining that, takes four times as long as looking whether there is anything to do.
"""

from __future__ import annotations

import re
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

_UNSAFE = re.compile("[&<>\"']")


def written(value: Any) -> str:
    """The text that stands in a page for this value, escaped unless it says that it is HTML."""
    kind = type(value)
    if kind is Markup or (kind is str and not _UNSAFE.search(value)):
        return value  # type: ignore[no-any-return]
    return str(value) if kind is int else escape(value)


class Writer(CodeGenerator):
    """Compiles templates whose environment has `written` among its attributes."""

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        """Where an `if` without an `else` does not hold, nothing is written: no value that stands for its absence is made for it."""
        node.nodes = [
            nodes.CondExpr(child.test, child.expr1, nodes.Const(""), lineno=child.lineno, environment=child.environment)
            if isinstance(child, nodes.CondExpr) and child.expr2 is None
            else child
            for child in node.nodes
        ]
        super().visit_Output(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write(f"environment.written({finalize.src or ''}")
