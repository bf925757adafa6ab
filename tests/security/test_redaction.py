from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from horizon.security.redaction import MASK, mask, mask_text, mask_trace, mask_written, mentions, secret, secrets_in, without

SECRETS = ["password", "Password", "user_password", "db_passwd", "pwd", "client_secret", "SECRET", "token", "access_token", "csrf_token", "Authorization", "api_key",
           "apikey", "API-KEY", "private_key", "credentials", "Cookie", "session_id", "card", "card_number", "credit_card", "creditCard", "cardNumber", "card_no", "bearer", "user_pin", "auth", "cvv", "cvc", "iban", "pin", "ssn", "otp"]  # fmt: skip
PLAIN = [
    "name",
    "email",
    "to_email",
    "subject",
    "order_id",
    "discard",
    "discarded",
    "cardboard",
    "scorecard",
    "spin",
    "spinner",
    "pinned",
    "className",
    "urban",
    "card_node",
    "author",
    "key",
    "status",
    "shipping",
]


@pytest.mark.parametrize("key", SECRETS)
def test_values_behind_the_names_of_secrets_are_masked(key: str) -> None:
    assert secret(key)
    assert mask({key: "hunter2"}) == {key: MASK}


@pytest.mark.parametrize("key", PLAIN)
def test_ordinary_names_are_not_mistaken_for_secrets(key: str) -> None:
    assert not secret(key)
    assert mask({key: "value"}) == {key: "value"}


def test_secrets_are_found_at_any_depth_and_whatever_their_type() -> None:
    given_data = {"user": {"name": "Ana", "password": {"old": "a", "new": "b"}}, "tokens": [1, 2], "list": [{"cvv": 123}, {"pin": None}]}
    assert mask(given_data) == {"user": {"name": "Ana", "password": MASK}, "tokens": MASK, "list": [{"cvv": MASK}, {"pin": None}]}


def test_more_names_may_be_given() -> None:
    assert mask({"Payment_Data": {"amount": 3}, "payment": 3}, ["payment_data"]) == {"Payment_Data": MASK, "payment": 3}


def test_passwords_in_addresses_are_masked_in_any_text() -> None:
    assert mask_text("see redis://:secret@host/0 and https://ana:pw@x/y?z") == f"see redis://:{MASK}@host/0 and https://ana:{MASK}@x/y?z"
    assert mask({"url": "postgresql://u:p@h/d"}) == {"url": f"postgresql://u:{MASK}@h/d"}
    assert mask_text("https://host/path?mail=a@b") == "https://host/path?mail=a@b"


json_like = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(json_like)
def test_the_original_is_never_changed_and_the_copy_has_no_secret(data: object) -> None:
    import copy

    before = copy.deepcopy(data)
    mask({"password": "canary-9f2", "data": data})
    assert data == before
    assert "canary-9f2" not in repr(mask({"a": [{"b": {"password": "canary-9f2"}}], "data": data}))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"password":"hunter2","n":1', '{"password":••••••,"n":1'),
        ("User(name='ana', api_key='k\\'1', n=2)", "User(name='ana', api_key=••••••, n=2)"),
        ('{"token": "cut off in the mid', '{"token": ••••••'),
        ("{'password': None, 'secret': 12}", "{'password': None, 'secret': ••••••}"),
        ("redis://me:pw@host", f"redis://me:{MASK}@host"),
        ("nothing: here", "nothing: here"),
    ],
)
def test_secrets_in_data_that_is_there_as_text_only(text, shown):
    assert mask_written(text) == shown


def test_of_text_too_the_settings_may_name_more():
    assert mask_written("holder='Ana'", ("holder",)) == f"holder={MASK}"


def test_values_behind_names_of_secrets_are_found_at_any_depth_as_they_may_be_written():
    data = {
        "a": [{"password": 'say "ah"'}],
        "card": {"~": "decimal", "v": "4111"},
        "pin": 12,
        "name": "Ana",
        "token": None,
        "otp": [778899],
    }
    found = secrets_in(data, ("holder",))
    assert {'say "ah"', 'say \\"ah\\"', "4111", "778899"} == set(found)
    assert list(found) == sorted(found, key=len, reverse=True)
    assert secrets_in({"holder": "Ana Rossi"}, ("holder",)) == ("Ana Rossi",)
    assert secrets_in(None) == secrets_in("password") == ()


def test_texts_lose_every_one_of_them_the_longer_first():
    assert without("a4111 and 41112222", ("41112222", "4111")) == f"a{MASK} and {MASK}"


def test_of_a_traceback_code_stays_and_words_lose_what_looks_like_a_secret():
    trace = 'Traceback:\n  File "a.py", line 1\n    token = read(url="redis://me:pw@host")\nValueError: password=hunter2\n'
    masked = mask_trace(trace)
    assert f'token = read(url="redis://me:{MASK}@host")' in masked
    assert masked.endswith(f"ValueError: password={MASK}\n")


@pytest.mark.parametrize(
    ("part", "there"), [("hunter2", False), ("ANA@", True), ('"password":', True), ("4111", False), ("nowhere", False), ("555", True)]
)
def test_a_search_does_not_find_what_is_masked(part: str, there: bool):
    payload = b'{"args":{"to":"ana@example.com","password":"hunter2","holder":"4111","phone":"555"}}'
    assert mentions(payload, part, ("holder",)) is there
    assert mentions(payload[:-2], part, ("holder",)) is there
