"""A ticket ends when each of its events is accounted for."""

import anyio
import pytest

from relay.errors import Reason, TransientError
from relay.logs.ticket import Ticket
from relay.model import RejectedBy, WriteResult


async def test_no_events_are_done_at_once() -> None:
    """A call without events does not wait."""
    with anyio.fail_after(1):
        assert WriteResult() == await Ticket(0).result()


async def test_outcomes_add_up() -> None:
    """Accepted and rejected events of several batches come together in the result."""
    ticket = Ticket(6)

    ticket.settle(2, {RejectedBy.TOO_OLD: 1})
    ticket.settle(0, {RejectedBy.TOO_OLD: 1, RejectedBy.INVALID: 1})
    ticket.settle(1, {})

    with anyio.fail_after(1):
        result = await ticket.result()
    assert result.accepted == 3
    assert result.rejected == {RejectedBy.TOO_OLD: 2, RejectedBy.INVALID: 1}


async def test_waits_for_the_last_event() -> None:
    """As long as one event is open the caller waits."""
    ticket = Ticket(2)
    ticket.settle(1, {})

    with anyio.move_on_after(0) as scope:
        await ticket.result()

    assert scope.cancelled_caught


async def test_the_first_failure_ends_the_wait() -> None:
    """A failed ticket raises, with the first cause, and wants nothing more sent."""
    ticket = Ticket(2)
    cause = ValueError("first")

    ticket.fail(cause)
    ticket.fail(ValueError("second"))

    with pytest.raises(TransientError, match="first") as raised:
        await ticket.result()
    assert cause is raised.value.__cause__
    assert Reason.INTERNAL is raised.value.reason
    assert ticket.is_abandoned
