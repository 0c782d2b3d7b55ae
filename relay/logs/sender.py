"""Send one batch until every event of it is accounted for, whatever the service says.

acknowledged          settle, less what rejectedLogEventsInfo names
throttled, 5xx, net   back off and try again, without end
a person must act     the same, more slowly, and logged as an error
no group, no stream   make them, then again
batch refused         halve it until the event that is to blame stands alone
"""

from collections import Counter
from collections.abc import Mapping
from functools import partial

from relay.aws.errors import PASSING
from relay.backoff import Backoff, retry
from relay.clock import Clock
from relay.errors import Reason, RejectedError, TransientError
from relay.logs.batching import Batch
from relay.logs.put import Answer, BatchRefusedError, Put
from relay.logs.rejections import rejected_ranges
from relay.logs.streams import Streams
from relay.logs.ticket import Ticket
from relay.logs.way import Way
from relay.model import Destination, RejectedBy
from relay.telemetry import Telemetry, get_log

log = get_log("logs")

SERVICE_BACKOFF = Backoff(base_secs=0.2, cap_secs=30.0)
OPERATOR_BACKOFF = Backoff(base_secs=1.0, cap_secs=60.0)


class _OperatorNeededError(RejectedError):
    """The call cannot succeed before a person has changed something."""


class Sender:
    """Puts batches; knows nothing of queues."""

    def __init__(
        self,
        put: Put,
        streams: Streams,
        *,
        telemetry: Telemetry,
        clock: Clock,
    ) -> None:
        self._put = put
        self._streams = streams
        self._telemetry = telemetry
        self._clock = clock

    async def send(self, way: Way, batch: Batch[Ticket]) -> None:
        """Settle every event of ``batch`` with its ticket.

        Returns early, with nothing settled, when all of its tickets are abandoned.
        """
        succeeded = False
        try:
            answer = await self._until_answered(way, batch)
            succeeded = True
        except BatchRefusedError as error:
            self._telemetry.put_errors.labels(error.reason).inc()
            await self._isolate(way, batch, cause=error)
            return
        finally:
            way.outage.ended(batch, succeeded=succeeded)
        if answer is not None:
            self._settle(way.destination, batch, answer)

    def report(
        self, destination: Destination, counts: Mapping[RejectedBy, int], *, cause: str
    ) -> None:
        """Count and log events that CloudWatch Logs does not keep, by reason."""
        for reason, count in counts.items():
            self._telemetry.log_events_rejected.labels(reason).inc(count)
            log.error(
                "log events rejected",
                group=destination.group,
                stream=destination.stream,
                reason=reason,
                events=count,
                cause=cause,
            )

    async def _until_answered(self, way: Way, batch: Batch[Ticket]) -> Answer | None:
        """Return the answer; None when nobody waits for it.

        Raises BatchRefusedError.
        """

        def failed(
            error: TransientError, _attempt: int, _wait_secs: float, *, operator: bool
        ) -> None:
            self._telemetry.put_errors.labels(error.reason).inc()
            way.outage.failed(batch, error, needs_operator=operator)

        async def while_permitted() -> Answer | None:
            try:
                return await retry(
                    partial(self._attempt, way, batch),
                    backoff=SERVICE_BACKOFF,
                    clock=self._clock,
                    on_failure=partial(failed, operator=False),
                )
            except _OperatorNeededError as error:
                raise TransientError(str(error), reason=error.reason) from error

        return await retry(
            while_permitted,
            backoff=OPERATOR_BACKOFF,
            clock=self._clock,
            on_failure=partial(failed, operator=True),
        )

    async def _attempt(self, way: Way, batch: Batch[Ticket]) -> Answer | None:
        if all(part.owner.is_abandoned for part in batch.parts):
            return None
        try:
            return await self._put_or_make(way, batch)
        except BatchRefusedError:
            raise
        except (TransientError, RejectedError) as error:
            if error.reason in PASSING:
                raise
            raise _OperatorNeededError(str(error), reason=error.reason) from error

    async def _put_or_make(self, way: Way, batch: Batch[Ticket]) -> Answer:
        try:
            return await self._put(way, batch.events)
        except RejectedError as error:
            if error.reason is not Reason.NOT_FOUND:
                raise
            self._telemetry.put_errors.labels(error.reason).inc()
        await self._streams.ensure(way.destination)
        try:
            return await self._put(way, batch.events)
        except RejectedError as error:
            if error.reason is not Reason.NOT_FOUND:
                raise
            # Made a moment ago and not yet known everywhere.
            raise TransientError(str(error), reason=Reason.UNAVAILABLE) from error

    async def _isolate(
        self, way: Way, batch: Batch[Ticket], *, cause: RejectedError
    ) -> None:
        """Send the halves of a refused batch; give up on an event that stands alone."""
        if len(batch.events) > 1:
            for half in batch.halves():
                await self.send(way, half)
            return
        self.report(way.destination, {RejectedBy.INVALID: 1}, cause=str(cause))
        batch.parts[0].owner.settle(0, {RejectedBy.INVALID: 1})

    def _settle(
        self, destination: Destination, batch: Batch[Ticket], answer: Answer
    ) -> None:
        kept: Counter[Ticket] = Counter()
        for part in batch.parts:
            kept[part.owner] += len(part.events)
        rejected: dict[Ticket, Counter[RejectedBy]] = {}
        kept_bytes = sum(event.size_bytes for event in batch.events)
        info = answer.get("rejectedLogEventsInfo")
        ranges = rejected_ranges(
            info if isinstance(info, Mapping) else None, len(batch.events)
        )
        owned = batch.owned() if ranges else []
        for indexes, reason in ranges:
            for owner, event in owned[indexes.start : indexes.stop]:
                kept[owner] -= 1
                kept_bytes -= event.size_bytes
                rejected.setdefault(owner, Counter())[reason] += 1
        self._telemetry.log_events.inc(kept.total())
        self._telemetry.log_bytes.inc(kept_bytes)
        if ranges:
            counts = {reason: len(indexes) for indexes, reason in ranges}
            self.report(destination, counts, cause="rejectedLogEventsInfo")
        for owner, count in kept.items():
            owner.settle(count, rejected.get(owner, {}))
