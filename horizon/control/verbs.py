"""The verbs that act on jobs, and the words by which the API calls them: who may, what each needs. Pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from horizon.backends.values import ActParams, Verb
from horizon.control.acting import MAX_REASON
from horizon.core import dead
from horizon.core.clock import Micros, iso
from horizon.core.errors import InvalidOption, UnknownAction
from horizon.jobs import options
from horizon.security.permissions import Ability


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What a verb asks for."""

    ability: Ability = Ability.OPERATE
    needs: str | None = None
    """The parameter it cannot do without: `at`, `priority` or `queue`."""
    takes: frozenset[str] = frozenset()
    """Parameters it may be given."""


RULES: dict[Verb, Rule] = {
    Verb.RETRY: Rule(takes=frozenset({"at"})),
    Verb.CANCEL: Rule(takes=frozenset({"reason"})),
    Verb.RUN_NOW: Rule(),
    Verb.RESCHEDULE: Rule(needs="at", takes=frozenset({"at"})),
    Verb.PRIORITIZE: Rule(needs="priority", takes=frozenset({"priority"})),
    Verb.MOVE: Rule(needs="queue", takes=frozenset({"queue"})),
    Verb.FORGET: Rule(ability=Ability.FORGET, takes=frozenset({"reason"})),
    Verb.RESTORE: Rule(ability=Ability.FORGET),
}
ALIASES: dict[str, Verb] = {"start": Verb.RUN_NOW, "stop": Verb.CANCEL}


def verb_of(word: object) -> Verb:
    """The verb a word means. Raises UnknownAction, listing those there are."""
    if isinstance(word, str):
        if word in ALIASES:
            return ALIASES[word]
        if word in {verb.value for verb in Verb}:
            return Verb(word)
    raise unknown(word, [*(verb.value for verb in Verb), *ALIASES])


def unknown(word: object, allowed: list[str]) -> UnknownAction:
    """The error for a word that is no action; it carries the allowed ones for the API to list."""
    near = difflib.get_close_matches(str(word), allowed, 1)
    what = "no action was named" if word is None else f"{str(word)[:80]!r} is not an action"
    error = UnknownAction(f"{what}{f'; did you mean {near[0]}?' if near else '.'} There are: {', '.join(allowed)}")
    error.allowed = allowed  # type: ignore[attr-defined]
    return error


def check(verb: Verb, params: ActParams, now: Micros) -> ActParams:
    """The parameters, if they are proper for this verb. `now` is the store's clock. Raises InvalidOption."""
    rule = RULES[verb]
    given = {name for name in ("at", "priority", "queue", "reason") if getattr(params, name) is not None}
    if rule.needs is not None and rule.needs not in given:
        raise InvalidOption(f"{verb} needs {rule.needs}: {_MEANING[rule.needs]}")
    if extra := given - rule.takes:
        raise InvalidOption(f"{verb} does not take {' or '.join(sorted(extra))}")
    if params.priority is not None:
        options.priority(params.priority)
    if params.queue is not None:
        dead.refuse(options.queue(params.queue))
    if params.reason is not None:
        check_reason(params.reason)
    if params.at is not None:
        moment(params.at, now)
    return params


def moment(at: Micros, now: Micros) -> Micros:
    """A time to come, at most ten years away. Raises InvalidOption."""
    if isinstance(at, bool) or not isinstance(at, int):
        raise InvalidOption(f"a time is given in microseconds since 1970 UTC, got {at!r}")
    if at < now:
        raise InvalidOption(f"at lies in the past ({iso(at) if at > 0 else at}; it is {iso(now)} now); use run_now to start a job at once")
    if at - now > options.LONGEST:
        raise InvalidOption(f"at lies more than {options.LONGEST // (86_400 * 1_000_000):,} days away")
    return at


def check_reason(text: object) -> None:
    """Raise InvalidOption unless this is a text fit to be kept."""
    if not isinstance(text, str) or len(text) > MAX_REASON:
        raise InvalidOption(f"a reason is a text of at most {MAX_REASON} characters")
    options.encodable(text, "a reason")


_MEANING = {
    "at": "the time until which the jobs shall wait",
    "priority": "a whole number from -100 to 100, the higher the sooner",
    "queue": "the name of the queue to move to",
}
