from __future__ import annotations

import pytest

from horizon.web.security import CSP, cross_site, is_loopback, is_loopback_host, is_this_machine, was_forwarded

HOST = "shop.example"

# where a change comes from ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://shop.example"},
        {"Origin": "http://SHOP.example"},
        {"Referer": "https://shop.example/horizon/jobs?q=x"},
        {"Authorization": "Bearer abc"},
        {"Authorization": "bearer abc", "Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "application/json"},
        {"Content-Type": "application/json; charset=utf-8"},
    ],
)
def test_a_change_from_one_of_our_pages_or_from_a_program_is_let_through(headers):
    assert cross_site("POST", headers, HOST) is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example"},
        {"Sec-Fetch-Site": "cross-site", "Content-Type": "application/json"},
        {"Sec-Fetch-Site": ""},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://shop.example.evil.example"},
        {"Origin": "https://shop.example:8443"},
        {"Origin": "https://user@shop.example"},
        {"Origin": "https://[broken"},
        {"Origin": "https://evil.example", "Referer": "https://shop.example/"},
        {"Origin": "https://evil.example", "Content-Type": "application/json"},
        {"Referer": "https://evil.example/shop.example"},
        {"Referer": "shop.example"},
        {"Authorization": "Basic YW5hOng="},
        {"Authorization": "Bearer"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "text/plain; application/json"},
        {"HX-Request": "true"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_change_from_elsewhere_or_from_nowhere_is_refused(headers, method):
    assert cross_site(method, headers, HOST)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_needs_no_proof(method):
    assert cross_site(method, {"Sec-Fetch-Site": "cross-site"}, HOST) is None


# who is at this machine -------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
def test_addresses_of_this_machine(address):
    assert is_loopback(address)


@pytest.mark.parametrize(
    "address", [None, "", "10.0.0.1", "localhost", "0.0.0.0", "127.0.0.1.evil.example", "fe80::1", "127.1", "::ffff:10.0.0.1"]
)
def test_addresses_of_others_or_of_nobody(address):
    assert not is_loopback(address)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost:8000", "127.0.0.1", "127.0.0.1:5000", "[::1]", "[::1]:80"])
def test_names_of_this_machine(host):
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "shop.example",
        "localhost.evil.example",
        "evil.example:127",
        "127.0.0.1.nip.io",
        "0.0.0.0",
        "evil@",
        "[",
        "10.0.0.1",
        "localhost@evil.example",
        "evil.example@localhost",
        "localhost#evil.example",
        "localhost/evil.example",
        "localhost.",
        "localhost:abc",
        "localhost evil.example",
        "localhost\n",
        "[::1]evil.example",
        "::1",
        "::1x",
    ],
)
def test_any_other_name_may_be_one_that_an_attacker_pointed_here(host):
    assert not is_loopback_host(host)


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For",
        "x-forwarded-host",
        "X-Forwarded-Proto",
        "Forwarded",
        "X-Real-IP",
        "Via",
        "CF-Connecting-IP",
        "CF-Ray",
        "Fastly-Client-IP",
        "X-Original-Host",
        "X-Envoy-External-Address",
        "X-Azure-ClientIP",
        "True-Client-IP",
        "CDN-Loop",
    ],
)
def test_behind_a_proxy_nobody_is_at_this_machine(header):
    headers = {"Host": "localhost", header: "127.0.0.1"}
    assert was_forwarded(headers)
    assert not is_this_machine("127.0.0.1", headers)


def test_directly_and_by_its_own_name_somebody_is():
    assert is_this_machine("127.0.0.1", {"Host": "localhost:8000"})
    assert not is_this_machine("10.0.0.7", {"Host": "localhost:8000"})
    assert not is_this_machine("127.0.0.1", {"Host": "shop.example"})
    assert not is_this_machine("127.0.0.1", {})


def test_the_content_policy_allows_nothing_inline_and_nothing_foreign():
    assert "unsafe" not in CSP
    assert "http" not in CSP
    assert "*" not in CSP
    assert CSP.startswith("default-src 'none'")
