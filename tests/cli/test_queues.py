from __future__ import annotations

from tests.cli.conftest import Site


def paused(site: Site) -> list[str]:
    return [queue.name for queue in site.backend().queues.all() if queue.paused]


def test_pause_and_resume(site: Site, horizon) -> None:
    site.push(1, queue="mail")
    assert horizon("pause", "mail", "--reason", "the server moves").output == "Paused mail.\n"
    assert paused(site) == ["mail"]
    assert site.backend().queues.get("mail").paused_reason == "the server moves"
    assert horizon("resume", "mail").output == "Resumed mail.\n"
    assert paused(site) == []


def test_pause_tells_how_many_still_run(site: Site, horizon) -> None:
    site.push(1, queue="mail")
    site.start("mail")
    assert "1 job of it still running" in horizon("pause", "mail").output


def test_all_means_every_queue_there_is(site: Site, horizon) -> None:
    site.push(1, queue="mail")
    site.push(1, queue="reports")
    horizon("pause", "all")
    assert paused(site) == ["mail", "reports"]
    horizon("resume", "all")
    assert paused(site) == []


def test_a_pause_with_an_end(site: Site, horizon) -> None:
    horizon("pause", "mail", "--for", "60")
    until = site.backend().queues.get("mail").paused_until
    assert until is not None
    assert until > site.backend().now()


def test_a_name_that_no_queue_can_have_is_wrong_usage(site: Site, horizon) -> None:
    assert horizon("pause", "with spaces").exit_code == 2
    assert horizon("pause", "mail", "--for", "-1").exit_code == 2
