"""A pipeline on a workbench: real rules, accounting and state, a bucket in memory."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from zlib import crc32

import anyio
from prometheus_client import CollectorRegistry

from relay.accounting.accountant import Accounting
from relay.accounting.ledger import Ledger
from relay.alarms.engine import AlarmEngine
from relay.budget import ByteBudget
from relay.caught_up import CaughtUp
from relay.clock import parse_isoformat
from relay.config.logs_section import Logs
from relay.config.notify_section import Notify
from relay.config.rules import AlarmDefinition, MetricFilter, MetricName, RuleSet
from relay.config.source_section import Limits, Source
from relay.faults import Faults
from relay.logs.writer import LogWriter
from relay.model import (
    Destination,
    LogEvent,
    Message,
    OutboxEntry,
    RejectedBy,
    WriteResult,
)
from relay.notify.plan import Planner
from relay.patterns import compile_pattern
from relay.pipeline import Pipeline, Stages
from relay.process import Shared
from relay.rules.compiled import CompiledRules
from relay.set_aside import Quarantine
from relay.source.objects import ObjectReader
from relay.source.outcome import Outcome
from relay.telemetry import Telemetry
from tests.support.clock import FakeClock
from tests.support.fake_bucket import FakeBucket
from tests.support.watched_store import WatchedStore, watched_store
from tests.support.world import (
    ACCOUNT,
    BUCKET,
    GROUP,
    REGION,
    log_file,
    log_key,
    record,
)

NOW = parse_isoformat("2026-11-24T12:05:10Z")
SOURCE = Source(
    queue_url="http://q/1/q",
    buckets=(BUCKET,),
    limits=Limits(object=8 * 2**20),
)
ROOT_LOGIN = MetricName(namespace="relay", name="root-login")
RULES = RuleSet(
    filters=(
        MetricFilter(
            name="root-login",
            pattern=compile_pattern('{ $.userIdentity.type = "Root" }'),
            metric=ROOT_LOGIN,
        ),
    ),
    alarms=(
        AlarmDefinition(
            name="root-login", metric=ROOT_LOGIN, fingerprint="1", period_secs=86_400
        ),
    ),
)
ROUTES = ({"match": '{ $.userAgent = "health-checker*" }', "drop": True},)


def root_login(event_id: str) -> dict[str, object]:
    """Return a record that raises the alarm."""
    return record(event_id, userIdentity={"type": "Root"})


def notice(*keys: str, bucket: str = BUCKET) -> str:
    """Return CloudTrail's own notice of objects."""
    return json.dumps({"s3Bucket": bucket, "s3ObjectKey": list(keys)})


def message(body: str, *, message_id: str = "m-1", receive_count: int = 1) -> Message:
    """Return a message as the source hands it over."""
    return Message(
        id=message_id,
        receipt_handle=f"{message_id}-{receive_count}",
        body=body,
        sent_at=NOW - 2.0,
        received_at=NOW - 1.0,
        receive_count=receive_count,
    )


@dataclass(slots=True)
class FakeWriter:
    """Keeps log events; all events are accounted for, as LogWriter promises.

    ``refuses`` maps event ids to why CloudWatch Logs does not keep them; ``faults`` are
    raised by the next writes; while ``gate`` is shut, writes wait as in an outage.
    """

    events: list[tuple[Destination, LogEvent]] = field(default_factory=list)
    refuses: dict[str, RejectedBy] = field(default_factory=dict)
    faults: list[Exception] = field(default_factory=list)
    gate: anyio.Event | None = None

    async def write(
        self, events: Mapping[Destination, Sequence[LogEvent]]
    ) -> WriteResult:
        """Keep or refuse each of ``events``."""
        if self.gate is not None:
            await self.gate.wait()
        if self.faults:
            raise self.faults.pop(0)
        accepted, rejected = 0, dict[RejectedBy, int]()
        for destination, log_events in events.items():
            for event in log_events:
                reason = self.refuses.get(json.loads(event.message).get("eventID"))
                if reason is None:
                    accepted += 1
                    self.events.append((destination, event))
                else:
                    rejected[reason] = rejected.get(reason, 0) + 1
        return WriteResult(accepted=accepted, rejected=rejected)

    @property
    def ids(self) -> list[str]:
        """The event ids that were kept."""
        return [json.loads(event.message)["eventID"] for _, event in self.events]


class Silence:
    """An outbox that tells nobody, and counts."""

    def __init__(self) -> None:
        self.entries: list[OutboxEntry] = []

    def add(self, entries: Sequence[OutboxEntry]) -> None:
        """Keep ``entries``."""
        self.entries += entries


@dataclass(slots=True, kw_only=True)
class Bench:
    """A pipeline between a bucket in memory and a fake writer."""

    pipeline: Pipeline
    shared: Shared
    store: WatchedStore
    bucket: FakeBucket
    writer: FakeWriter
    outbox: Silence

    def put(self, name: str, *records: object) -> str:
        """Store a log file; return its key."""
        key = log_key(name)
        self.bucket.objects[key] = log_file(records)
        return key

    async def deliver(self, *keys: str, receive_count: int = 1) -> Outcome:
        """Process one message that announces ``keys``, its id made of them."""
        body = notice(*keys)
        with anyio.fail_after(10):
            return await self.pipeline.process(
                message(
                    body,
                    message_id=f"m-{crc32(body.encode())}",
                    receive_count=receive_count,
                )
            )

    async def ledger(self) -> dict[str, int]:
        """Return the durable ledger by outcome, with the reason where there is one."""
        lines = await self.store.ledger()
        assert {(line.account, line.region) for line in lines} <= {(ACCOUNT, REGION)}
        return {
            f"{line.outcome} {line.reason}".strip(): records
            for line, records in lines.items()
        }

    async def relayed(self, key: str) -> list[bool]:
        """Return, for each etag of an object, newest first, whether it is relayed."""
        marks = await self.store.marks([(BUCKET, key)])
        return [mark.relayed for mark in marks.get((BUCKET, key), ())]

    def metric(self, name: str, **labels: str) -> float:
        """Return a sample, or the sum of all that have ``labels``."""
        registry: CollectorRegistry = self.shared.telemetry.registry
        return sum(
            sample.value
            for metric in registry.collect()
            for sample in metric.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


@asynccontextmanager
async def working(
    tmp_path: Path,
    *,
    quarantine: Quarantine | None = None,
    limits: Limits | None = None,
    max_age_secs: float | None = None,
    **logs: object,
) -> AsyncIterator[Bench]:
    """Run a pipeline for the length of the block; ``logs`` are options of it."""
    clock, telemetry = FakeClock(now=NOW), Telemetry()
    bucket, writer, outbox = FakeBucket(), FakeWriter(), Silence()
    options = Logs.model_validate({"group": GROUP, "routes": ROUTES} | logs)
    planner = Planner(
        Notify.model_validate(
            {
                "receivers": [{"name": "all", "sqs": [{"queue_url": "http://q/1/q"}]}],
                "route": {"receiver": "all", "repeat_interval": "0s"},
            }
        ),
        RULES.alarms,
        account=ACCOUNT,
        region=REGION,
        configured_at=NOW,
    )
    async with watched_store(tmp_path / "state.db") as store:
        accounting = Accounting(
            store=store,
            engine=AlarmEngine(RULES.alarms, now=NOW),
            telemetry=telemetry,
            clock=clock,
        )
        shared = Shared(
            accounting=accounting,
            budget=ByteBudget(2**20, telemetry.bytes_in_flight),
            faults=Faults(telemetry),
            ledger=Ledger(telemetry),
            telemetry=telemetry,
            clock=clock,
            caught_up=CaughtUp(clock),
        )
        pipeline = Pipeline(
            Stages(
                reader=ObjectReader(
                    bucket,
                    SOURCE,
                    telemetry=telemetry,
                    clock=clock,
                ),
                rules=CompiledRules(
                    RULES, [compile_pattern(route.match) for route in options.routes]
                ),
                writer=cast(LogWriter, writer),
                quarantine=quarantine,
            ),
            logs=options,
            limits=limits or Limits(records=5_000),
            shared=shared,
            max_age_secs=max_age_secs,
        )
        async with anyio.create_task_group() as tg:
            await tg.start(accounting.run, planner, outbox)
            yield Bench(
                pipeline=pipeline,
                shared=shared,
                store=store,
                bucket=bucket,
                writer=writer,
                outbox=outbox,
            )
            tg.cancel_scope.cancel()
