from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from horizon.web.draw import trace
from tests.web.pages.stage import TRACE


def test_own_frames_stand_alone_and_library_frames_are_gathered():
    found = trace.parts(TRACE, "smtplib.SMTPServerDisconnected")
    assert [(part.library, len(part.frames)) for part in found] == [(True, 1), (False, 2), (True, 2)]
    own = found[1].frames[0]
    assert (own.file, own.line, own.name, own.source) == (
        "/srv/shop/jobs/send_email.py",
        24,
        "handle",
        "mailer.deliver(message, to=self.to_email)",
    )


def test_the_marks_under_a_line_are_left_out_and_its_continuation_kept():
    assert trace.parts(TRACE)[1].frames[1].source == "smtp.send_message(message)"
    assert trace.parts(TRACE)[2].frames[0].source.count("\n") == 1


def test_the_message_is_repeated_only_where_it_does_not_stand_above_already():
    assert trace.parts(TRACE)[-1].text == "smtplib.SMTPServerDisconnected: Connection unexpectedly closed"
    assert trace.parts(TRACE, "KeyError")[-1].text


def test_what_caused_what_is_told_between_chained_exceptions():
    real = ""
    try:
        try:
            {}["x"]
        except KeyError as error:
            error.__context__ = None  # whoever runs the tests may be handling something just now
            raise ValueError("no x") from error
    except ValueError:
        import traceback

        real = traceback.format_exc()
    texts = [part.text for part in trace.parts(real, "ValueError") if part.text]
    assert len(texts) == 1
    assert "KeyError: 'x'" in texts[0]
    assert "direct cause" in texts[0]


def test_our_own_machinery_counts_as_library():
    assert trace.is_library("/srv/app/.venv/lib/python3.12/site-packages/horizon/worker/run.py")
    assert trace.is_library("C:\\py\\Lib\\site-packages\\x.py")
    assert trace.is_library("<frozen importlib._bootstrap>")
    assert not trace.is_library("/srv/shop/jobs.py")


def test_an_endless_recursion_is_shortened():
    text = "Traceback (most recent call last):\n" + '  File "/srv/a.py", line 1, in f\n    f()\n' * 900 + "RecursionError: deep"
    found = trace.parts(text, "RecursionError")
    assert sum(len(part.frames) for part in found) <= trace.MOST_FRAMES
    assert any("more lines" in part.text for part in found)


@given(st.text())
def test_text_that_is_no_traceback_is_left_to_the_caller(text):
    assert trace.parts(text) == () or 'File "' in text
