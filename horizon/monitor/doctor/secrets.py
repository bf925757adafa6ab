"""What can be wrong with keys: none where some are needed, others in workers than here, nothing installed that encrypts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from horizon.monitor.doctor.facts import ERROR, WARNING, Facts, Finding

NAMED = 3
"""Classes and queues that are named; of more, how many."""


def keys(facts: Facts) -> Iterator[Finding]:
    """Something is to be encrypted, and cannot be."""
    if not facts.encrypted:
        return
    what = _listed(facts.encrypted)
    if not facts.keys:
        yield Finding(
            severity=ERROR,
            code="keys",
            sentence=f"HORIZON_KEYS holds no key, and {what} should be encrypted: such jobs are refused where they are dispatched.",
            fix="horizon keys generate, then give it to web and workers alike as HORIZON_KEYS.",
        )
    elif not facts.cryptography:
        yield Finding(
            severity=ERROR,
            code="cryptography",
            sentence=f"The package cryptography is not installed, and {what} should be encrypted.",
            fix="pip install 'flask-horizon[crypto]'",
        )


def differ(facts: Facts) -> Iterator[Finding]:
    """Keys that differ between this process and workers: what one side encrypts the other cannot read."""
    for store in facts.stores:
        for worker in store.workers:
            theirs = worker.keys
            if theirs is None or set(theirs) == set(facts.keys):
                continue
            missing, more = [key for key in facts.keys if key not in theirs], [key for key in theirs if key not in facts.keys]
            said = [f"lacks {', '.join(missing)}"] if missing else []
            said += [f"has {', '.join(more)}, which this process lacks"] if more else []
            hurts = bool(facts.keys) and facts.keys[0] in missing
            after = "; jobs dispatched here fail there." if hurts else "."
            yield Finding(
                severity=ERROR if hurts else WARNING,
                code="other_keys",
                sentence=f"The worker {worker.name} has other keys: it {' and '.join(said)}{after}",
                fix="Give web and workers the same HORIZON_KEYS, and restart them; `horizon keys rotate` says in which order.",
            )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"
