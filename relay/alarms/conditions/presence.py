"""When which values were there: how many different ones a window holds, exactly.

A window is ``width`` buckets long. What is kept of a value are *runs*: buckets with the
value, each no further than ``width`` behind the one before. Every window that touches
a run from its first bucket to its last holds the value, wherever between them it was.
So a value that keeps coming costs as much as one that came once.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec


class Run(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A value was there from bucket ``first`` to bucket ``last``.

    ``touched`` is when a datapoint last came for it, rounded up to a whole bucket of
    the clock.
    """

    value: int
    first: int
    last: int
    touched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """The window that ends at ``end`` holds so many ``distinct`` values."""

    end: int
    distinct: int


class Presence:
    """The runs of all values of one group; ``evicted`` counts those without room."""

    __slots__ = ("_max_runs", "_runs", "_size", "_width", "evicted", "last", "touched")

    def __init__(self, width: int, max_runs: int, saved: Iterable[Run] = ()) -> None:
        self._width = width
        self._max_runs = max_runs
        self._runs: dict[int, list[Run]] = {}
        for run in saved:
            self._runs.setdefault(run.value, []).append(run)
        self._size = 0
        self.evicted = 0
        self.last = self.touched = 0
        self._survey()

    def __len__(self) -> int:
        """Return how many runs there are."""
        return self._size

    def add(self, value: int, bucket: int, touched: int) -> bool:
        """Note that ``value`` was there; return whether that changes anything."""
        runs = self._runs.setdefault(value, [])
        near = [
            run
            for run in runs
            if run.first - self._width <= bucket <= run.last + self._width
        ]
        joined = Run(
            value,
            min([bucket, *(run.first for run in near)]),
            max([bucket, *(run.last for run in near)]),
            max([touched, *(run.touched for run in near)]),
        )
        if near == [joined]:
            return False
        self._runs[value] = [*(run for run in runs if run not in near), joined]
        self._size += 1 - len(near)
        self.last = max(self.last, joined.last)
        self.touched = max(self.touched, joined.touched)
        return True

    def forget(self, oldest: int, touched: float) -> bool:
        """Drop runs that end before ``oldest`` and were last touched by ``touched``.

        Return whether there were any.
        """
        return self._keep(
            run for run in self if run.last >= oldest or run.touched > touched
        )

    def trim(self) -> bool:
        """Drop what is too much, the oldest first; return whether there was any.

        A sixteenth goes at once, so that a flood does not sort them for each value.
        """
        if self._size <= self._max_runs:
            return False
        kept = self._max_runs - self._max_runs // 16
        order = sorted(self, key=lambda run: (run.last, run.first, run.value))
        self.evicted += len(order) - kept
        return self._keep(order[len(order) - kept :])

    def clear(self) -> None:
        """Drop everything."""
        self._keep(())

    def crowd(self, changed: Sequence[int], more_than: int) -> Crowd | None:
        """Return the window with most values, of those that hold a changed bucket.

        None when none has ``more_than`` so many. ``changed`` is in order. Among equals
        the earliest wins.
        """
        if len(self._runs) <= more_than:
            return None
        best: Crowd | None = None
        for first, behind, distinct in self._counts(changed[0] + 1, changed[-1]):
            if distinct <= more_than or (best and distinct <= best.distinct):
                continue
            end = self._fresh_end(first, behind, changed)
            if end is not None:
                best = Crowd(end=end, distinct=distinct)
        return best

    def save(self) -> list[Run]:
        """Return all runs, in any order."""
        return [run for runs in self._runs.values() for run in runs]

    def __iter__(self) -> Iterator[Run]:
        for runs in self._runs.values():
            yield from runs

    def _counts(self, first: int, newest: int) -> Iterator[tuple[int, int, int]]:
        """Yield stretches of ends, each with how many values their windows hold.

        From the end ``first`` up to the last one that holds the bucket ``newest``.
        """
        behind_all = newest + self._width + 1
        changes: list[tuple[int, int]] = []
        for run in self:
            # The ends of the windows that hold the value.
            start, behind = run.first + 1, run.last + self._width + 1
            if start < behind_all and behind > first:
                changes += [(max(start, first), 1), (min(behind, behind_all), -1)]
        changes.sort()
        distinct, since = 0, first
        for end, group in groupby(changes, key=lambda change: change[0]):
            if end > since:
                yield since, end, distinct
            distinct, since = distinct + sum(step for _, step in group), end

    def _fresh_end(self, first: int, behind: int, changed: Sequence[int]) -> int | None:
        """Return the first end from ``first`` on whose window holds one of ``changed``.

        None when it does not lie before ``behind``.
        """
        at = bisect_left(changed, first - self._width)
        end = max(first, changed[at] + 1)  # no stretch begins behind all of them
        return end if end < behind else None

    def _keep(self, runs: Iterable[Run]) -> bool:
        before = self._size
        kept: dict[int, list[Run]] = {}
        for run in runs:
            kept.setdefault(run.value, []).append(run)
        self._runs = kept
        self._survey()
        return self._size < before

    def _survey(self) -> None:
        """Work out anew what is kept beside the runs for speed."""
        self._size = sum(map(len, self._runs.values()))
        self.last = max((run.last for run in self), default=0)
        self.touched = max((run.touched for run in self), default=0)
