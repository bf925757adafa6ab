from __future__ import annotations

import pytest

from horizon.core.errors import InvalidOption, NotFound
from horizon.jobs.function import JobFunction
from horizon.jobs.job import Job
from horizon.jobs.registry import Registry
from horizon.monitor.naming import by_present_name, name_meant


def job_class(qualname: str, module: str = "shop.jobs", **said: object) -> type[Job]:
    return type(qualname.rpartition(".")[2], (Job,), {"__module__": module, "__qualname__": qualname, "_horizon_register": False, **said})


@pytest.fixture
def registry() -> Registry:
    made = Registry()
    made.add(job_class("SendEmail", name="send-email", aliases=("old.mail:SendEmail",)), "send-email", ("old.mail:SendEmail",))
    made.add(job_class("Report"), "shop.jobs:Report")
    return made


def meant(given: object, registry: Registry, *stored: str) -> str:
    return name_meant(given, registry, by_present_name(registry, stored))


def test_jobs_stored_under_a_former_name_belong_to_the_class_of_today(registry: Registry):
    names = by_present_name(registry, ["old.mail:SendEmail", "gone:Thumbnail"])
    assert names.used == {"send-email", "gone:Thumbnail"}
    assert names.stored_as == {
        "gone:Thumbnail": ("gone:Thumbnail",),
        "send-email": ("old.mail:SendEmail", "send-email"),
        "shop.jobs:Report": ("shop.jobs:Report",),
    }


@pytest.mark.parametrize("given", ["send-email", "old.mail:SendEmail", "SendEmail"])
def test_a_job_is_found_by_each_of_its_names(registry: Registry, given: str):
    assert meant(given, registry, "old.mail:SendEmail") == "send-email"


def test_a_class_that_is_not_loaded_here_is_found_by_what_is_stored(registry: Registry):
    assert meant("Thumbnail", registry, "gone.away:Thumbnail") == "gone.away:Thumbnail"


def test_classes_and_job_functions_stand_for_themselves():
    from tests.monitor.jobs import tidy

    assert isinstance(tidy, JobFunction)
    registry = Registry()
    registry.add(tidy.job_class, "tests.monitor.jobs:tidy")
    assert meant(tidy, registry) == meant(tidy.job_class, registry) == "tests.monitor.jobs:tidy"


def test_a_bare_name_of_several_classes_is_refused_and_the_whole_name_is_not(registry: Registry):
    both = ("old:Report", "shop.jobs:Report")
    with pytest.raises(InvalidOption, match=r"2 jobs are called Report: old:Report, shop.jobs:Report; name one of them in full"):
        meant("Report", registry, *both)
    assert meant("old:Report", registry, *both) == "old:Report"


def test_of_two_classes_with_the_same_bare_name_the_one_that_ran_is_meant(registry: Registry):
    registry.add(job_class("Report", "shop.more"), "shop.more:Report")
    assert meant("Report", registry, "shop.more:Report") == "shop.more:Report"
    assert meant("Report", registry, "shop.jobs:Report") == "shop.jobs:Report"
    assert meant("Report", registry) in ("shop.jobs:Report", "shop.more:Report")


def test_an_unknown_name_is_answered_with_the_nearest(registry: Registry):
    with pytest.raises(NotFound, match="no job called 'SendEmial'; did you mean send-email"):
        meant("SendEmial", registry)
    with pytest.raises(NotFound, match=r"there are: send-email, shop.jobs:Report"):
        meant("zzzz", registry)
    with pytest.raises(NotFound, match="HORIZON_IMPORTS"):
        meant("SendEmail", Registry())


@pytest.mark.parametrize("given", [None, 3, "", int])
def test_what_is_no_job_at_all_is_refused(registry: Registry, given: object):
    with pytest.raises(InvalidOption, match="expected a job class"):
        meant(given, registry)
