"""Remembers which Slack message told of an alarm, so that the rest goes beneath it.

In memory, across reloads: after a restart the end of an older alarm is a message of its
own. Slack offers no cheap way to find a message again.
"""

_MAX_REMEMBERED = 10_000


class Threads:
    """The time stamps that name messages, by channel and by what they told of."""

    def __init__(self) -> None:
        self._stamps: dict[tuple[str, str], str] = {}

    def get(self, channel: str, opened_by: str) -> str | None:
        """Return the message that told of ``opened_by``, where it is known."""
        return self._stamps.get((channel, opened_by))

    def put(self, channel: str, opened_by: str, stamp: str) -> None:
        """Remember ``stamp``; the first one of an alarm stays."""
        self._stamps.setdefault((channel, opened_by), stamp)
        if len(self._stamps) > _MAX_REMEMBERED:
            del self._stamps[next(iter(self._stamps))]

    def forget(self, channel: str, opened_by: str) -> None:
        """Forget a message that takes no answers any more."""
        self._stamps.pop((channel, opened_by), None)
