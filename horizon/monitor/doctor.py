"""What is wrong with an installation, and how to put it right. Pure: facts in, findings out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)
SKEW = 2.0
"""Seconds by which two clocks may differ."""
LEAST_FREE = 500_000_000
"""Bytes of free disk below which a store is about to be full."""
LARGEST_LOG = 256_000_000
"""Bytes of a write-ahead log that nobody could copy back for too long."""
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs"})  # fmt: skip
"""File systems on which SQLite's locks cannot be relied on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that somebody should know."""

    severity: str
    """`error`: jobs do not run, or nobody comes in; `warning`: it will hurt one day; `note`: good to know."""
    code: str
    sentence: str
    fix: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerFacts:
    """A living worker."""

    name: str
    versions: Sequence[str] = ()
    """Of the app's code."""
    old: bool = False
    """It runs older code than the newest there is."""
    version: str | None = None
    """Of Horizon."""
    ahead: float = 0.0
    """Seconds by which its clock runs before the store's, as far as what it reports shows it."""
    problems: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFacts:
    """The file of a SQLite store."""

    journal: str = "wal"
    synchronous: str = "FULL"
    filesystem: str = ""
    """Its type, empty where that cannot be told."""
    free: int | None = None
    """Bytes left on its disk."""
    log: int = 0
    """Bytes of its write-ahead log."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreFacts:
    """One connection."""

    connection: str
    kind: str
    location: str
    error: str | None = None
    """Why it does not answer; nothing else is known of it then."""
    skew: float = 0.0
    """Seconds by which its clock runs before this machine's."""
    led: bool = True
    """Some process keeps house."""
    unserved: Sequence[tuple[str, int]] = ()
    """(queue, waiting jobs) of queues that no living worker takes from."""
    waiting: int = 0
    workers: Sequence[WorkerFacts] = ()
    file: FileFacts | None = None
    schema: str | None = None
    """What is wrong with its tables."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Everything that was found out."""

    version: str
    """Of Horizon, here."""
    code_version: str | None = None
    """Of the app's code, here."""
    debug: bool = False
    secret_key: bool = True
    door: str = "auth"
    """Who lets people in: `auth` (HORIZON_AUTH), `users` (our log-in page), `tokens` only, or `nobody`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """By name, without the prefix."""
    misspelt: Sequence[str] = ()
    """Sentences about settings that do not exist."""
    imports: Sequence[tuple[str, str]] = ()
    """(module, why) of HORIZON_IMPORTS that cannot be imported."""
    stores: Sequence[StoreFacts] = ()


Rule = Callable[[Facts], Iterator[Finding]]


def examine(facts: Facts) -> list[Finding]:
    """What was found, the worst first."""
    found = [finding for rule in RULES for finding in rule(facts)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def is_wrong(findings: Sequence[Finding]) -> bool:
    """Whether somebody has to do something."""
    return any(finding.severity != NOTE for finding in findings)


# stores -----------------------------------------------------------------------------------------------------------------


def _stores(facts: Facts) -> Iterator[Finding]:
    for store in facts.stores:
        if store.error is not None:
            fix = "Look at its address (HORIZON_URL, HORIZON_CONNECTIONS), and at whether this machine reaches it."
            yield Finding(severity=ERROR, code="store", sentence=f"The store {store.connection} does not answer: {store.error}", fix=fix)
        elif store.kind == "memory":
            yield Finding(
                severity=ERROR if store.connection == "default" else WARNING,
                code="memory",
                sentence=f"The store {store.connection} lives in the memory of each process, so no worker can reach its jobs.",
                fix="Give it a file: HORIZON_URL=sqlite:///horizon.db",
            )
        if store.schema is not None:
            yield Finding(
                severity=ERROR, code="schema", sentence=f"The tables of {store.location}: {store.schema}", fix="horizon db upgrade"
            )


def _files(facts: Facts) -> Iterator[Finding]:
    for store in facts.stores:
        if store.file is not None:
            yield from _file(store.location, store.file)


def _file(where: str, file: FileFacts) -> Iterator[Finding]:
    if file.filesystem in NETWORK:
        sentence = f"{where} lies on a network file system ({file.filesystem}), where SQLite's locks do not hold."
        yield Finding(severity=ERROR, code="network", sentence=sentence, fix="Put the file on a disk of this machine.")
    if file.journal != "wal":
        sentence = f"{where} has no write-ahead log (journal_mode is {file.journal}): web and workers wait for each other."
        yield Finding(
            severity=WARNING, code="journal", sentence=sentence, fix="Put the file where a write-ahead log works: on a local disk."
        )
    if file.synchronous != "FULL":
        sentence = f"{where} is written with synchronous={file.synchronous}: a power cut can take the last commits with it."
        yield Finding(severity=NOTE, code="synchronous", sentence=sentence, fix="HORIZON_SQLITE_SYNCHRONOUS=FULL keeps them.")
    if file.free is not None and file.free < LEAST_FREE:
        sentence = f"Only {file.free / 1_000_000:,.0f} MB are left on the disk of {where}."
        yield Finding(
            severity=WARNING,
            code="disk",
            sentence=sentence,
            fix="Make room, or keep less: HORIZON_KEEP_COMPLETED, HORIZON_KEEP_COMPLETED_JOBS.",
        )
    if file.log > LARGEST_LOG:
        sentence = f"The write-ahead log of {where} has {file.log / 1_000_000:,.0f} MB: some process has been reading for very long."
        yield Finding(severity=WARNING, code="log", sentence=sentence, fix="Find who holds the file open (lsof), and end that reading.")


# workers ----------------------------------------------------------------------------------------------------------------


def _nobody_works(facts: Facts) -> Iterator[Finding]:
    answering = [store for store in facts.stores if store.error is None and store.kind != "memory"]
    if answering and not any(store.workers for store in answering):
        waiting = sum(store.waiting for store in answering)
        jobs = f", and {waiting:,} {'job waits' if waiting == 1 else 'jobs wait'}" if waiting else ""
        yield Finding(severity=ERROR, code="no_worker", sentence=f"No worker is running{jobs}.", fix="horizon work")


def _unserved(facts: Facts) -> Iterator[Finding]:
    for store in facts.stores:
        for queue, waiting in store.unserved if any(other.workers for other in facts.stores) else ():
            sentence = (
                f"Nobody serves the queue {queue} of {store.connection}, where {waiting:,} {'job waits' if waiting == 1 else 'jobs wait'}."
            )
            yield Finding(
                severity=ERROR, code="unserved", sentence=sentence, fix=f"horizon work --queue {queue} (or a worker without --queue)"
            )


def _old(facts: Facts) -> Iterator[Finding]:
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


def _marks(facts: Facts) -> Iterator[Finding]:
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


def _clocks(facts: Facts) -> Iterator[Finding]:
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


def _led(facts: Facts) -> Iterator[Finding]:
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


# settings and doors -----------------------------------------------------------------------------------------------------


def _door(facts: Facts) -> Iterator[Finding]:
    if facts.door == "nobody":
        where = "In debug mode it opens to this machine only." if facts.debug else "Nobody can come in."
        yield Finding(
            severity=NOTE if facts.debug else WARNING,
            code="closed",
            sentence=f"The dashboard is closed: there is neither HORIZON_AUTH nor a user. {where}",
            fix="horizon users add NAME --role admin, or set HORIZON_AUTH",
        )
    if not facts.secret_key:
        needed = facts.door == "users"
        yield Finding(
            severity=ERROR if needed else WARNING,
            code="secret_key",
            sentence="The app has no SECRET_KEY" + (", so nobody can sign in." if needed else ", with which cookies are signed."),
            fix='app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]; make one with: python -c \'import secrets; print(secrets.token_hex(32))\'',
        )


def _settings(facts: Facts) -> Iterator[Finding]:
    for sentence in facts.misspelt:
        yield Finding(severity=WARNING, code="unknown_setting", sentence=sentence, fix="Correct its name, or remove it.")
    for wrong, sentence, fix in _contradictions(facts.settings):
        if wrong:
            yield Finding(severity=WARNING, code="settings", sentence=sentence, fix=fix)


def _contradictions(given: Mapping[str, Any]) -> Iterator[tuple[bool, str, str]]:
    """(whether it is so, sentence, fix)"""

    def number(name: str, default: float) -> float:
        value = given.get(name)
        return float(value) if isinstance(value, (int, float)) else default

    lease, busy, undo = number("LEASE", 15), number("SQLITE_BUSY_TIMEOUT", 10), number("UNDO", 3600)
    yield (
        busy >= lease,
        f"HORIZON_SQLITE_BUSY_TIMEOUT ({busy:g} s) is not below HORIZON_LEASE ({lease:g} s): a busy store costs workers their jobs.",
        "Raise HORIZON_LEASE, or lower the other.",
    )
    for kind in ("COMPLETED", "FAILED", "CANCELLED"):
        kept = number(f"KEEP_{kind}", undo)
        yield (
            kept < undo,
            f"HORIZON_KEEP_{kind} ({kept:g} s) is shorter than HORIZON_UNDO ({undo:g} s): some of what is forgotten cannot be restored for so long.",
            f"Raise HORIZON_KEEP_{kind}, or lower HORIZON_UNDO.",
        )
    memory = number("MEMORY", 0)
    yield (
        0 < memory < 50,
        f"HORIZON_MEMORY ({memory:g} MB) is less than a Python process with an app takes: executors are replaced after every job.",
        "Raise it to some hundred MB, or set it to 0 for never.",
    )
    addresses = [str(value) for value in given.get("ADDRESSES", ())]
    yield (
        len(set(addresses)) < len(addresses),
        "Two connections have the same address: their jobs are the same jobs, shown and counted twice.",
        "Leave one of them out of HORIZON_CONNECTIONS.",
    )


def _imports(facts: Facts) -> Iterator[Finding]:
    for module, why in facts.imports:
        sentence = f"The module {module} of HORIZON_IMPORTS cannot be imported, so its jobs are unknown: {why}"
        yield Finding(severity=ERROR, code="import", sentence=sentence, fix="Mend the module, or take it out of HORIZON_IMPORTS.")


RULES: tuple[Rule, ...] = (_stores, _nobody_works, _unserved, _imports, _door, _files, _settings, _old, _marks, _clocks, _led)
