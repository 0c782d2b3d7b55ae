"""Records that were counted and can never be relayed any more: told, and settled.

Without that they would be in flight in the ledger for ever. What is settled here and
comes after all is received again, and relayed like any other object.
"""

from collections.abc import Sequence

from relay.accounting.ledger import Lost
from relay.process import Shared
from relay.state.store import Commit, ObjectMark
from relay.telemetry import get_log

LEFT_BEHIND_SECS = 30 * 86_400.0
"""A message lives at most 14 days (Amazon SQS Developer Guide, "Message quotas"), and
as long again when it was moved back from its dead-letter queue."""

_log = get_log("ledger")


async def settle_overwritten(
    shared: Shared, marks: Sequence[ObjectMark], *, etag: str
) -> None:
    """Settle what was counted of an object's earlier content, now that ``etag`` is it.

    ``marks`` are all of the object, and the caller holds its lock.
    """
    for mark in marks:
        if mark.etag != etag:
            await _settle(shared, mark, Lost.OVERWRITTEN)


async def settle_left_behind(shared: Shared) -> None:
    """Settle what has been in flight for longer than its message can live."""
    before = shared.clock.now() - LEFT_BEHIND_SECS
    for old in await shared.accounting.left_behind(before):
        async with shared.locks.hold((old.bucket, old.key)):
            # It may have been relayed while this waited for its turn.
            marks = await shared.accounting.marks(old.bucket, old.key)
            for mark in marks:
                if mark.etag == old.etag:
                    await _settle(shared, mark, Lost.EXPIRED)


async def _settle(shared: Shared, mark: ObjectMark, reason: Lost) -> None:
    if mark.relayed or not mark.records:
        return
    commit = Commit(at=shared.clock.now())
    shared.ledger.lost(commit, mark, reason)
    await shared.accounting.commit(commit)
    _log.error(
        "records were counted, but can not be relayed any more",
        object=f"s3://{mark.bucket}/{mark.key}",
        etag=mark.etag,
        records=mark.records,
        reason=reason,
    )
