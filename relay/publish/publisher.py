"""Publishes what waits in the state store, until CloudWatch has taken all of it.

Points are durable before they come here: they are counted in the same transaction as
the object that they are of, each event once. They leave the store only after CloudWatch
has acknowledged them. PutMetricData has no idempotency key, so that the points of one
call are published again, and counted twice there, when relay dies or the connection
breaks between the two. Nothing is ever published too little.

One task, for CloudWatch takes 500 calls of 1 000 metrics a second. It holds up nobody:
alarms and logs never wait for it, and what waits for it is on disk, bounded.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol

import anyio
from anyio.abc import TaskStatus

from relay.aws.errors import PASSING
from relay.backoff import Backoff, retry
from relay.clock import Clock
from relay.errors import Reason, RejectedError, StateError, TransientError
from relay.model import PublishOutcome
from relay.publish.batching import Points, Request, requests, sift
from relay.publish.put import CloudWatchClient, put
from relay.state.store import Commit
from relay.telemetry import Telemetry, get_log

BACKOFF = Backoff(base_secs=1.0, cap_secs=60.0)
LINGER_SECS = 10.0
"""How long points of one minute are gathered; CloudWatch's own filters take longer."""
MAX_BACKLOG = 1_000_000
"""Points kept on disk, some 200 MB; beyond it the oldest go, counted as overflow."""
READ_AT_ONCE = 10_000
COMMIT_GRACE_SECS = 5.0
"""How long the commit after a call may take once the publisher is stopped."""

log = get_log("publish")

OpenClient = Callable[[], Awaitable[CloudWatchClient]]
MakeDurable = Callable[[Commit], Awaitable[None]]


class Backlog(Protocol):
    """What waits to be published; the state store has it."""

    async def metric_points(self, *, limit: int, oldest_first: bool) -> Points:
        """Return points by minute, with their counts."""
        ...

    async def metric_backlog(self) -> int:
        """Return how many different points wait."""
        ...


class Publisher:
    """The way of all published metrics to CloudWatch."""

    def __init__(
        self,
        *,
        backlog: Backlog,
        telemetry: Telemetry,
        clock: Clock,
        max_backlog: int = MAX_BACKLOG,
    ) -> None:
        self._backlog = backlog
        self._telemetry = telemetry
        self._clock = clock
        self._max_backlog = max_backlog
        self._open_client: OpenClient | None = None
        self._failures = 0
        self._wake = anyio.Event()

    def wake(self) -> None:
        """Say that there is something to publish, durably."""
        self._wake.set()

    def replace_client(self, open_client: OpenClient) -> None:
        """Publish with the client that ``open_client`` returns from now on."""
        self._open_client = open_client

    async def run(
        self,
        commit: MakeDurable,
        *,
        task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """Publish until cancelled; ``commit`` makes durable what is done.

        Begins with what an earlier run has left. Raises StateError when the store
        fails.
        """
        self._commit = commit
        self.wake()
        task_status.started()
        while True:
            await self._wake.wait()
            await self._clock.sleep(LINGER_SECS)
            self._wake = anyio.Event()
            await retry(
                self._publish_all,
                backoff=BACKOFF,
                clock=self._clock,
                on_failure=self._failed,
            )
            if self._failures:
                log.info("metrics are published again", failures=self._failures)
                self._failures = 0

    async def _publish_all(self) -> None:
        """Publish all that waits, the newest first: alarms look at those.

        Begins anew after every failure, so that what has become too old meanwhile, or
        too much, goes.
        """
        await self._shed()
        while points := await self._backlog.metric_points(
            limit=READ_AT_ONCE, oldest_first=False
        ):
            sifted = sift(points, now=self._clock.now())
            for why, refused in sifted.refused.items():
                log.error("metric data not published", reason=why, points=len(refused))
                await self._settle(refused, why)
            for request in requests(sifted.good):
                await self._send(request)
        self._telemetry.metric_data_pending.set(0)

    async def _shed(self) -> None:
        waiting = await self._backlog.metric_backlog()
        while waiting > self._max_backlog:
            oldest = await self._backlog.metric_points(
                limit=min(waiting - self._max_backlog, READ_AT_ONCE), oldest_first=True
            )
            log.error(
                "metric data not published",
                reason=PublishOutcome.OVERFLOW,
                points=len(oldest),
            )
            await self._settle(oldest, PublishOutcome.OVERFLOW)
            waiting -= len(oldest)
        self._telemetry.metric_data_pending.set(waiting)

    async def _send(self, request: Request) -> None:
        """Publish ``request``; of a refused one, all but the data that is to blame."""
        try:
            await self._put(request)
        except RejectedError as error:
            self._telemetry.metric_data_errors.labels(error.reason).inc()
            if len(request.data) > 1:
                for half in request.halves():
                    await self._send(half)
                return
            await self._give_up(request, error)
        else:
            await self._settle(request.points(), PublishOutcome.PUBLISHED)

    async def _give_up(self, request: Request, error: RejectedError) -> None:
        log.error(
            "metric data not published",
            reason=PublishOutcome.REJECTED,
            namespace=request.namespace,
            metric=request.data[0].series.name,
            error=str(error),
        )
        await self._settle(request.points(), PublishOutcome.REJECTED)

    async def _put(self, request: Request) -> None:
        if self._open_client is None:
            raise RuntimeError(
                "metrics to publish before any configuration is in force"
            )
        try:
            await put(await self._open_client(), request)
        except (TransientError, RejectedError, StateError):
            raise
        except Exception as error:
            # A bug here must stop neither alarms nor logs, nor lose what waits.
            log.exception("publisher failed", namespace=request.namespace)
            raise TransientError(
                type(error).__name__, reason=Reason.INTERNAL
            ) from error

    async def _settle(self, points: Points, outcome: PublishOutcome) -> None:
        """Take ``points`` out of the store, even when a stop comes in between.

        Else they would be published again. But a stop may have ended what commits: it
        is not waited for without end.
        """
        with anyio.move_on_after(COMMIT_GRACE_SECS, shield=True) as grace:
            await self._commit(
                Commit(
                    at=self._clock.now(),
                    points={point: -times for point, times in points.items()},
                )
            )
        if grace.cancelled_caught:
            log.warning("commit not confirmed, metrics may be published again")
        count = self._telemetry.metric_data_published.labels(outcome)
        count.inc(sum(points.values()))

    def _failed(self, error: TransientError, attempt: int, wait_secs: float) -> None:
        self._failures += 1
        self._telemetry.metric_data_errors.labels(error.reason).inc()
        if attempt == 0:
            # What does not pass by itself waits for a person, such as a permission.
            write = log.warning if error.reason in PASSING else log.error
            write(
                "metrics are held back",
                reason=error.reason,
                error=str(error),
                retry_secs=round(wait_secs, 1),
            )
