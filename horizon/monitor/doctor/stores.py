"""What can be wrong with a store: that it does not answer, its tables, its file."""

from __future__ import annotations

from collections.abc import Iterator

from horizon.monitor.doctor.facts import ERROR, NOTE, WARNING, Facts, FileFacts, Finding

LEAST_FREE = 500_000_000
"""Bytes of free disk below which a store is about to be full."""
LARGEST_LOG = 256_000_000
"""Bytes of a write-ahead log that nobody could copy back for too long."""
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs"})  # fmt: skip
"""File systems on which SQLite's locks cannot be relied on."""


def answering(facts: Facts) -> Iterator[Finding]:
    """A store that does not answer, that no worker can reach, or whose tables are of another version."""
    for store in facts.stores:
        if store.error is not None:
            fix = "Look at its address (HORIZON_URL, HORIZON_CONNECTIONS), and at whether this machine reaches it."
            instead = f" Jobs dispatched to it go to {store.instead} meanwhile." if store.instead else ""
            sentence = f"The store {store.connection} does not answer: {store.error}"
            yield Finding(severity=ERROR, code="store", sentence=f"{sentence.rstrip('.')}.{instead}" if instead else sentence, fix=fix)
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


def parked(facts: Facts) -> Iterator[Finding]:
    """Jobs on their way from one store to another."""
    for store in facts.stores:
        for to, jobs in store.parked:
            many = f"1 job of {store.connection} is" if jobs == 1 else f"{jobs:,} jobs of {store.connection} are"
            fix = f"It ends by itself once {to} answers and a web process runs; or now: horizon move --from {store.connection} --to {to}"
            yield Finding(severity=WARNING, code="parked", sentence=f"{many} on the way to {to}; no worker takes them meanwhile.", fix=fix)


def servers(facts: Facts) -> Iterator[Finding]:
    """What a server is set to that could lose jobs."""
    for store in facts.stores:
        for sentence in store.warnings:
            what, _, fix = sentence.partition(": ")
            yield Finding(severity=WARNING, code="server", sentence=f"{store.location}: {what}.", fix=fix or "Look at its settings.")


def files(facts: Facts) -> Iterator[Finding]:
    """What can be wrong with the file of a SQLite store."""
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
