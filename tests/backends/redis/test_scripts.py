"""What every script keeps to: it says what it takes and gives, and never walks what has no bound."""

from __future__ import annotations

import re

import pytest

from horizon.backends.redis.scripts import FOLDER, script

SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.lua"))
PARTS = sorted(path.stem for path in (FOLDER / "parts").glob("*.lua"))
AFTER_62 = {
    "SINTERCARD",
    "ZMPOP",
    "LMPOP",
    "BLMPOP",
    "BZMPOP",
    "EXPIRETIME",
    "PEXPIRETIME",
    "FCALL",
    "FUNCTION",
    "SORT_RO",
    "LCS",
    "HEXPIRE",
}
WITHOUT_BOUND = {"KEYS", "SCAN", "HSCAN", "SSCAN", "ZSCAN", "SORT", "FLUSHDB", "FLUSHALL"}


def text(name: str) -> str:
    return (FOLDER / f"{name}.lua").read_text()


def commands(lua: str) -> set[str]:
    return {word.upper() for word in re.findall(r"call\(\s*'(\w+)'", lua)}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_says_what_it_takes_and_what_comes_back(name: str) -> None:
    head = text(name).split("\n\n")[0]
    assert head.startswith(f"-- {name}: ")
    assert "KEYS[1]" in head
    assert "ARGV[1]" in head
    assert "ARGV[2]" in head
    assert "-- returns  " in head


@pytest.mark.parametrize("name", [*SCRIPTS, *(f"parts/{part}" for part in PARTS)])
def test_a_file_is_small_and_keeps_to_what_redis_6_2_knows(name: str) -> None:
    lua = text(name)
    assert len(lua.splitlines()) <= 320
    assert commands(lua).isdisjoint(WITHOUT_BOUND | AFTER_62)
    assert max(map(len, lua.splitlines())) <= 160


def test_every_part_is_used() -> None:
    files = [*SCRIPTS, *(f"parts/{part}" for part in PARTS)]
    used = {part for name in files for part in re.findall(r"\w+", " ".join(re.findall(r"--include (.*)", text(name))))}
    assert used == set(PARTS)


def test_a_script_is_put_together_once_and_without_its_comments() -> None:
    made = script("turn")
    assert made is script("turn")
    assert b"--include" not in made.text
    assert b"local function settle(" in made.text
    assert len(made.sha) == 40
