"""The newest event ids: to tell that one comes again in another object.

All ids for ever would be without bound, so this knows those of the newest 200 000 to
400 000 records since the start, as 64-bit hashes in two generations: when the young one
is full it becomes the old one, and what was old is forgotten. It takes at most some
30 MB, and a quarter of a microsecond for each record.
"""

from collections.abc import Iterator, Sequence

from anyio.lowlevel import checkpoint

GENERATION_IDS = 200_000
_AT_ONCE = 10_000
"""Ids looked at before others get their turn in the event loop: some 2 ms."""


class RecentIds:
    """Remembers event ids, each generation up to ``most`` and what comes at once."""

    def __init__(self, most: int = GENERATION_IDS) -> None:
        self._most = most
        self._young: set[int] = set()
        self._old: set[int] = set()

    async def take(self, event_ids: Sequence[str]) -> int:
        """Remember one object's ids; return how many of them others have brought.

        An id that this object itself brings twice is no repeat.
        """
        if len(event_ids) <= _AT_ONCE:
            hashes = set(map(hash, event_ids))
            known = self._known(hashes, event_ids)
            self._remember(hashes)
            return known
        known = 0
        for some in _parts(event_ids):
            known += self._known(set(map(hash, some)), some)
            await checkpoint()
        for some in _parts(event_ids):
            self._remember(set(map(hash, some)))
            await checkpoint()
        return known

    def _known(self, hashes: set[int], event_ids: Sequence[str]) -> int:
        if self._young.isdisjoint(hashes) and self._old.isdisjoint(hashes):
            return 0
        return sum(
            each in self._young or each in self._old for each in map(hash, event_ids)
        )

    def _remember(self, hashes: set[int]) -> None:
        self._young |= hashes
        if len(self._young) >= self._most:
            self._young, self._old = set(), self._young


def _parts(event_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(event_ids), _AT_ONCE):
        yield event_ids[start : start + _AT_ONCE]
