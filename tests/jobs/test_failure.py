from __future__ import annotations

import json
import linecache
from typing import Any

import pytest

from horizon.jobs import failure


def caught(function: Any) -> BaseException:
    try:
        function()
    except BaseException as error:
        return error
    raise AssertionError("it did not raise")


def made_up(source: str, file: str = "/srv/shop/mail.py") -> Any:
    """A function `send` from source text, as if it stood in that file."""
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    space: dict[str, Any] = {}
    exec(compile(source, file, "exec"), space)
    return space["send"]


def test_type_message_and_traceback_are_kept_as_text() -> None:
    described = failure.describe(caught(made_up("def send():\n    secret = 'hidden'\n    raise ValueError('bad row')\n")))
    assert (described.type, described.message) == ("ValueError", "bad row")
    assert 'File "/srv/shop/mail.py", line 3, in send' in described.traceback
    assert described.traceback.rstrip().endswith("ValueError: bad row")


def test_no_local_values_are_shown() -> None:
    described = failure.describe(caught(made_up("def send():\n    value = 'hid' + 'den'\n    raise ValueError('x')\n")))
    assert "hidden" not in described.traceback


def test_the_fingerprint_survives_moved_lines_and_other_figures_in_the_message() -> None:
    one = failure.describe(caught(made_up("def send():\n    raise ValueError('order 1')\n")))
    two = failure.describe(caught(made_up("import os\n\n\ndef send():\n    pass\n    raise ValueError('order 2')\n")))
    assert one.cause == two.cause
    assert one.cause.rpartition(" ")[0] == "ValueError shop/mail.py:send"


def test_two_kinds_of_message_in_one_place_are_two_causes() -> None:
    source = "def send(what):\n    raise ValueError(what)\n"
    one, two, three = (
        failure.describe(caught(lambda said=said: made_up(source)(said))) for said in ("no user 1", "card expired", "no user 2")
    )
    assert one.cause == three.cause != two.cause


def test_a_fingerprint_is_never_longer_than_a_store_takes() -> None:
    long = made_up("def send():\n    raise ValueError('no luck')\n", f"/srv/{'x' * 300}/mail.py")
    assert len(failure.describe(caught(long)).cause) <= failure.LONGEST_CAUSE


def test_other_types_and_other_places_are_other_causes() -> None:
    one = failure.describe(caught(made_up("def send():\n    raise ValueError('x')\n")))
    two = failure.describe(caught(made_up("def send():\n    raise KeyError('x')\n")))
    three = failure.describe(caught(made_up("def send():\n    def inner():\n        raise ValueError('x')\n    inner()\n")))
    assert len({one.cause, two.cause, three.cause}) == 3


def test_frames_of_libraries_are_passed_over() -> None:
    described = failure.describe(caught(made_up("import json\ndef send():\n    json.loads('{')\n")))
    assert described.type == "json.decoder.JSONDecodeError"
    assert described.cause.startswith("json.decoder.JSONDecodeError shop/mail.py:send ")


def test_a_long_traceback_keeps_its_beginning_and_its_end() -> None:
    described = failure.describe(caught(made_up("def send():\n    raise ValueError('é' * 100_000)\n")), 2_000)
    assert len(described.traceback.encode()) <= 2_000
    assert described.traceback.startswith("Traceback")
    assert "bytes cut" in described.traceback
    assert len(described.message) < 5_000


@pytest.mark.parametrize("size", [0, 1, 50, 1000, 1999, 2000, 2001, 5000])
def test_a_cut_text_is_never_longer_than_allowed(size: int) -> None:
    for letter in ("a", "é", "\U0001f600"):
        text = letter * size
        cut = failure.cut(text, 2_000)
        assert len(cut.encode()) <= 2_000
        assert len(text.encode()) > 2_000 or cut == text


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def test_an_exception_whose_text_raises_is_still_described() -> None:
    described = failure.describe(caught(lambda: (_ for _ in ()).throw(Mute())))
    assert described.type.endswith("Mute")
    assert "RuntimeError" in described.message


def test_text_that_no_store_could_hold_is_spelled_out() -> None:
    described = failure.describe(caught(made_up("def send():\n    raise ValueError('a\\ud800b\\x00c')\n")))
    json.dumps([described.message, described.traceback], ensure_ascii=False).encode()
    assert "\x00" not in described.message + described.traceback


def test_an_exception_that_was_never_raised_has_a_cause_too() -> None:
    assert failure.describe(ValueError("7")).cause == "ValueError"
    assert failure.describe(ValueError("7"), job="shop:Send").cause == "ValueError shop:Send"


def test_chained_exceptions_are_shown_with_what_caused_them() -> None:
    source = "def send():\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n        raise ValueError('x') from e\n"
    assert "ZeroDivisionError" in failure.describe(caught(made_up(source))).traceback


def test_endless_recursion_is_described() -> None:
    described = failure.describe(caught(made_up("def send():\n    send()\n")))
    assert described.type == "RecursionError"
