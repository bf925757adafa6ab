"""`Job`: what people subclass. Its constructor's arguments are the payload; `handle()` is the work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from horizon.core.errors import ComesLater, HorizonError, InvalidOption
from horizon.jobs import misspelt, options, reserved
from horizon.jobs.context import JOB
from horizon.jobs.entering import inside_of, maybe_inside
from horizon.jobs.naming import stored_name
from horizon.jobs.registry import REGISTRY
from horizon.jobs.shape import Shape
from horizon.jobs.verbs import DispatchingVerbs
from horizon.jobs.words import Fluent

if TYPE_CHECKING:
    from horizon.jobs.known import Known
    from horizon.jobs.said import Said

GUARDED = reserved.ON_INSTANCE | options.ON_INSTANCE.keys() | (options.ON_CLASS.keys() - {"name"})
"""Attributes whose assignment is looked at. `self.name` is left to users: jobs about people and files have one."""


class Job(Fluent, DispatchingVerbs, Shape):
    """One piece of work, run by a worker.

    The arguments of the constructor are stored (see `horizon.jobs.codec` for what they may be) and given to it again in
    the worker, so a constructor only keeps them: it is called twice. Options may be set on the class, on the instance
    (`queue delay max_tries timeout backoff tags middleware`) and by fluent words.
    """

    def __init__(self) -> None:
        super().__init__()

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__()
        for key, value in given.items():
            if key not in options.ALL:
                raise InvalidOption(
                    f"{cls.__qualname__} has no option {key!r}{options.nearest(key, options.ALL)}; there are: {', '.join(sorted(options.ALL))}"
                )
            setattr(cls, key, value)
        reserved.check_class(cls, Job)
        _check_options(cls)
        misspelt.wonder(cls)
        if cls.__dict__.get("_horizon_register", True):
            REGISTRY.add(cls, stored_name(cls), cls.__dict__.get("aliases", ()))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in GUARDED:
            self._set_option(name, value)
        object.__setattr__(self, name, value)

    def _set_option(self, name: str, value: Any) -> None:
        check = options.ON_INSTANCE.get(name)
        if check is None:
            if name in options.ON_CLASS:
                raise InvalidOption(
                    f"{name} is an option of the class, not of one job: write it in the body of class {type(self).__name__}"
                )
            raise reserved.refuse_assignment(name, type(self).__name__)
        inner = self._horizon
        if inner.options is None:
            inner.options = {}
        if value is None:
            inner.options.pop(name, None)
        else:
            inner.options[name] = check(value)

    @property
    def _said(self) -> Said | None:  # type: ignore[override]
        return self._horizon.said

    def _keep(self, said: Said) -> None:
        self._horizon.said = said

    # inside handle ----------------------------------------------------------------------------------

    @property
    def attempts(self) -> int:
        """Which try this is, from 1; 0 where the job is not running."""
        running = self._horizon.running
        return running.attempt if running else 0

    @property
    def job_id(self) -> str | None:
        """Its id; None before it was dispatched."""
        inner = self._horizon
        return inner.running.id if inner.running else inner.id

    @property
    def cancel_requested(self) -> bool:
        """Whether a person has asked it to stop: a long job looks now and then, and returns."""
        running = self._horizon.running
        return running is not None and running.cancel_reason is not None

    def progress(self, percent: float, note: str | None = None) -> None:
        """Show how far it is, from 0 to 100, and in words what it is doing."""
        if isinstance(percent, bool) or not isinstance(percent, (int, float)) or not 0 <= percent <= 100:
            raise InvalidOption(f"progress is a number from 0 to 100; got {percent!r}")
        if self._horizon.running:
            self._horizon.running.report(int(percent), None if note is None else str(note))

    def log(self, message: object) -> None:
        """Keep a line with this attempt, as `logging` does for everything logged while it runs."""
        if self._horizon.running:
            self._horizon.running.line("INFO", str(message))

    def heartbeat(self) -> bool:
        """Show that the job is alive; answers whether it should go on (False once a person has cancelled it)."""
        if self._horizon.running:
            self._horizon.running.report(None, None)
        return not self.cancel_requested

    def release(self, delay: float | timedelta = 0) -> None:
        """Come again after `delay` seconds; costs a try. `handle` should return then."""
        self._decide("RELEASED", delay=options.seconds(delay, "release"))

    def fail(self, exception: BaseException | str | None = None) -> None:
        """End as failed, whatever tries are left. `handle` should return then."""
        error = exception if isinstance(exception, BaseException) else HorizonError(exception or "the job failed itself")
        self._decide("FAILED", error=error)

    def delete(self) -> None:
        """End as cancelled, with nothing more to do. `handle` should return then."""
        self._decide("CANCELLED", reason="deleted by the job")

    def _decide(self, kind: str, **more: Any) -> None:
        running = self._horizon.running
        if running is None:
            raise HorizonError(f"{type(self).__name__} is not running; release, fail and delete are for inside handle()")
        running.decide(kind, **more)

    def once(self, key: str, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call the function, unless this was done before under this key, by whichever job of this store: then what it returned is the
        answer. Of an `async def` function: await it. It is kept with the end of the attempt, however that ends."""
        from horizon.jobs import effects

        return effects.once(self, key, function, args, kwargs)

    def effect_of(self, key: str) -> Known | None:
        """The effect of this key (`key value job_id at`); None where it has not taken place."""
        from horizon.jobs import effects

        return effects.find(self, key)

    def took_effect(self, key: str, value: Any = None) -> None:
        """Note that it took place, where `once` is no way to say it."""
        from horizon.jobs import effects

        effects.note(self, key, value)

    def batch(self) -> Any:
        """The `JobBatch` this job belongs to, also by way of a chain in it; None where it is in none."""
        inside = maybe_inside(self)
        return None if inside is None else inside.batch()

    def append_to_chain(self, job: Any) -> Any:
        """Add a last step to this job's chain: a job, batch or workflow. The id of a job."""
        return inside_of(self, "append_to_chain()").append(job)

    def prepend_to_chain(self, job: Job) -> Any:
        """Add the next step of this job's chain; its id."""
        return inside_of(self, "prepend_to_chain()").prepend(job)

    def get_previous_result(self) -> Any:
        """What the step before this one returned; None for the first. A batch or workflow before it: a list of its jobs' results."""
        inside = maybe_inside(self)
        return None if inside is None else inside.previous()

    def get_previous_results(self) -> list[Any]:
        """What each of those this job waited for returned, in the order in which they were pushed."""
        inside = maybe_inside(self)
        return [] if inside is None else inside.all_previous()


def _check_options(cls: type[Job]) -> None:
    """Raise InvalidOption for a class-level option that is not proper, so that it shows when the class is made."""
    for key, check in options.ALL.items():
        if key in cls.__dict__ and cls.__dict__[key] is not None:
            try:
                check(cls.__dict__[key])
            except (InvalidOption, ComesLater) as error:
                raise type(error)(f"{cls.__module__}.{cls.__qualname__}: {error}") from None


def current_job() -> Job | None:
    """The job that is running here, in this thread or task; None outside one."""
    return cast("Job | None", JOB.get())
