"""Executors without processes, and a warden over them."""

from __future__ import annotations

from horizon.core import clock
from horizon.worker import judge
from horizon.worker.judge import Step
from horizon.worker.options import parse
from horizon.worker.page import COMMAND, DOOMED, ENDING, FENCE_AT, PHASE, START_UNTIL, Ending, Page, Phase
from horizon.worker.plan import plan
from horizon.worker.told import Told
from horizon.worker.warden import Warden
from tests.worker.test_options import VALUES


class FakeChild:
    """An executor without a process: tests write its page, and say when it is gone."""

    def __init__(self, orders):
        self.orders, self.number = orders, orders.number
        self.page = Page.create(orders.concurrency)
        self.born = clock.boottime_ns()
        self.pid, self.code, self.left_at = 1000 + orders.number, None, 0
        self.step, self.doom = Step.WAIT, None
        self.cancelled, self.recalled, self.lying, self.before = {}, set(), ("", 0), 0
        self.problems = ()

    def start(self, app, tally):
        self.app = app

    def lease(self, start_until, fence_at):
        self.page.words[START_UNTIL], self.page.words[FENCE_AT] = start_until, fence_at

    def command(self, command):
        self.page.words[COMMAND] = command

    def end(self, step, reason):
        if step > self.step:
            self.step, self.doom = step, self.doom or reason
            self.page.words[DOOMED] = 1

    def gone(self):
        return self.code

    def close(self):
        pass

    @property
    def phase(self):
        return Phase(self.page.words[PHASE])

    @property
    def ending(self):
        return Ending(self.page.words[ENDING])

    # what tests do with it

    def ready(self):
        self.page.words[PHASE] = Phase.READY
        return self

    def run(self, token="t", *, seconds=1.0, timeout=None, slot=0):
        began = clock.boottime_ns() - judge.ns(seconds)
        self.page.begin(slot, token, f"job-{token}", began, began + judge.ns(timeout) if timeout else 0, 7)
        return self

    def die(self, code=-9):
        self.code = code

    def leave(self, ending):
        self.page.words[ENDING], self.page.words[PHASE], self.code = ending, Phase.ENDED, 0


class FakeLedger:
    def __init__(self):
        self.session, self.renewed = "s1", clock.boottime_ns()
        self.buried, self.taken = [], []
        self.handed_out = set()

    def held(self, executor):
        return self.handed_out

    def bury(self, executor, verdicts):
        self.buried.append((executor, verdicts))

    def settle(self):
        return True

    def take_back(self, executor, tokens):
        self.taken.append((executor, tokens))
        return True


def make(*flags):
    told = Told(values={**VALUES, "concurrency": 2}, location="here", warnings=(), problems=())
    made = Warden(plan(parse(flags), told), FakeLedger())
    made.fill()
    return made
