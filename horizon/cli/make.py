"""Starting a file: `make:job NAME`."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

import click

from horizon.core.errors import InvalidInput

JOB = '''"""{words}."""

from __future__ import annotations

from horizon import Job


class {cls}(Job):
    queue = "default"
    max_tries = 3

    def __init__(self) -> None:
        super().__init__()

    def handle(self) -> None:
        self.log("{cls} runs")
'''


@click.command(name="make:job")
@click.argument("name")
@click.option(
    "--folder", default="jobs", show_default=True, type=click.Path(path_type=Path, file_okay=False), help="Where; made if need be."
)
@click.option("--force", "--yes", "over", is_flag=True, help="Write over a file that is there.")
def make_job(name: str, folder: Path, over: bool) -> None:
    """Start a job file: horizon make:job SendInvoice writes jobs/send_invoice.py."""
    cls, module = names(name)
    path = folder / f"{module}.py"
    if path.exists() and not over:
        raise InvalidInput(f"{path} is there already; take another name, or write over it with --force")
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    path.write_text(JOB.format(cls=cls, words=module.replace("_", " ").capitalize()))
    click.echo(str(path))
    if not folder.is_absolute() and ".." not in folder.parts:
        dotted = ".".join((*folder.parts, module))
        click.echo(f'Have it loaded everywhere: HORIZON_IMPORTS = ["{dotted}"]. Dispatch it: {cls}.dispatch()', err=True)


def names(said: str) -> tuple[str, str]:
    """(class, module) of a name in whatever spelling: SendInvoice, send-invoice, send_invoice. Raises InvalidInput."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", said)
    cls = "".join(part if part.isupper() else part.capitalize() for part in parts)
    module = "_".join(part.lower() for part in parts)
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,79}", said) or not cls.isidentifier() or keyword.iskeyword(module):
        raise InvalidInput(f"{said[:80]!r} cannot be the name of a class; write letters and digits, such as SendInvoice")
    return cls, module
