"""Where templates and static files are: inside the package in a wheel, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from horizon.core.errors import ConfigurationError

_PACKAGE = Path(__file__).resolve().parent.parent


def root() -> Path:
    """The folder that holds `templates/horizon/` and `static/`. Raises ConfigurationError where neither place does."""
    for place in (_PACKAGE, _PACKAGE.parent):
        if (place / "templates" / "horizon").is_dir() and (place / "static").is_dir():
            return place
    raise ConfigurationError(
        f"flask-horizon is installed without its templates and static files (looked in {_PACKAGE} and {_PACKAGE.parent}); "
        "install it anew: pip install --force-reinstall flask-horizon"
    )


def templates() -> str:
    """The folder to hand to Flask as `template_folder`; ours all stand below `horizon/` in it."""
    return str(root() / "templates")


def static() -> str:
    """The folder to hand to Flask as `static_folder`."""
    return str(root() / "static")
