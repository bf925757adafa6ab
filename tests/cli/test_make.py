from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from click.testing import CliRunner

from horizon import Job
from horizon.cli.group import LATER, cli
from horizon.cli.make import names


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_job_file_is_started_that_runs_as_it_stands_without_an_app(here: Path) -> None:
    done = CliRunner().invoke(cli, ["make:job", "SendInvoice"])
    assert done.exit_code == 0, done.output
    path = here / "jobs" / "send_invoice.py"
    assert path.relative_to(here).as_posix() in done.output
    assert 'HORIZON_IMPORTS = ["jobs.send_invoice"]' in done.output
    assert (here / "jobs" / "__init__.py").exists()
    spec = importlib.util.spec_from_file_location("send_invoice_of_a_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert issubclass(module.SendInvoice, Job)
    assert module.SendInvoice().queue == "default"


def test_a_file_that_is_there_is_not_written_over_unasked(here: Path) -> None:
    for _ in range(2):
        done = CliRunner().invoke(cli, ["make:job", "tidy", "--folder", "."])
    assert (done.exit_code, "is there already" in done.output) == (2, True)
    (here / "tidy.py").write_text("old")
    assert CliRunner().invoke(cli, ["make:job", "tidy", "--folder", ".", "--force"]).exit_code == 0
    assert "class Tidy(Job)" in (here / "tidy.py").read_text()


@pytest.mark.parametrize("said", ["SendSMSJob", "send-sms-job", "sendSmsJob"])
def test_a_name_may_be_spelt_as_one_likes(said: str) -> None:
    cls, module = names(said)
    assert (cls.lower(), module) == ("sendsmsjob", "send_sms_job")


@pytest.mark.parametrize("said", ["", "../x", "1st", "a b", "naïve", "class", "_"])
def test_what_names_no_class_is_refused(here: Path, said: str) -> None:
    done = CliRunner().invoke(cli, ["make:job", "--", said])
    assert (done.exit_code, "such as SendInvoice" in done.output) == (2, True)
    assert not list(here.iterdir())


@pytest.mark.parametrize("verb", LATER)
def test_a_verb_that_comes_later_is_told_so_instead_of_one_that_looks_alike(verb: str) -> None:
    done = CliRunner().invoke(cli, [verb])
    assert done.exit_code == 2
    assert "comes with a later release" in done.output
    assert "did you mean" not in done.output
