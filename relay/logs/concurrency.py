"""How many calls a destination takes at once: found out from how it answers. Pure.

One more call at a time for every round of calls that went well; half as many as soon as
calls are throttled, time out or become slow: additive increase, multiplicative
decrease, as TCP does it. Times are arguments, in seconds of one clock.
"""

from typing import Final

INITIAL_CALLS: Final = 4
"""Enough for a large object to be quick, too few to hurt anybody."""

_LEAST_SECS: Final = 0.05
"""Calls quicker than this differ by chance, whatever their ratio."""
_SLOW: Final = 2.0
"""Times the usual duration, smoothed, from which on the destination is overloaded."""
_LARGEST_RATIO: Final = 4.0
"""One call that hangs is chance: with this ratio it takes two to count as slow."""
_SMOOTHING: Final = 0.25
"""Weight of the newest call among the ones before."""
_DRIFT: Final = 0.02
"""What is usual follows slower calls this slowly, and quicker ones at once."""


class AdaptiveLimit:
    """How many calls may be under way to one destination: 1 to ``most``.

    What is usual is told apart by size, in classes of powers of two: a call of 1 MiB
    takes longer than one of a few log events, and that says nothing of the destination.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = float(min(INITIAL_CALLS, most))
        self._usual_secs: dict[int, float] = {}
        self._slowness = 1.0
        self._reduced_at = float("-inf")

    @property
    def calls(self) -> int:
        """How many calls may be under way now."""
        return int(self._limit)

    def succeeded(
        self, *, size_bytes: int, started_at: float, ended_at: float, is_full: bool
    ) -> None:
        """Note a call that went well; ``is_full``: as many were under way as may be.

        A limit that is not used up says nothing of whether a higher one would do.
        """
        if self._is_slow(size_bytes, ended_at - started_at):
            self.overloaded(started_at=started_at, ended_at=ended_at)
        elif is_full:
            self._limit = min(float(self._most), self._limit + 1.0 / self._limit)

    def overloaded(self, *, started_at: float, ended_at: float) -> None:
        """Note a call that was throttled or timed out.

        All calls that were under way then suffer alike: they count once.
        """
        if started_at < self._reduced_at:
            return
        self._limit = max(1.0, self._limit / 2)
        self._reduced_at = ended_at
        self._slowness = 1.0

    def _is_slow(self, size_bytes: int, secs: float) -> bool:
        size_class = size_bytes.bit_length()
        usual_secs = self._usual_secs.get(size_class, secs)
        self._usual_secs[size_class] = min(
            secs, usual_secs + (secs - usual_secs) * _DRIFT
        )
        ratio = min(secs / max(usual_secs, _LEAST_SECS), _LARGEST_RATIO)
        self._slowness += (ratio - self._slowness) * _SMOOTHING
        return self._slowness > _SLOW
