"""What can be wrong with those who work: that there are none, old code, clocks, nobody who keeps house."""

from __future__ import annotations

from collections.abc import Iterator

from horizon.monitor.doctor.facts import ERROR, NOTE, WARNING, Facts, Finding, WorkerFacts

SKEW = 2.0
"""Seconds by which two clocks may differ."""


def nobody_works(facts: Facts) -> Iterator[Finding]:
    """No worker at all; which queue it would serve is then not told besides."""
    answering = [store for store in facts.stores if store.error is None and store.kind != "memory"]
    if answering and not any(store.workers for store in answering):
        waiting = sum(store.waiting for store in answering)
        jobs = f", and {waiting:,} {'job waits' if waiting == 1 else 'jobs wait'}" if waiting else ""
        yield Finding(severity=ERROR, code="no_worker", sentence=f"No worker is running{jobs}.", fix="horizon work")


def unserved(facts: Facts) -> Iterator[Finding]:
    """Queues in which jobs wait and from which nobody takes."""
    for store in facts.stores:
        for queue, waiting in store.unserved if any(other.workers for other in facts.stores) else ():
            sentence = (
                f"Nobody serves the queue {queue} of {store.connection}, where {waiting:,} {'job waits' if waiting == 1 else 'jobs wait'}."
            )
            yield Finding(
                severity=ERROR, code="unserved", sentence=sentence, fix=f"horizon work --queue {queue} (or a worker without --queue)"
            )


def old(facts: Facts) -> Iterator[Finding]:
    """Workers that a deploy left behind, and what workers say of themselves."""
    for worker in _workers(facts):
        if worker.old:
            code = f" ({', '.join(worker.versions)})" if worker.versions else ""
            sentence = f"The worker {worker.name} runs older code than the newest there is{code}."
            fix = f"horizon restart {worker.name}; where HORIZON_CODE_VERSION stands in the worker's own environment, stop and start it."
            yield Finding(severity=WARNING, code="old_code", sentence=sentence, fix=fix)
        if worker.version is not None and worker.version != facts.version:
            sentence = f"The worker {worker.name} runs Horizon {worker.version}, this is {facts.version}."
            yield Finding(
                severity=WARNING,
                code="old_horizon",
                sentence=sentence,
                fix="Install the same version everywhere, then stop and start that worker.",
            )
        for problem in worker.problems:
            yield Finding(severity=WARNING, code="worker", sentence=f"The worker {worker.name} says: {problem}", fix="Look at its log.")


def marks(facts: Facts) -> Iterator[Finding]:
    """Code can be compared only where both sides say what they run."""
    marked = [worker for worker in _workers(facts) if worker.versions]
    if facts.code_version is None and marked:
        sentence = f"Workers say which code they run ({', '.join(marked[0].versions)}), but here HORIZON_CODE_VERSION is not set."
        fix = "Set it in app.config, or in the environment of this shell and of the web processes, too."
        yield Finding(severity=NOTE, code="code_version", sentence=sentence, fix=fix)
    for worker in _workers(facts):
        if facts.code_version is not None and not worker.versions:
            sentence = f"The worker {worker.name} does not say which code it runs; here it is {facts.code_version}."
            yield Finding(
                severity=NOTE, code="code_version", sentence=sentence, fix="Set HORIZON_CODE_VERSION in its environment, and start it anew."
            )


def clocks(facts: Facts) -> Iterator[Finding]:
    """Clocks that are too far apart."""
    fix = "Set the clocks by the network (chrony, systemd-timesyncd)."
    for store in facts.stores:
        if abs(store.skew) > SKEW:
            sentence = (
                f"The clock of the store {store.connection} is {_apart(store.skew)} this machine's: jobs seem due too early or too late."
            )
            yield Finding(severity=WARNING, code="clock", sentence=sentence, fix=fix)
        for worker in store.workers:
            if worker.ahead > SKEW:
                sentence = f"The clock of the worker {worker.name} is {_apart(worker.ahead)} that of the store {store.connection}."
                yield Finding(severity=WARNING, code="clock", sentence=sentence, fix=fix)


def led(facts: Facts) -> Iterator[Finding]:
    """Nobody who keeps house."""
    for store in facts.stores:
        if store.error is None and store.kind != "memory" and not store.led:
            sentence = f"No web process keeps house for {store.connection}: what is old is removed late, and acts on many jobs go slowly."
            yield Finding(
                severity=NOTE, code="housekeeping", sentence=sentence, fix="horizon serve (with HORIZON_SCHEDULER on, as it is by itself)"
            )


def _workers(facts: Facts) -> Iterator[WorkerFacts]:
    for store in facts.stores:
        yield from store.workers


def _apart(seconds: float) -> str:
    return f"{abs(seconds):.0f} s {'before' if seconds > 0 else 'behind'}"
