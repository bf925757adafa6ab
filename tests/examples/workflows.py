"""Workflows: as `api.md` has it."""

# ruff: noqa
# fmt: off
from horizon import workflow
from tests.examples.group_jobs import Clean, Enrich, Extract, Load

# --- as on the page ---
with workflow("Nightly") as w:                           # any DAG: fan out, fan in
    a = w.add(Extract()); b = w.add(Clean(), after=[a]); c = w.add(Enrich(), after=[a]); w.add(Load(), after=[b, c])
