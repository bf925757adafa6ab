from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from horizon.web import text


def test_markup_in_foreign_text_is_escaped():
    assert text.line("<b onclick='x'>&\"") == "&lt;b onclick=&#39;x&#39;&gt;&amp;&#34;"


def test_invisible_characters_are_spelt_out():
    assert "\\0\\x1b" in text.line("a\x00\x1b[31m")
    assert "\\u202e" in text.line("\u202ereversed")
    assert "\\n" in text.line("one\ntwo")
    assert text.block("one\ntwo\tthree") == "one\ntwo\tthree"
    assert "\\ud800" in text.block("half \ud800 a character")
    assert text.line("👩‍👧 café שלום") == "<bdi>👩‍👧 café שלום</bdi>"


def test_text_that_can_but_run_from_left_to_right_needs_no_keeping_apart():
    for shown in ("SendEmail", "Café – Ünïcode", "Привет", "a name that is cut…short"):
        assert text.line(shown) == shown
    for kept in ("שלום", "مرحبا", "👩", "日本"):
        assert text.line(kept) == f"<bdi>{kept}</bdi>"


@given(st.text(alphabet=st.characters(), max_size=300))
def test_whatever_is_shown_can_be_sent_and_holds_no_markup_of_its_own(given_text):
    for shown in (text.line(given_text), text.block(given_text)):
        str(shown).encode()
        bare = str(shown).replace('<span class="esc">', "").replace("</span>", "").replace("<bdi>", "").replace("</bdi>", "")
        assert "<" not in bare
        assert ">" not in bare
        assert not any(character in bare for character in "\x00\x1b\x7f\u202e\u2066\ud800")
    text.plain(given_text).encode()


def test_long_text_is_cut_in_the_middle_for_its_end_tells_it_apart():
    cut = text.cut("x" * 500 + ".end", 100)
    assert len(cut) == 100
    assert cut.endswith(".end")
    assert "…" in cut


def test_the_short_name_is_the_class():
    assert [text.short_name(name) for name in ("shop.jobs:SendEmail", "shop.jobs:Outer.Inner", "send-email", "a:")] == [
        "SendEmail",
        "Inner",
        "send-email",
        "a:",
    ]
