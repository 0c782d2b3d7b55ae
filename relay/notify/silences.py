"""Silences: alarms that somebody wants not to be told of for a while; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from relay.config.matchers import Matcher, all_match, parse_matcher
from relay.model import Silence

MAX_REMEMBERED: Final = 20_000
"""Alarm groups of which is known which silences fit them."""


@dataclass(frozen=True, slots=True)
class _Compiled:
    silence: Silence
    matchers: tuple[Matcher, ...]


class Silences:
    """All silences that there are, ended ones included."""

    def __init__(self, silences: Iterable[Silence] = ()) -> None:
        self._silences: dict[str, _Compiled] = {}
        self._fitting: dict[tuple[tuple[str, str], ...], tuple[Silence, ...]] = {}
        self.take(silences)

    def take(self, silences: Iterable[Silence]) -> None:
        """Add ``silences``; one that is known (by id) is replaced.

        Raises PatternError when a matcher is none.
        """
        for silence in silences:
            matchers = tuple(map(parse_matcher, silence.matchers))
            self._silences[silence.id] = _Compiled(silence, matchers)
        self._fitting.clear()

    def all(self) -> Sequence[Silence]:
        """Return all silences, in the order in which they were made."""
        return [each.silence for each in self._silences.values()]

    def forget(self, before: float) -> None:
        """Drop silences that ended before ``before``."""
        self._silences = {
            silence_id: each
            for silence_id, each in self._silences.items()
            if each.silence.ends_at >= before
        }
        self._fitting.clear()

    def unended(self, now: float) -> int:
        """Return how many have not ended at ``now``, whether they have begun or not."""
        return sum(each.silence.ends_at > now for each in self._silences.values())

    def until(self, labels: Mapping[str, str], now: float) -> float | None:
        """Return until when ``labels`` are silenced at ``now``; None: they are not."""
        if not self._silences:
            return None
        return max(
            (
                each.ends_at
                for each in self._all_that_fit(labels)
                if each.starts_at <= now < each.ends_at
            ),
            default=None,
        )

    def _all_that_fit(self, labels: Mapping[str, str]) -> tuple[Silence, ...]:
        """Return the silences that fit ``labels``; the same are asked for often."""
        key = tuple(labels.items())
        found = self._fitting.get(key)
        if found is None:
            if len(self._fitting) >= MAX_REMEMBERED:
                self._fitting.clear()
            found = self._fitting[key] = tuple(
                each.silence
                for each in self._silences.values()
                if all_match(each.matchers, labels)
            )
        return found
