"""What the alarms cost: a busy minute of a large set of them, on one core.

2 000 alarms, 200 of them grouped, 10 000 groups in all; a minute of 10 000 records a
second in objects of 500. A share of the records matches a rule: each match is one
datapoint of some alarm, and few alarms and groups get most of them, as in life. Each
object is an ``apply`` of its own, with a ``tick`` and the encoding of what is to be
saved: the daemon, which counts objects together when it is busy, pays less.

What goes before in the daemon (decoding, matching) and after (the commit) has its own
benchmarks.
"""

import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random

import msgspec

from benchmarks.material import NOW
from relay.alarms.engine import AlarmEngine
from relay.config.rules import (
    AlarmDefinition,
    AlarmTime,
    Comparison,
    MetricName,
    MissingData,
)
from relay.config.statistics import AnyStatistic, Statistic, parse_statistic
from relay.model import AlarmKey, Datapoint, Evidence, Group
from relay.patterns import parse_selector

ALARMS, GROUPED, GROUPS = 2_000, 200, 10_000
RECORDS_PER_SEC, OBJECT_RECORDS, SECS = 10_000, 500, 60

_BY_PRINCIPAL = (parse_selector("$.userIdentity.arn"),)
_LATE_SECS = 300.0
_EVIDENCE = msgspec.json.encode(
    {
        "event_id": "5f2a8e0c-6d1b-4f37-9a55-0c1d2e3f4a5b",
        "event_time": "2026-04-27T14:30:00Z",
        "event_name": "AssumeRoleWithWebIdentity",
        "event_source": "sts.amazonaws.com",
        "principal": "arn:aws:sts::111122223333:assumed-role/deploy/session-0123456789",
        "principal_type": "AssumedRole",
        "account": "111122223333",
        "region": "eu-west-1",
        "source_ip": "203.0.113.77",
        "user_agent": "aws-cli/2.15.30 md/awscrt#0.19.19 ua/2.0 os/linux#6.1.0 lang/py",
        "error_code": "AccessDenied",
        "bucket": "benchmark-trail-logs",
        "key": "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/04/27/"
        "111122223333_CloudTrail_eu-west-1_20260427T1430Z_0123456789abcdef.json.gz",
    }
)
_decoder = msgspec.json.Decoder(Evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One minute: CPU seconds, and what came of it."""

    busy_secs: float
    slowest_secs: float
    typical_worst_secs: float
    datapoints: int
    saved_bytes: int
    transitions: int


def main() -> None:
    """Measure with 1 %, 10 % and all records matching; print the figures."""
    print(
        f"alarms: {ALARMS:,} alarms, {GROUPED} of them grouped, {GROUPS:,} groups;"
        f" {RECORDS_PER_SEC:,} records/s in objects of {OBJECT_RECORDS}"
    )
    for share in (0.01, 0.1, 1.0):
        before = _resident_bytes()
        load = Load(share)
        engine = AlarmEngine(load.definitions, now=NOW)
        engine.tick(now=NOW)
        # Measured is the second minute: all groups are there, windows are in use.
        engine.apply(list(load.first_of_each(NOW)), now=NOW)
        load.play(engine, NOW + 1)
        measured = load.play(engine, NOW + 1 + SECS)
        groups = sum(engine.counts().values()) - (ALARMS - GROUPED)
        _report(share, measured, groups, _resident_bytes() - before)
        del engine, load
        gc.collect()


class Load:
    """The alarms, and the objects of some minutes; the same in every run."""

    def __init__(self, share: float) -> None:
        self._random = Random(1)  # noqa: S311 - material to measure with, no secret
        self._matches = round(OBJECT_RECORDS * share)
        self.definitions = [_definition(number) for number in range(ALARMS)]
        self._addresses = list(_addresses(self.definitions))
        self._weights = list(
            accumulate(1 / (1 + place) for place in range(len(self._addresses)))
        )
        self._random.shuffle(self._addresses)

    def first_of_each(self, now: float) -> Iterator[Datapoint]:
        """Yield a datapoint for every alarm and every group."""
        for alarm, group in self._addresses:
            yield self._datapoint(alarm, group, now)

    def play(self, engine: AlarmEngine, start: float) -> Measured:
        """Play a minute."""
        busy: list[float] = []
        datapoints = saved_bytes = transitions = 0
        objects = RECORDS_PER_SEC * SECS // OBJECT_RECORDS
        for number in range(objects):
            now = start + number * SECS / objects
            points = self._object(now)
            began = time.process_time()
            outcomes = (engine.apply(points, now=now), engine.tick(now=now))
            busy.append(time.process_time() - began)
            datapoints += len(points)
            for outcome in outcomes:
                saved_bytes += sum(len(saved.body) for saved in outcome.changed)
                transitions += len(outcome.transitions)
        busy.sort()
        return Measured(
            busy_secs=sum(busy),
            slowest_secs=busy[-1],
            typical_worst_secs=busy[len(busy) * 99 // 100],
            datapoints=datapoints,
            saved_bytes=saved_bytes,
            transitions=transitions,
        )

    def _object(self, now: float) -> Sequence[Datapoint]:
        addresses = self._random.choices(
            self._addresses, cum_weights=self._weights, k=self._matches
        )
        return [self._datapoint(alarm, group, now) for alarm, group in addresses]

    def _datapoint(self, alarm: AlarmKey, group: Group, now: float) -> Datapoint:
        return Datapoint(
            alarm=alarm,
            group=group,
            time=now - _LATE_SECS * self._random.random(),
            value=1.0,
            # Decoded, so that no two share their texts: neither do those of records.
            evidence=_decoder.decode(_EVIDENCE),
            received_at=now,
        )


def _definition(number: int) -> AlarmDefinition:
    """Return one alarm: mostly counts, some of each other kind."""
    statistic: AnyStatistic = Statistic.SUM
    if number % 20 == 7:
        statistic = Statistic.AVERAGE
    elif number % 20 == 13:
        statistic = parse_statistic("p99")
    is_m_of_n = number % 10 == 3
    return AlarmDefinition(
        name=f"alarm-{number}",
        metric=MetricName(namespace="relay", name=f"metric-{number}"),
        fingerprint="f",
        statistic=statistic,
        comparison=Comparison.GREATER_OR_EQUAL,
        threshold=(1.0, 3.0, 10.0, 1000.0)[number % 4],
        period_secs=3_600 if number % 50 == 1 else 300,
        evaluation_periods=3 if is_m_of_n else 1,
        datapoints_to_alarm=2 if is_m_of_n else None,
        treat_missing_data=MissingData.NOT_BREACHING,
        time=AlarmTime.ARRIVAL if number % 20 == 5 else AlarmTime.EVENT,
        group_by=_BY_PRINCIPAL if number < GROUPED else (),
    )


def _addresses(
    definitions: Sequence[AlarmDefinition],
) -> Iterator[tuple[AlarmKey, Group]]:
    for number, definition in enumerate(definitions):
        if not definition.group_by:
            yield definition.key, ()
            continue
        for user in range(GROUPS // GROUPED):
            yield (
                definition.key,
                (f"arn:aws:iam::111122223333:user/{number}-{user}",),
            )


def _report(share: float, found: Measured, groups: int, grown_bytes: int) -> None:
    core, each_us = found.busy_secs / SECS, found.busy_secs / found.datapoints * 1e6
    print(
        f"  {share:4.0%} match: {core:5.1%} of a core,"
        f" {each_us:.1f} us/datapoint ({found.datapoints:,}),"
        f" an object p99 {found.typical_worst_secs * 1e3:.1f} ms,"
        f" worst {found.slowest_secs * 1e3:.1f} ms"
    )
    print(
        f"    {found.transitions:,} transitions,"
        f" {found.saved_bytes / SECS / 1e6:.2f} MB/s to save,"
        f" {groups:,} groups, {grown_bytes / 1e6:.0f} MB of memory with the load's own"
    )


def _resident_bytes() -> int:
    """Return this process's resident set (Linux only, else 0)."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * 4096 if statm.exists() else 0
