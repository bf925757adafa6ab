from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from horizon.core import current
from horizon.runtime import Runtime
from tests.jobs.hands import Hands, runtime
from tests.jobs.place import Place
from tests.jobs.sample import Call


@pytest.fixture
def here() -> Iterator[Runtime]:
    """A runtime on a store in memory, which is the one that is meant."""
    made = runtime()
    with current.use(made):
        yield made
    made.close()


@pytest.fixture
def hands(here: Runtime) -> Hands:
    return Hands(here)


@pytest.fixture(autouse=True)
def _fresh_sample() -> Iterator[None]:
    """What one test tells the sample job to do is unknown to the next."""
    Call.acts.clear()
    Call.ended.clear()
    yield
    Call.acts.clear()
    Call.ended.clear()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both databases, their tables made: copied for each test, since making them takes its time."""
    folder = tmp_path_factory.mktemp("template")
    made = Place(folder)
    with made.app.app_context():
        made.db.create_all()
        made.stored()
        made.runtime.close()
        for engine in made.db.engines.values():
            engine.dispose()
    return folder


@pytest.fixture
def place(tmp_path: Path, template: Path) -> Iterator[Place]:
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    made = Place(tmp_path)
    with made.app.app_context(), current.use(made.runtime):
        yield made
        made.session.remove()
        made.runtime.close()
