"""Sends what is in the outbox, until every entry is done or dead.

Entries are durable before they come here. Each target has a lane of its own, a task
that lives while the target has entries, so that one that hangs or fails holds up no
other. What fails in a passing way is tried again without end, with back-off; what is
refused for good, or goes to a target that the configuration no longer has, is dead, and
says why.

Within one process nothing is sent twice. An entry that was sent in the instant before a
crash, before its commit, is sent again after it, with the same idempotency key.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import anyio
import msgspec
from anyio.abc import TaskGroup, TaskStatus

from relay.aws.errors import PASSING
from relay.backoff import Backoff
from relay.clock import Clock
from relay.errors import Reason, RejectedError, TransientError
from relay.failpoints import Failpoint, failpoint
from relay.model import Bundle, OutboxEntry
from relay.notify.backlog import Backlog
from relay.notify.targets import Address, address_of
from relay.state.store import Commit
from relay.telemetry import Telemetry, get_log

SENT, DEAD = "sent", "dead"
BACKOFF = Backoff(base_secs=1.0, cap_secs=300.0)
MAX_RETRY_AFTER_SECS = 3_600.0
"""A target's own wish is heeded up to here."""
COMMIT_GRACE_SECS = 5.0
"""How long the commit after a sending may take once the outbox is stopped."""
MAX_REMEMBERED = 10_000
"""Ids of done entries kept, to know one that is added again."""

log = get_log("notify")


class Sender(Protocol):
    """One target, ready to send to."""

    async def send(self, bundle: Bundle) -> str:
        """Send once, within a time limit; return what the target answered.

        Raises TransientError or RejectedError.
        """
        ...


@dataclass(slots=True)
class _Lane:
    """What waits for one target. ``failures`` counts those in a row."""

    address: Address
    backlog: Backlog = field(default_factory=Backlog)
    failures: int = 0
    not_before: float = 0.0
    is_reported: bool = False
    is_waiting: bool = False
    wake: anyio.Event = field(default_factory=anyio.Event)

    def rouse(self) -> None:
        self.is_waiting = False
        self.wake.set()


class Outbox:
    """The lanes of all targets. ``commit`` makes what became of an entry durable."""

    def __init__(
        self,
        *,
        commit: Callable[[Commit], Awaitable[None]],
        telemetry: Telemetry,
        clock: Clock,
        backoff: Backoff = BACKOFF,
    ) -> None:
        self._commit = commit
        self._telemetry = telemetry
        self._clock = clock
        self._backoff = backoff
        self._senders: Mapping[Address, Sender] = {}
        self._lanes: dict[Address, _Lane] = {}
        self._pending_ids: set[str] = set()
        self._done_ids: dict[str, None] = {}
        self._tasks: TaskGroup | None = None
        self._idle = anyio.Event()

    @property
    def pending(self) -> int:
        """How many entries are neither done nor dead."""
        return len(self._pending_ids)

    def add(self, entries: Iterable[OutboxEntry]) -> None:
        """Take over ``entries``, which are durable; known ones (by id) are ignored."""
        for entry in entries:
            if entry.id in self._pending_ids or entry.id in self._done_ids:
                continue
            self._pending_ids.add(entry.id)
            lane = self._lane(address_of(entry))
            lane.backlog.add(entry)
            lane.rouse()
        self._telemetry.outbox_pending.set(self.pending)

    def replace_senders(self, senders: Mapping[Address, Sender]) -> None:
        """Send by ``senders`` from now on; what is being sent goes on as it began.

        Whatever waits for a retry is tried at once: a new configuration may have put
        right what was wrong. Entries for targets that are gone become dead.
        """
        self._senders = dict(senders)
        for address in senders:
            for outcome in (SENT, DEAD):
                self._count(address, outcome, 0)
        for lane in self._lanes.values():
            lane.backlog.expedite()
            lane.not_before = 0.0
            lane.rouse()

    async def run(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Send until cancelled. Raises StateError when a commit fails."""
        try:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                for lane in self._lanes.values():
                    self._start(tasks, lane)
                task_status.started()
                await anyio.sleep_forever()
        finally:
            self._tasks = None

    async def wait_idle(self) -> None:
        """Wait until nothing is being sent or due; what is left waits for a retry."""
        while not self._is_idle():
            await self._idle.wait()

    def _lane(self, address: Address) -> _Lane:
        lane = self._lanes.get(address)
        if lane is None:
            lane = self._lanes[address] = _Lane(address)
            if self._tasks is not None:
                self._start(self._tasks, lane)
        return lane

    def _start(self, tasks: TaskGroup, lane: _Lane) -> None:
        tasks.start_soon(self._serve, lane, name=f"notify {lane.address.target}")

    async def _serve(self, lane: _Lane) -> None:
        """Empty one lane, then end; the next entry starts another."""
        while lane.backlog:
            now = self._clock.now()
            entry = lane.backlog.take(now) if lane.not_before <= now else None
            if entry is None:
                await self._wait(lane)
            else:
                await self._attempt(lane, entry)
        del self._lanes[lane.address]
        self._tell_idle()

    async def _wait(self, lane: _Lane) -> None:
        until = max(lane.not_before, lane.backlog.next_due_at() or 0.0)
        lane.wake = anyio.Event()
        lane.is_waiting = True
        self._tell_idle()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._rouse_at, lane, until)
            await lane.wake.wait()
            tasks.cancel_scope.cancel()

    async def _rouse_at(self, lane: _Lane, until: float) -> None:
        # It may be past by now: the task starts later than the lane looked.
        await self._clock.sleep(max(0.0, until - self._clock.now()))
        lane.rouse()

    async def _attempt(self, lane: _Lane, entry: OutboxEntry) -> None:
        sender = self._senders.get(lane.address)
        if sender is None:
            await self._bury(lane, entry, "its target is no longer configured")
            return
        try:
            failpoint(Failpoint.BEFORE_SEND)
            await sender.send(_bundle(entry))
            failpoint(Failpoint.AFTER_SEND)
        except TransientError as error:
            await self._postpone(lane, entry, error)
        except RejectedError as error:
            self._telemetry.notification_errors.labels(error.reason).inc()
            await self._bury(lane, entry, str(error))
        except Exception as error:
            # A bug in one sender must not stop the others, nor lose the notification.
            log.exception("sender failed", **_fields(entry))
            fault = TransientError(type(error).__name__, reason=Reason.INTERNAL)
            await self._postpone(lane, entry, fault)
        else:
            await self._finish(lane, entry)

    async def _finish(self, lane: _Lane, entry: OutboxEntry) -> None:
        now = self._clock.now()
        await self._record_end(entry, Commit(at=now, outbox_done=[entry.id]))
        received_at = entry.notification.received_at
        if received_at is not None:
            delay = self._telemetry.delay.labels("received_to_notified")
            delay.observe(max(0.0, now - received_at))
        self._settle(lane, entry, SENT)
        if lane.is_reported:
            log.info("target accepts again", **_fields(entry), attempts=entry.attempts)
        lane.failures, lane.not_before, lane.is_reported = 0, 0.0, False

    async def _bury(self, lane: _Lane, entry: OutboxEntry, why: str) -> None:
        now = self._clock.now()
        await self._record_end(entry, Commit(at=now, outbox_dead=[(entry.id, why)]))
        log.error("notification can never be sent", **_fields(entry), error=why)
        self._settle(lane, entry, DEAD)

    async def _postpone(
        self, lane: _Lane, entry: OutboxEntry, error: TransientError
    ) -> None:
        """Keep the entry for a later attempt, and the whole lane back for a while."""
        now = self._clock.now()
        wish_secs = min(error.retry_after_secs or 0.0, MAX_RETRY_AFTER_SECS)
        lane_secs = max(self._backoff.delay_secs(lane.failures), wish_secs)
        entry_secs = max(self._backoff.delay_secs(entry.attempts), wish_secs)
        self._telemetry.notification_errors.labels(error.reason).inc()
        if lane.failures == 0 and entry.attempts == 0:
            # What does not pass by itself waits for a person: no permission, no key.
            write = log.warning if error.reason in PASSING else log.error
            write(
                "sending failed, will retry",
                **_fields(entry),
                reason=error.reason,
                error=str(error),
            )
            lane.is_reported = True
        later = msgspec.structs.replace(
            entry, attempts=entry.attempts + 1, next_attempt_at=now + entry_secs
        )
        lane.failures += 1
        lane.not_before = now + lane_secs
        lane.backlog.retry(later)
        await self._commit(Commit(at=now, outbox=[later]))

    async def _record_end(self, entry: OutboxEntry, commit: Commit) -> None:
        """Commit even when a stop comes in between: else it would be sent again.

        But a stop may have ended what commits: it is not waited for without end.
        """
        with anyio.move_on_after(COMMIT_GRACE_SECS, shield=True) as grace:
            await self._commit(commit)
        if grace.cancelled_caught:
            log.warning("commit not confirmed, may be sent again", **_fields(entry))

    def _settle(self, lane: _Lane, entry: OutboxEntry, outcome: str) -> None:
        lane.backlog.settle()
        self._pending_ids.remove(entry.id)
        self._done_ids[entry.id] = None
        if len(self._done_ids) > MAX_REMEMBERED:
            del self._done_ids[next(iter(self._done_ids))]
        self._count(lane.address, outcome, 1)
        self._telemetry.outbox_pending.set(self.pending)

    def _count(self, address: Address, outcome: str, by: int) -> None:
        series = self._telemetry.notifications
        series.labels(address.receiver, address.kind, outcome).inc(by)

    def _is_idle(self) -> bool:
        return all(lane.is_waiting for lane in self._lanes.values())

    def _tell_idle(self) -> None:
        if self._is_idle():
            self._idle.set()
            self._idle = anyio.Event()


def _bundle(entry: OutboxEntry) -> Bundle:
    return Bundle(
        id=entry.notification.id,
        receiver=entry.receiver,
        notifications=(entry.notification,),
    )


def _fields(entry: OutboxEntry) -> dict[str, str]:
    return {
        "receiver": entry.receiver,
        "target": entry.target,
        "alarm": entry.notification.alarm,
        "notification": entry.notification.id,
    }
