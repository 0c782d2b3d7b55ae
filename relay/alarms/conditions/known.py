"""The values that a group has seen within some time, in bounded memory.

Times are kept in *grains*: a thirty-second of the time that values are remembered, so
that a value which keeps coming changes nothing most of the time, and need not be saved.
A value is remembered for at least the whole time, and at most for one grain more.
"""

import math
from collections.abc import Iterable

import msgspec

from relay.alarms.conditions.terms import DIGEST_BYTES

_GRAINS = 32


class Grain(msgspec.Struct, array_like=True, frozen=True):
    """Saved: the values (eight bytes each) that were seen last in one grain."""

    number: int
    values: bytes


class KnownValues:
    """Values as ``relay.alarms.conditions.terms`` digests them, each with its grain.

    ``evicted`` counts those that had to go for lack of room. What was last seen before
    the grain ``oldest`` has been forgotten, up to when that grain was reached; later a
    late event may have brought some of it again.
    """

    __slots__ = ("_grain_secs", "_max_values", "_newest", "_seen", "evicted", "oldest")

    def __init__(
        self,
        within_secs: float,
        max_values: int,
        saved: Iterable[Grain] = (),
        *,
        oldest: int = 0,
    ) -> None:
        self._grain_secs = within_secs / _GRAINS
        self._max_values = max_values
        self._seen = {
            int.from_bytes(grain.values[start : start + DIGEST_BYTES], "big"): (
                grain.number
            )
            for grain in saved
            for start in range(0, len(grain.values), DIGEST_BYTES)
        }
        self._newest = max(self._seen.values(), default=0)
        self.evicted = 0
        self.oldest = oldest

    def __len__(self) -> int:
        return len(self._seen)

    def is_known(self, value: int, time: float) -> bool:
        """Return whether ``value`` was seen before ``time``, and not too long."""
        seen = self._seen.get(value)
        return seen is not None and self._grain(time) - seen <= _GRAINS

    def see(self, value: int, time: float) -> bool:
        """Note ``value``; return whether that changes anything."""
        grain = self._grain(time)
        if self._seen.get(value, grain - 1) >= grain:
            return False
        self._seen[value] = grain
        self._newest = max(self._newest, grain)
        return True

    def forget(self, watermark: float) -> bool:
        """Drop what no event after ``watermark`` can know; return whether any was."""
        oldest = self._grain(watermark) - _GRAINS
        if oldest <= self.oldest:
            return False
        self.oldest = oldest
        kept = {value: seen for value, seen in self._seen.items() if seen >= oldest}
        is_change = len(kept) < len(self._seen)
        self._seen = kept
        return is_change

    def trim(self) -> None:
        """Make room when there are too many: those not seen for the longest time go.

        A sixteenth goes at once, so that a flood does not sort them for each value.
        """
        if len(self._seen) <= self._max_values:
            return
        kept = self._max_values - self._max_values // 16
        order = sorted(self._seen.items(), key=lambda each: (each[1], each[0]))
        self.evicted += len(order) - kept
        self._seen = dict(order[len(order) - kept :])

    def forgotten_at(self) -> float | None:
        """Return the watermark at which all values may go; None without any."""
        return (self._newest + _GRAINS + 1) * self._grain_secs if self._seen else None

    def clear(self) -> None:
        """Drop everything."""
        self._seen = {}
        self._newest = 0

    def save(self) -> list[Grain]:
        """Return everything, the oldest grain first."""
        grains: dict[int, list[int]] = {}
        for value, seen in self._seen.items():
            grains.setdefault(seen, []).append(value)
        return [
            Grain(
                number,
                b"".join(
                    [value.to_bytes(DIGEST_BYTES, "big") for value in grains[number]]
                ),
            )
            for number in sorted(grains)
        ]

    def _grain(self, time: float) -> int:
        return math.floor(time / self._grain_secs)
