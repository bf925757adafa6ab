"""Who asks: what a program can find out about its own token."""

from __future__ import annotations

from werkzeug.wrappers import Response

from horizon.security.permissions import Ability
from horizon.web.api import answers
from horizon.web.auth import current_actor


def show_me() -> Response:
    """`GET /api/me`"""
    actor = current_actor()
    able = [ability.value for ability in Ability if actor.can(ability)]
    return answers.unless_same({"name": actor.name, "role": actor.role, "abilities": able})
