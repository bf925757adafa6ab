from __future__ import annotations

import itertools
from typing import Any

import pytest

from horizon.core.errors import ConfigurationError, PermissionDenied
from horizon.security.permissions import ROLES, Ability, Actor, actor_from, require

TABLE = {
    "viewer": {"view"},
    "operator": {"view", "operate", "payloads"},
    "admin": {"view", "operate", "forget", "admin", "payloads", "reveal"},
}


@pytest.mark.parametrize("role", TABLE)
@pytest.mark.parametrize("ability", list(Ability))
def test_each_role_can_do_exactly_what_the_table_says(role: str, ability: Ability) -> None:
    actor = Actor(name="ana", role=role)
    assert actor.can(ability) is (ability.value in TABLE[role])
    if actor.can(ability):
        require(actor, ability.value)
    else:
        with pytest.raises(PermissionDenied, match=f"ana is {role}.*ability {ability}.*role"):
            require(actor, ability)


def test_each_role_can_do_all_that_the_one_before_it_can() -> None:
    roles = list(ROLES.values())
    assert all(less < more for less, more in itertools.pairwise(roles))


def test_an_unknown_role_or_ability_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="expected a role among viewer, operator, admin"):
        Actor(name="ana", role="root")
    with pytest.raises(ValueError, match="fly"):
        require(Actor(name="ana", role="admin"), "fly")


class Person:
    name, role = "ana", "operator"


@pytest.mark.parametrize("value", [{"name": "ana", "role": "operator"}, Person(), Actor(name="ana", role="operator", origin="elsewhere")])
def test_an_actor_may_be_a_dict_or_an_object(value: Any) -> None:
    assert actor_from(value, origin="web 127.0.0.1") == Actor(name="ana", role="operator", origin="web 127.0.0.1")


def test_none_is_nobody() -> None:
    assert actor_from(None, origin="web") is None


@pytest.mark.parametrize("value", [True, "ana", {"name": "ana"}, {"role": "admin"}, {"name": "", "role": "admin"}, {"name": 3, "role": "admin"}, {"name": "a", "role": None},
                                   {"name": "a", "role": "root"}, object(), {}])  # fmt: skip
def test_anything_else_is_refused_rather_than_guessed(value: Any) -> None:
    with pytest.raises(ConfigurationError):
        actor_from(value, origin="web")
