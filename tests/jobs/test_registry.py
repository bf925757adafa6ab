from __future__ import annotations

import pytest

from horizon import Job
from horizon.core.errors import InvalidInput, InvalidOption, UnknownJobName
from horizon.jobs.plan import plan_of
from horizon.jobs.registry import REGISTRY, Registry
from horizon.runtime import Runtime
from tests.jobs import sample


def test_a_job_is_known_by_its_module_and_qualified_name() -> None:
    assert REGISTRY.find("tests.jobs.sample:SendEmail") is sample.SendEmail
    assert REGISTRY.find("tests.jobs.sample:make_report") is sample.make_report.job_class
    assert "tests.jobs.sample:SendEmail" in REGISTRY.names()


def test_a_name_of_its_own_and_aliases_are_known_and_not_inherited() -> None:
    class Named(Job, name="test-named"):
        aliases = ["old.path:Named"]

        def handle(self) -> None: ...

    class Child(Named):
        pass

    assert REGISTRY.find("test-named") is Named
    assert REGISTRY.find("old.path:Named") is Named
    assert REGISTRY.find(f"{__name__}:{Child.__qualname__}") is Child
    assert plan_of(Child).name != "test-named"


def test_two_classes_of_one_name_are_refused() -> None:
    class First(Job, name="test-twice"):
        def handle(self) -> None: ...

    with pytest.raises(InvalidOption, match=r"two jobs are named 'test-twice'.*First.*Second"):

        class Second(Job, name="test-twice"):
            def handle(self) -> None: ...

    with pytest.raises(InvalidOption, match="two jobs are named"):

        class Third(Job):
            aliases = ["test-twice"]

            def handle(self) -> None: ...

    assert REGISTRY.find("test-twice") is First


def test_the_same_class_made_again_takes_its_own_place() -> None:
    def make() -> type[Job]:
        class Again(Job, name="test-again"):
            def handle(self) -> None: ...

        return Again

    make()
    latest = make()
    assert REGISTRY.find("test-again") is latest
    assert REGISTRY.find("tests.jobs.sample:Slotted") is sample.Slotted


def test_a_name_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownJobName, match=r"did you mean.*tests\.jobs\.sample:SendEmail"):
        REGISTRY.require("tests.jobs.sample:SendEmial")
    with pytest.raises(UnknownJobName, match="HORIZON_IMPORTS"):
        Registry().require("anything")


@pytest.mark.parametrize("name", ["os:system", "builtins:eval", "horizon.jobs.job:Job", "tests.jobs.sample:Colour"])
def test_nothing_but_registered_jobs_is_found(name: str) -> None:
    assert REGISTRY.find(name) is None


def test_a_job_in_main_or_inside_a_function_is_refused_at_dispatch_with_what_to_do(here: Runtime) -> None:
    class Inside(Job):
        def handle(self) -> None: ...

    script = type("Script", (Job,), {"__module__": "__main__", "__qualname__": "Script", "handle": lambda self: None})
    with pytest.raises(InvalidInput, match=r"inside a function.*top level.*name ="):
        Inside.dispatch()
    with pytest.raises(InvalidInput, match=r"__main__.*HORIZON_IMPORTS.*name ="):
        script.dispatch()
    assert here.backend().remaining() == 0


def test_with_a_name_of_its_own_it_may_stand_anywhere(here: Runtime) -> None:
    class Inside(Job, name="test-inside"):
        def handle(self) -> None: ...

    assert Inside.dispatch() is not None


def test_a_job_without_handle_is_refused_at_dispatch(here: Runtime) -> None:
    class Idle(Job, name="test-idle"):
        pass

    with pytest.raises(InvalidInput, match="no handle"):
        Idle.dispatch()
