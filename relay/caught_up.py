"""How far the source has seen everything that was sent to it.

An alarm on absence must not take a backlog for silence. After a downtime, or while the
queue cannot be reached, what happened meanwhile still waits to be read; nobody may say
that it did not happen.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from relay.clock import Clock
from relay.model import Message

ANSWER_SECS = 2.0
"""A long poll that has waited for longer waits because the queue is empty: SQS answers
one as soon as there is a message ("Amazon SQS short and long polling")."""


@dataclass(slots=True)
class _Uncounted:
    """A message that was received; ``parts`` of it are still to be counted."""

    sent_at: float
    parts: int = 1


class CaughtUp:
    """Follows receives and counts; ``on_moved`` is called when the answer changes.

    What waits for CloudWatch Logs is counted already: an outage there holds back no
    alarm. What failed, and comes again later, is not waited for.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._emptied_at = 0.0
        self._open: list[float] = []
        self._uncounted: dict[str, _Uncounted] = {}
        self.on_moved: Callable[[], None] = lambda: None

    def seen_until(self) -> float:
        """Return the time of which all that was sent before it has been counted.

        In epoch seconds; 0 until the queue was emptied for the first time.
        """
        emptied_at = self._emptied_at
        answered = self._clock.now() - ANSWER_SECS
        if self._open and self._open[0] <= answered:
            emptied_at = max(emptied_at, answered)
        waiting = (each.sent_at for each in self._uncounted.values())
        return min(waiting, default=emptied_at)

    def will_see(self, at: float) -> float | None:
        """Return when ``at`` will have been seen if nothing comes; None: unknown.

        It is asked again after ``on_moved``.
        """
        if self._uncounted or not self._open:
            return None
        return max(at, self._open[0]) + ANSWER_SECS

    def opened(self, at: float) -> None:
        """Note that a long poll was opened."""
        self._open.append(at)
        self.on_moved()

    def closed(self, at: float) -> None:
        """Note that the long poll opened ``at`` has ended, whatever it brought."""
        self._open.remove(at)

    def received(
        self, messages: Iterable[Message], *, began_at: float, is_full: bool
    ) -> None:
        """Note what a receive brought that was begun at ``began_at``.

        ``is_full`` says that it brought as many as were asked for: there may be more.
        """
        for message in messages:
            self._uncounted.setdefault(message.id, _Uncounted(message.sent_at))
        if not is_full:
            self._emptied_at = max(self._emptied_at, began_at)
        self.on_moved()

    def expect(self, message_id: str, parts: int) -> None:
        """Say how many parts of a received message are to be counted."""
        if message_id in self._uncounted:
            self._uncounted[message_id].parts = parts

    def counted(self, message_id: str) -> None:
        """Note that one part of a message is counted, or failed."""
        message = self._uncounted.get(message_id)
        if message is not None:
            message.parts -= 1
            if message.parts <= 0:
                self.settled(message_id)

    def settled(self, message_id: str) -> None:
        """Note that nothing more of a message will be counted for now."""
        if self._uncounted.pop(message_id, None) is not None:
            self.on_moved()
