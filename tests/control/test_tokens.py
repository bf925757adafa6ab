from __future__ import annotations

import pytest

from horizon.control.tokens import TokenControl
from horizon.core.clock import DAY, HOUR
from horizon.core.errors import InvalidOption, NotFound, PermissionDenied
from tests.shop import ANA, OTTO, Shop


@pytest.fixture
def tokens(shop: Shop) -> TokenControl:
    return TokenControl(shop)


def test_the_text_of_a_token_is_told_once_and_never_kept(shop: Shop, tokens: TokenControl) -> None:
    token, text = tokens.add(ANA, "deploy", "operator", expires=30 * DAY)
    (kept,) = tokens.list()
    secret = text.removeprefix(f"hz_{token.id}_")
    assert (kept.name, kept.role, kept.created_by, kept.expires_at) == ("deploy", "operator", "ana", shop.clock() + 30 * DAY)
    assert text.startswith(f"hz_{token.id}_")
    assert secret not in str([kept, *shop.backend().audit.list()])


def test_the_audit_log_says_what_was_given(shop: Shop, tokens: TokenControl) -> None:
    token, _ = tokens.add(ANA, "deploy", "operator", scope=["operate"])
    tokens.revoke(ANA, token.id)
    last, first = shop.backend().audit.list()
    assert (first.actor, first.verb, first.target, first.detail) == (
        "ana",
        "add token",
        f"token:{token.id}",
        "deploy, role operator, scope view operate",
    )
    assert (last.verb, last.target, last.detail) == ("revoke token", f"token:{token.id}", "deploy")


def test_a_scope_always_includes_looking_and_stays_within_the_role(tokens: TokenControl) -> None:
    assert tokens.add(ANA, "a", "operator", scope=["operate"])[0].scope == ("view", "operate")
    assert tokens.add(ANA, "b", "admin", scope=[])[0].scope == ("view",)
    assert tokens.add(ANA, "c", "admin")[0].scope is None
    with pytest.raises(InvalidOption, match="the role viewer does not have the ability operate"):
        tokens.add(ANA, "d", "viewer", scope=["operate"])
    with pytest.raises(InvalidOption, match="made of view, operate, forget, admin, payloads"):
        tokens.add(ANA, "e", "admin", scope=["fly"])


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\x00b", "a\u202eb"])
def test_a_name_nobody_could_read_is_refused(tokens: TokenControl, name: str) -> None:
    with pytest.raises(InvalidOption, match="a token's name"):
        tokens.add(ANA, name, "viewer")


@pytest.mark.parametrize("expires", [0, -HOUR, 4000 * DAY])
def test_a_time_that_is_over_or_far_off_is_refused(tokens: TokenControl, expires: int) -> None:
    with pytest.raises(InvalidOption, match="expires"):
        tokens.add(ANA, "x", "viewer", expires=expires)


def test_a_token_is_revoked_by_id_by_its_text_or_by_a_name_of_its_own(tokens: TokenControl) -> None:
    one, text = tokens.add(ANA, "one", "viewer")
    two, _ = tokens.add(ANA, "two", "viewer")
    three, _ = tokens.add(ANA, "three", "viewer")
    assert tokens.revoke(ANA, text).id == one.id
    assert tokens.revoke(ANA, f"hz_{two.id}").id == two.id
    assert tokens.revoke(ANA, "three").id == three.id
    assert tokens.list() == []


def test_a_name_that_several_have_is_not_enough(tokens: TokenControl) -> None:
    ids = {tokens.add(ANA, "ci", "viewer")[0].id for _ in range(2)}
    with pytest.raises(InvalidOption, match="2 tokens are called 'ci'; name one by its id") as refused:
        tokens.revoke(ANA, "ci")
    assert all(id in str(refused.value) for id in ids)
    with pytest.raises(NotFound, match="horizon tokens list"):
        tokens.revoke(ANA, "other")


def test_only_an_admin_may(tokens: TokenControl) -> None:
    token, _ = tokens.add(ANA, "x", "viewer")
    with pytest.raises(PermissionDenied):
        tokens.add(OTTO, "y", "viewer")
    with pytest.raises(PermissionDenied):
        tokens.revoke(OTTO, token.id)
