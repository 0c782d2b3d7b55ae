"""relay.backoff: how long a retry waits, and when it stops."""

import pytest

from relay.backoff import Backoff, retry
from relay.errors import Reason, RejectedError, TransientError
from tests.support.clock import EagerClock

BACKOFF = Backoff(base_secs=1.0, cap_secs=10.0)


class Flaky:
    """An operation that raises the given errors in turn, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        """Raise the next error, or answer."""
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def transient(*, retry_after_secs: float | None = None) -> TransientError:
    """Return an error that may pass."""
    return TransientError(
        "busy", reason=Reason.THROTTLED, retry_after_secs=retry_after_secs
    )


@pytest.mark.parametrize(
    ("attempt", "longest"), [(0, 1.0), (1, 2.0), (3, 8.0), (4, 10.0), (10**6, 10.0)]
)
def test_wait_is_drawn_below_a_doubling_ceiling(attempt: int, longest: float) -> None:
    """The ceiling doubles up to the cap; the draw spreads waits between 0 and it."""
    draws = iter((0.0, 0.5, 1.0))

    waits = [BACKOFF.delay_secs(attempt, draw=draws.__next__) for _ in range(3)]

    assert waits == [0.0, longest / 2, longest]


async def test_retries_until_it_succeeds() -> None:
    """Transient errors are reported with their number and tried again."""
    operation, seen = Flaky(transient(), transient()), []

    answer = await retry(
        operation,
        backoff=BACKOFF,
        clock=EagerClock(),
        on_failure=lambda error, attempt, wait: seen.append((error.reason, attempt)),
    )

    assert answer == "answer"
    assert seen == [(Reason.THROTTLED, 0), (Reason.THROTTLED, 1)]


async def test_final_error_is_not_retried() -> None:
    """What will fail again is raised at once."""
    operation = Flaky(RejectedError("no", reason=Reason.INVALID))

    with pytest.raises(RejectedError):
        await retry(
            operation,
            backoff=BACKOFF,
            clock=EagerClock(),
            on_failure=lambda *_: None,
        )

    assert operation.calls == 1


async def test_peers_wish_is_a_lower_bound() -> None:
    """Retry-After is honoured even when the draw says less."""
    clock = EagerClock()

    await retry(
        Flaky(transient(retry_after_secs=120.0)),
        backoff=BACKOFF,
        clock=clock,
        on_failure=lambda *_: None,
    )

    assert clock.slept == [120.0]


async def test_attempts_can_be_bounded() -> None:
    """After the last allowed attempt its error is raised, without another wait."""
    operation, clock = Flaky(transient(), transient(), transient()), EagerClock()

    with pytest.raises(TransientError):
        await retry(
            operation,
            backoff=BACKOFF,
            clock=clock,
            on_failure=lambda *_: None,
            max_attempts=2,
        )

    assert operation.calls == 2
    assert len(clock.slept) == 1
