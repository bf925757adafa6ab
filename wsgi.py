"""The app of this checkout: the demo's shop. `flask`, `horizon` and gunicorn (`wsgi:app`) find it here by themselves."""

from __future__ import annotations

from horizon.demo.app import create_app

app = create_app()
