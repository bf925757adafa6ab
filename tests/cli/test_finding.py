from __future__ import annotations

import json

from horizon.control.views import ViewControl
from horizon.security.permissions import Actor
from tests.cli.conftest import Site

OTTO = Actor(name="otto", role="operator")


def test_watched_tags_are_listed_with_how_many_jobs_carry_each(site: Site, horizon) -> None:
    assert "No tag is watched" in horizon("tags").output
    site.push(3, tags=("tenant:7",))
    assert horizon("tags", "watch", "tenant:7").output == "Watching tenant:7.\n"
    assert horizon("tags", "watch", "tenant:7").output == "tenant:7 is watched already.\n"
    (row,) = json.loads(horizon("tags", "--json").output)["items"]
    assert (row["tag"], row["jobs"], row["counts"]["pending"], row["whole"]) == ("tenant:7", 3, 3, True)
    assert "tenant:7" in horizon("tags").output
    assert horizon("tags", "stop", "tenant:7").exit_code == 0
    assert horizon("tags", "stop", "tenant:7").exit_code == 1


def test_shared_views_are_listed_and_removed_after_a_question(site: Site, horizon) -> None:
    control = ViewControl(site.app.extensions["horizon"].runtime)
    made = control.save(OTTO, "Failed mails", "jobs", "q=tag:mail", shared=True)
    control.save(OTTO, "His own", "jobs", "q=tag:x")
    (row,) = json.loads(horizon("views", "--json").output)["items"]
    assert (row["id"], row["name"], row["owner"]) == (made.id, "Failed mails", "otto")
    assert horizon("views", "remove", made.id).exit_code == 2
    assert horizon("views", "remove", made.id, "--yes").output == "Removed the view Failed mails.\n"
    assert "No view is saved" in horizon("views").output
