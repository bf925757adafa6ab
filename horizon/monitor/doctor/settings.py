"""What can be wrong with the settings: doors, names, values that contradict each other, modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from horizon.monitor.doctor.facts import ERROR, NOTE, WARNING, Facts, Finding


def door(facts: Facts) -> Iterator[Finding]:
    """Nobody can come in, or their cookies cannot be signed."""
    if facts.door == "nobody":
        where = (
            "In debug mode it opens to this machine only."
            if facts.debug
            else "Nobody can come in, save from this machine while it runs in debug mode."
        )
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


def settings(facts: Facts) -> Iterator[Finding]:
    """Names that do not exist, values that contradict each other."""
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


def imports(facts: Facts) -> Iterator[Finding]:
    """Modules that cannot be imported."""
    for module, why in facts.imports:
        sentence = f"The module {module} of HORIZON_IMPORTS cannot be imported, so its jobs are unknown: {why}"
        yield Finding(severity=ERROR, code="import", sentence=sentence, fix="Mend the module, or take it out of HORIZON_IMPORTS.")
