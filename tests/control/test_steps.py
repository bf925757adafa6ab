"""Two people and one step of a chain."""

from __future__ import annotations

import threading

import pytest

from horizon import chain
from horizon.control.steps import StepControl
from horizon.core import current
from horizon.jobs.groups.steps import status_of
from tests.jobs.groups.sample import Does
from tests.jobs.hands import Hands, runtime
from tests.shop import OTTO
from tests.stores import lending


@pytest.mark.parametrize("kind", lending.kinds(*lending.KINDS))
def test_two_who_put_a_step_back_at_once_make_one_job_of_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    both, made, errors = threading.Barrier(2), list[str](), list[BaseException]()
    here = runtime(lending.fresh_of(kind))
    lending.afterwards(here.close)
    control, again = StepControl(here), StepControl._again

    def after_the_look(*given: object) -> object:
        both.wait(30)  # each has seen by now that nobody has put it back
        return again(*given)  # type: ignore[arg-type]

    def person() -> None:
        try:
            made.append(str(control.restore(OTTO, id, gone.id)))
        except BaseException as error:
            errors.append(error)

    with current.use(here):
        id = chain([Does("a"), Does("b"), Does("c")]).dispatch()
    gone = control.remove(OTTO, id, 2)
    monkeypatch.setattr(StepControl, "_again", after_the_look)
    people = [threading.Thread(target=person) for _ in range(2)]
    for one in people:
        one.start()
    for one in people:
        one.join(60)
    assert not errors
    store = here.backend()
    chained = store.groups.get(id)
    assert chained is not None
    assert (len(set(made)), chained.total) == (1, 4)
    standing = [step for step in status_of(store, chained).steps if not step.removed]
    assert [(step.id in made, step.state) for step in standing] == [(False, "pending"), (True, "blocked"), (False, "blocked")]
    with current.use(here):
        hands, done = Hands(here), 0
        while outcomes := hands.run():
            done += len(outcomes)
    ended = store.groups.get(id)
    assert (done, ended and ended.completed, ended and ended.cancelled) == (3, 3, 1)
