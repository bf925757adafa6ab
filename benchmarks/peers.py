"""The other queues: which version, how its documentation starts it in production, and what it promises for that.

What is said of a peer was read in its documentation and source; no fault was injected into any of them here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One queue. `worker`: the command of a worker, where `{bin}` is its environment's and `{processes}` how many processes
    it starts by itself; a command without `{processes}` is started so many times. `drain`: how many jobs it is given."""

    name: str
    pins: Sequence[str]
    module: str
    worker: Sequence[str]
    setting: str
    keeps: str
    one: int
    drain: int
    many: int = 0
    """How many jobs are enqueued together; 0: it has no call for that."""
    least: tuple[int, int] = (3, 11)
    """The oldest Python it runs on."""
    prepares: bool = False
    """Whether its tables are made beforehand."""


HERE = "benchmarks.programs.peers"
DRIVER = "psycopg[binary]==3.3.9"
PGQUEUER = ("pgqueuer[asyncpg]==1.6.0", "uvloop==0.23.0")
OBAN = ("oban==0.7.0", DRIVER)

REDIS = (
    Peer(
        name="dramatiq",
        pins=("dramatiq[redis]==2.2.1", "hiredis"),
        module=f"{HERE}.dramatiq_app",
        worker=("{bin}/dramatiq", f"{HERE}.dramatiq_app", "-p", "{processes}"),
        setting="its defaults: 8 threads a process",
        keeps="killed worker: its jobs run again after 60 s; no results, no state of a job",
        one=2_000,
        drain=6_000,
    ),
    Peer(
        name="taskiq",
        pins=("taskiq==0.13.0", "taskiq-redis==1.2.4", "uvloop==0.23.0"),
        module=f"{HERE}.taskiq_app",
        worker=("{bin}/taskiq", "worker", f"{HERE}.taskiq_app:broker", "-w", "{processes}", "--log-level", "WARNING"),
        setting="stream broker, its defaults",
        keeps="killed worker: its jobs run again after 10 min; no results, no state of a job",
        one=1_000,
        drain=5_000,
    ),
    Peer(
        name="rq",
        pins=("rq==3.0.0", "hiredis"),
        module=f"{HERE}.rq_app",
        worker=("{bin}/rq", "worker", "-q", "-w", "rq.worker.SimpleWorker", "--url", "{store}", "default"),
        setting="SimpleWorker (its default forks for every job, five times slower)",
        keeps="killed worker: its job is listed as failed; state of each job, result for 500 s",
        one=1_000,
        many=5_000,
        drain=500,
    ),
    Peer(
        name="celery",
        pins=("celery[redis]==5.7.0", "hiredis"),
        module=f"{HERE}.celery_app",
        worker=("{bin}/celery", "-A", f"{HERE}.celery_app", "worker", "-c", "{processes}", "-l", "ERROR"),
        setting="prefork, acks late, no results",
        keeps="killed worker: its jobs run again after 1 h; no results, no state of a job",
        one=1_000,
        drain=1_000,
    ),
    Peer(
        name="saq",
        pins=("saq[redis,hiredis]==0.26.4", "typing_extensions"),  # which it imports and does not ask for
        module=f"{HERE}.saq_app",
        worker=("{bin}/saq", f"{HERE}.saq_app.settings", "--workers", "{processes}", "--quiet"),
        setting="its defaults: 10 at a time",
        keeps="killed worker: its job is swept after its timeout; state of each job for 600 s",
        one=1_000,
        drain=1_500,
    ),
)
POSTGRES = (
    Peer(
        name="oban",
        pins=OBAN,
        module=f"{HERE}.oban_app",
        worker=("{bin}/python", "-m", f"{HERE}.oban_app", "work", "50"),
        setting="50 at a time, its best",
        keeps="killed worker: its jobs are rescued later; state of each job until pruned",
        one=500,
        many=2_000,
        drain=3_000,
        least=(3, 12),
        prepares=True,
    ),
    Peer(
        name="pgqueuer",
        pins=PGQUEUER,
        module=f"{HERE}.pgqueuer_app",
        worker=("{bin}/python", "-m", f"{HERE}.pgqueuer_app", "work", "10"),
        setting="its defaults: batches of 10",
        keeps="killed worker: its jobs run again after 30 s; a job's row is deleted at its end, a line in a log stays",
        one=500,
        many=10_000,
        drain=6_000,
        prepares=True,
    ),
    Peer(
        name="pgqueuer, 100",
        pins=PGQUEUER,
        module=f"{HERE}.pgqueuer_app",
        worker=("{bin}/python", "-m", f"{HERE}.pgqueuer_app", "work", "100"),
        setting="batches of 100",
        keeps="as above",
        one=500,
        many=10_000,
        drain=10_000,
        prepares=True,
    ),
    Peer(
        name="procrastinate",
        pins=("procrastinate==3.10.0", DRIVER),
        module=f"{HERE}.procrastinate_app",
        worker=("{bin}/python", "-m", f"{HERE}.procrastinate_app", "work", "10"),
        setting="10 at a time",
        keeps="killed worker: its job stays `doing` until a task of the app's rescues it; row and events of each job",
        one=300,
        many=2_000,
        drain=500,
        prepares=True,
    ),
)
SQLITE = (
    Peer(
        name="huey",
        pins=("huey==3.5.4",),
        module=f"{HERE}.huey_app",
        worker=("{bin}/huey_consumer", f"{HERE}.huey_app.huey", "-w", "{processes}", "-k", "process", "-q"),
        setting="worker processes, `synchronous=OFF` (its default)",
        keeps="killed worker: its job is lost; no state of a job",
        one=2_000,
        drain=4_000,
    ),
)
PEERS: dict[str, tuple[Peer, ...]] = {"redis": REDIS, "postgres": POSTGRES, "sqlite": SQLITE, "mysql": ()}
