"""The way of one message through the daemon, on one page, one call a hop.

    message -> deliveries -> object -> records -+-> counted (alarms, notifications)
                                                '-> log events -> acknowledged
    and only then: Done, which deletes the message

The alarm branch goes first and waits for no network: a slow CloudWatch Logs cannot hold
an alarm back. Each branch leaves a durable mark on the object, so that a message that
comes again, after a crash or by SQS's own doing, is finished and never repeated.
"""

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import partial

import anyio
import anyio.to_thread

from relay.accounting.counting import Counting, mark_of
from relay.accounting.points import LogTime
from relay.budget import Reservation
from relay.config.logs_section import Logs
from relay.config.source_section import Limits
from relay.errors import Reason, RejectedError, StateError, TransientError
from relay.failpoints import Failpoint, failpoint
from relay.faults import Failure
from relay.logs.destination import LogPlan
from relay.logs.writer import LogWriter
from relay.lost import settle_overwritten
from relay.model import (
    Delivery,
    FileKind,
    LogFileKey,
    LogObject,
    Message,
)
from relay.prepare import Prepared, Preparer
from relay.process import Shared
from relay.rules.compiled import CompiledRules
from relay.self_watch.objects import object_datapoints
from relay.self_watch.rules import SelfWatchAlarms
from relay.set_aside import Quarantine, SetAside
from relay.source.age import check_age
from relay.source.delivery import Ignored, Notice, read_message
from relay.source.objects import NotModified, ObjectReader
from relay.source.outcome import Done, Outcome
from relay.state.store import Commit, ObjectMark
from relay.telemetry import get_log
from relay.trail.decode import Decoded
from relay.trail.gunzip import size_hint
from relay.trail.keys import parse_key

_log = get_log("pipeline")

INLINE_BYTES = 256 * 1024
"""Up to this decompressed size an object is decoded in the event loop: some 2 ms."""
FAULTS_TOLD = 10
"""Faults of one message that are logged one by one; all of them are counted."""
OBJECTS_AT_ONCE = 8
"""Objects of one message under way together; a message may name thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """The stages of one configuration that the pipeline calls.

    Without a ``quarantine`` the queue's redrive policy decides.
    """

    reader: ObjectReader
    rules: CompiledRules
    writer: LogWriter
    quarantine: Quarantine | None = None
    self_watch: SelfWatchAlarms = field(default_factory=SelfWatchAlarms)


class Pipeline:
    """Processes messages by one configuration, from the first hop to the last."""

    def __init__(
        self,
        stages: Stages,
        *,
        logs: Logs,
        limits: Limits,
        shared: Shared,
        max_age_secs: float | None = None,
    ) -> None:
        self._reader = stages.reader
        self._self_watch = stages.self_watch
        self._writer = stages.writer
        self._set_aside = SetAside(stages.quarantine, shared)
        self._logs = logs
        self._preparer = Preparer(stages.rules, logs, shared.telemetry)
        self._limits = limits
        self._max_age_secs = max_age_secs
        self._inline_limits = limits.model_copy(
            update={"decompressed": min(INLINE_BYTES, limits.decompressed)}
        )
        self._shared = shared

    async def process(self, message: Message) -> Outcome:
        """Take one message all the way; the outcome says what is to become of it."""
        try:
            return await self._process(message)
        finally:
            self._shared.caught_up.settled(message.id)

    async def _process(self, message: Message) -> Outcome:
        try:
            check_age(message, self._max_age_secs)
            notice = read_message(message.body)
        except RejectedError as error:
            self._shared.faults.unreadable(message, error)
            failure = Failure(delivery=None, error=error)
            return await self._set_aside.outcome(message, [failure], is_whole=True)
        if notice.ignored is not None:
            self._ignore(message, notice, notice.ignored)
            return Done()
        failures = await self._deliver_all(message, notice.deliveries)
        if len(failures) > FAULTS_TOLD:
            self._shared.faults.many(message, len(failures))
        outcome = await self._set_aside.outcome(
            message,
            list(failures.values()),
            is_whole=len(failures) == len(notice.deliveries),
        )
        self._shared.remaining.remember(
            message.id, () if outcome == Done() else failures
        )
        return outcome

    async def _deliver_all(
        self, message: Message, deliveries: Sequence[Delivery]
    ) -> dict[int, Failure]:
        """Return what failed, by position; of a message that comes again only that."""
        positions = self._shared.remaining.of(message.id, len(deliveries))
        self._shared.caught_up.expect(message.id, len(positions))
        pending = iter([(position, deliveries[position]) for position in positions])
        failures: dict[int, Failure] = {}
        try:
            async with anyio.create_task_group() as tg:
                for _ in range(min(OBJECTS_AT_ONCE, len(positions))):
                    tg.start_soon(self._deliver_each, message, pending, failures)
        except ExceptionGroup as group:
            failed = group.subgroup(StateError)
            if failed is None:
                raise
            # The source knows it by its own kind, and stops.
            raise StateError(str(failed.exceptions[0])) from group
        return failures

    async def _deliver_each(
        self,
        message: Message,
        pending: Iterator[tuple[int, Delivery]],
        failures: dict[int, Failure],
    ) -> None:
        """Take deliveries from ``pending`` until none is left; one hurts no other."""
        for position, delivery in pending:
            self._shared.telemetry.deliveries.labels(delivery.kind).inc()
            try:
                await self._deliver(message, delivery)
            except TransientError as error:
                is_told = len(failures) < FAULTS_TOLD
                self._shared.faults.transient(delivery, error, is_told=is_told)
                failures[position] = Failure(delivery=delivery, error=error)
            except RejectedError as error:
                is_told = len(failures) < FAULTS_TOLD
                self._shared.faults.rejected(delivery, error, is_told=is_told)
                failures[position] = Failure(delivery=delivery, error=error)

    async def _deliver(self, message: Message, delivery: Delivery) -> None:
        self._reader.check(delivery)
        key = parse_key(delivery.key)
        if key is None:
            raise RejectedError(
                f"{delivery}: not the key of a CloudTrail file",
                reason=Reason.NOT_A_LOG_FILE,
            )
        if key.kind in (FileKind.DIGEST, FileKind.MARKER):
            self._shared.telemetry.objects.labels(key.kind).inc()
            return
        name = (delivery.bucket, delivery.key)
        async with self._shared.locks.hold(name), AsyncExitStack() as stack:
            reservation = Reservation(
                self._shared.budget, stack, most_bytes=self._limits.decompressed
            )
            await self._relay(message, delivery, key, reservation)

    async def _relay(
        self,
        message: Message,
        delivery: Delivery,
        key: LogFileKey,
        reservation: Reservation,
    ) -> None:
        marks = await self._shared.accounting.marks(delivery.bucket, delivery.key)
        found = await self._reader.read(
            delivery,
            known_etags=[mark.etag for mark in marks if mark.relayed],
            reserve=reservation.for_stored,
        )
        if delivery.version_id is None:  # else the other versions are there to be read
            await settle_overwritten(self._shared, marks, etag=found.etag)
        mark = next((mark for mark in marks if mark.etag == found.etag), None)
        if isinstance(found, NotModified) or (mark is not None and mark.relayed):
            await self._settle_duplicate(mark)
            return
        reservation.for_decompressed(size_hint(found.body))
        prepared = await self._prepare(message, found, key)
        reservation.for_decompressed(prepared.decoded.file.decompressed_bytes)
        self._observe(message, found, prepared.decoded)
        if mark is None:
            mark = mark_of(found, prepared.decoded.file)
            await self._shared.accounting.count(
                Counting(
                    mark=mark,
                    evaluation=prepared.evaluation,
                    received_at=message.received_at,
                    event_ids=prepared.event_ids,
                    log_time=LogTime.of_object(
                        self._logs.timestamp,
                        delivered_at=found.last_modified,
                        received_at=message.received_at,
                    ),
                    observed=object_datapoints(
                        self._self_watch, message, found, prepared.decoded.file
                    ),
                )
            )
        elif not mark.records and prepared.decoded.file.records:
            mark = await self._take_back(mark, len(prepared.decoded.file.records))
        failpoint(Failpoint.AFTER_COUNT)
        self._shared.caught_up.counted(message.id)
        self._shared.ledger.received(mark)
        await self._write(message, mark, prepared.plan)

    async def _prepare(
        self, message: Message, found: LogObject, key: LogFileKey
    ) -> Prepared:
        work = partial(
            self._preparer.prepare, found, key, received_at=message.received_at
        )
        if max(size_hint(found.body), len(found.body)) <= INLINE_BYTES:
            try:
                return work(self._inline_limits)
            except RejectedError as error:
                # It may say less than it holds; up to here it has cost little.
                if error.reason is not Reason.DECOMPRESSED_TOO_LARGE:
                    raise
        return await anyio.to_thread.run_sync(
            work, self._limits, limiter=self._shared.decoders
        )

    async def _write(
        self, message: Message, mark: ObjectMark, planned: LogPlan
    ) -> None:
        result = await self._writer.write(planned.events)
        failpoint(Failpoint.AFTER_WRITE)
        commit = Commit(at=self._shared.clock.now())
        self._shared.ledger.relayed(
            commit,
            mark,
            accepted=result.accepted,
            dropped=planned.dropped,
            rejected=result.rejected,
        )
        await self._shared.accounting.commit(commit)
        self._delay("received_to_logged", message.received_at, self._shared.clock.now())

    async def _take_back(self, mark: ObjectMark, records: int) -> ObjectMark:
        """Receive records again that were quarantined after they had been counted."""
        mark = replace(mark, records=records)
        commit = Commit(at=self._shared.clock.now())
        self._shared.ledger.returned(commit, mark)
        await self._shared.accounting.commit(commit)
        return mark

    async def _settle_duplicate(self, mark: ObjectMark | None) -> None:
        self._shared.telemetry.objects_duplicate.inc()
        if mark is not None:
            commit = Commit(at=self._shared.clock.now())
            self._shared.ledger.duplicate(commit, mark)
            await self._shared.accounting.commit(commit)

    def _ignore(self, message: Message, notice: Notice, kind: Ignored) -> None:
        self._shared.telemetry.messages_ignored.labels(kind).inc()
        if notice.subscribe_url is not None:
            _log.warning(
                "a topic asks to confirm its subscription: open subscribe_url to do so",
                message_id=message.id,
                kind=kind,
                topic_arn=notice.topic_arn,
                subscribe_url=notice.subscribe_url,
            )

    def _observe(self, message: Message, found: LogObject, decoded: Decoded) -> None:
        telemetry, file = self._shared.telemetry, decoded.file
        telemetry.objects.labels(file.key.kind).inc()
        telemetry.decompressed_bytes.inc(file.decompressed_bytes)
        telemetry.records_slow.inc(decoded.slow)
        times = [record.time for record in file.records if record.time is not None]
        for at in {min(times), max(times)} if times else ():
            self._delay("event_to_object", at, found.last_modified)
        self._delay("object_to_message", found.last_modified, message.sent_at)
        self._delay("message_to_received", message.sent_at, message.received_at)
        self._delay(
            "received_to_decoded", message.received_at, self._shared.clock.now()
        )
        _log.debug("object decoded", object=str(found), records=len(file.records))

    def _delay(self, stage: str, start: float, end: float) -> None:
        # Clocks of several machines meet here: a little less than nothing is nothing.
        self._shared.telemetry.delay.labels(stage).observe(max(0.0, end - start))
