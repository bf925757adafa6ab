from __future__ import annotations

import dataclasses

import pytest

from horizon.core import errors
from horizon.core.envelope import Edge, Envelope
from horizon.core.outcome import Failure, Outcome

MADE = [Edge(job_id="i"), Failure(type="E", message="m")]


@pytest.mark.parametrize("value", MADE, ids=lambda value: type(value).__name__)
def test_values_do_not_change_in_place(value) -> None:
    first = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, first, "other")


@pytest.mark.parametrize("cls", [Envelope, Edge, Outcome])
def test_values_are_made_by_keyword_only(cls) -> None:
    with pytest.raises(TypeError):
        cls("i", "n", "q", b"")


ERRORS = [thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, Exception)]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_has_one_root_a_code_and_a_meaning(error: type[Exception]) -> None:
    assert issubclass(error, errors.HorizonError)
    assert error.__doc__
    assert error.__dict__["code"].replace("_", "").isalpha()


def test_no_two_errors_share_a_code() -> None:
    codes = [error.__dict__["code"] for error in ERRORS]
    assert len(set(codes)) == len(codes)


def test_an_interruption_passes_by_except_exception() -> None:
    assert not issubclass(errors.JobInterrupted, Exception)


def test_errors_are_also_what_python_would_call_them() -> None:
    assert issubclass(errors.InvalidInput, ValueError)
    assert issubclass(errors.NotFound, LookupError)
    assert issubclass(errors.ComesLater, NotImplementedError)
    assert issubclass(errors.JobTimeout, TimeoutError)
