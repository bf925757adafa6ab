from __future__ import annotations

import json

from horizon.core.clock import DAY
from horizon.security import secrets
from tests.cli.conftest import Site


def test_a_new_token_alone_goes_to_standard_output(site: Site, horizon) -> None:
    made = horizon("tokens", "add", "deploy", "--role", "operator", "--expires", "30d", "--scope", "operate,payloads")
    text = made.stdout.strip()
    parsed = secrets.parse(text)
    assert parsed is not None
    token = site.backend().accounts.token(parsed[0])
    assert token is not None
    assert secrets.fits(token.digest, parsed[1])
    assert (token.role, token.scope) == ("operator", ("view", "operate", "payloads"))
    assert token.expires_at is not None
    assert abs(token.expires_at - site.backend().now() - 30 * DAY) < DAY
    assert text not in made.stderr


def test_list_and_revoke(horizon) -> None:
    text = horizon("tokens", "add", "deploy", "--role", "viewer").stdout.strip()
    id = text.split("_")[1]
    row = horizon("tokens", "list").stdout.splitlines()[1].split("\t")
    assert row[:4] == [id, "deploy", "viewer", "all of the role"]
    assert row[5] == "never"
    assert horizon("tokens", "revoke", "deploy", "--yes").stdout == f"Revoked {id} (deploy).\n"
    assert json.loads(horizon("tokens", "list", "--json").stdout)["items"] == []


def test_nothing_of_the_secret_is_ever_listed(horizon) -> None:
    secret = horizon("tokens", "add", "deploy", "--role", "viewer").stdout.strip().split("_", 2)[2]
    listed = horizon("tokens", "list").output + horizon("tokens", "list", "--json").output
    assert secret not in listed
    assert secrets.digest(secret) not in listed


def test_it_expires_in_90_days_or_as_said_or_never(site: Site, horizon) -> None:
    for expires in ((), ("--expires", "12h"), ("--expires", "never")):
        horizon("tokens", "add", "x", "--role", "viewer", *expires)
    lasts = sorted(
        0 if token.expires_at is None else round((token.expires_at - token.created_at) / DAY, 1)
        for token in site.backend().accounts.tokens()
    )
    assert lasts == [0, 0.5, 90]


def test_what_makes_no_sense_is_refused(horizon) -> None:
    for words, told in (
        (("--expires", "soon"), "--expires 30d"),
        (("--scope", "fly"), "made of view, operate"),
        (("--scope", "admin"), "does not have the ability admin"),
    ):
        refused = horizon("tokens", "add", "x", "--role", "viewer", *words)
        assert refused.exit_code == 2, words
        assert told in refused.output
    assert horizon("tokens", "revoke", "nothing", "--yes").exit_code == 1
