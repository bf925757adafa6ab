"""How many jobs a worker with `--max-jobs` may still start: numbers per executor, in memory that all of them share.

A process writes at its own place only: that it reaches for a start, then that it has one. Marked first and looked at
second, two who reach for the last start cannot both have it (they may both yield, and try again). What is only reached
for is no start: whoever asks meanwhile whether there is one left is told yes. An executor's place is taken over by its
successor, so what the dead one had started still counts.
"""

from __future__ import annotations

import mmap
import os

from horizon.worker.page import shared_file

_WORD = 8


class Tally:
    """Mapped by the guardian and every executor from the same file descriptor."""

    def __init__(self, fd: int, most: int) -> None:
        self.fd, self.most = fd, most
        self._words = memoryview(mmap.mmap(fd, 0)).cast("q")

    @classmethod
    def create(cls, places: int, most: int) -> Tally:
        """For so many executors and jobs; its `fd` is to be handed to the executors."""
        return cls(shared_file(2 * places * _WORD), most)

    def claim(self, place: int) -> bool:
        """Count one more start, if there is room for it."""
        words = self._words
        words[2 * place + 1] = 1
        room = sum(words) <= self.most
        if room:
            words[2 * place] += 1
        words[2 * place + 1] = 0
        return room

    def release(self, place: int) -> None:
        """What was claimed last did not start after all."""
        self._words[2 * place] -= 1

    def left(self) -> int:
        """How many may still start."""
        return max(0, self.most - sum(self._words[::2]))

    def starts(self) -> list[int]:
        """What was counted at every place, at one instant."""
        return self._words[::2].tolist()

    def at(self, place: int) -> int:
        """What was counted at this place."""
        return self._words[2 * place]

    def correct(self, place: int, count: int) -> None:
        """Say what a dead executor really started. Only while nobody is at this place."""
        self._words[2 * place + 1] = 0
        self._words[2 * place] = count

    def close(self) -> None:
        """Close the descriptor; the memory goes with the process."""
        os.close(self.fd)
