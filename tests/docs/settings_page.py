"""The settings reference, made from the table in the code: `python -m tests.docs.settings_page` writes it anew."""

from __future__ import annotations

from pathlib import Path

from horizon.core.settings import OPTIONS, Option

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/settings.md"
HEAD = """# Settings

Keys of `app.config`, or environment variables of the same name; `app.config` wins over the environment, the environment
over the default. A list in the environment is comma-separated, a dictionary is JSON. A value that is not usable stops the
app at start with everything that is wrong, at once; an unknown `HORIZON_` key is reported with the nearest name.

| name | default | meaning |
|---|---|---|
"""


def _default(option: Option) -> str:
    if option.default is None:
        return ""
    return f"`{option.default!r}`" + (f" {option.unit}" if option.unit else "")


def _meaning(option: Option) -> str:
    allowed = f" One of {', '.join(f'`{choice}`' for choice in option.choices)}." if option.choices else ""
    return option.help + allowed


def render() -> str:
    """The whole page."""
    return HEAD + "".join(f"| `{option.name}` | {_default(option)} | {_meaning(option)} |\n" for option in OPTIONS)


if __name__ == "__main__":
    PAGE.write_text(render())
