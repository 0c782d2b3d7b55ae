"""A quarantine in memory, as the pipeline sees one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from relay.errors import RejectedError, TransientError
from relay.faults import Failure
from relay.model import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What was put once."""

    message: Message
    failures: Sequence[Failure]
    is_whole: bool


@dataclass(slots=True, kw_only=True)
class FakeQuarantine:
    """Implements relay.set_aside.Quarantine; ``faults`` are raised by the next puts."""

    max_receives: int = 2
    kept: list[Kept] = field(default_factory=list)
    faults: list[TransientError | RejectedError] = field(default_factory=list)

    async def put(
        self, message: Message, failures: Sequence[Failure], *, is_whole: bool
    ) -> None:
        """Keep what failed of ``message``, or raise the next fault."""
        if self.faults:
            raise self.faults.pop(0)
        self.kept.append(Kept(message=message, failures=failures, is_whole=is_whole))

    @property
    def keys(self) -> list[list[str]]:
        """The keys of the objects that failed, of each put."""
        return [
            [each.delivery.key for each in kept.failures if each.delivery is not None]
            for kept in self.kept
        ]
