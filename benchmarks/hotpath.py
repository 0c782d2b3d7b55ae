"""The CPU work of one log file: relay's way against two others, in one process.

relay's way and the plain way go from the bytes of the object to the bytes of the
PutLogEvents calls, and evaluate every rule; the plain way is what a straightforward
program does: ``gzip``, ``json.loads``, each pattern asked about each record,
``json.dumps``. The third way is the quickest parser there is, ``orjson`` behind
``gzip``, and evaluates and relays nothing.
"""

import gzip
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from statistics import median

import orjson

from benchmarks.material import BUCKET, NOW, compressed, log_file, object_key
from benchmarks.patterns import choose
from benchmarks.rules import rules_of
from relay.config.logs_section import Logs
from relay.config.rules import RuleSet
from relay.config.source_section import Limits
from relay.logs.encode import encode_put_log_events
from relay.model import Destination, LogEvent, LogObject
from relay.patterns import Selector
from relay.prepare import Preparer
from relay.rules.compiled import CompiledRules
from relay.telemetry import Telemetry
from relay.trail.keys import parse_key

GROUP, STREAM = "/relay/cloudtrail", "stream"
RULES = (10, 200, 1_000)
PLAIN_RULES = 200
"""As many as the plain way is measured with; with more it takes minutes."""
_ALONE, _PLAIN = "gzip + orjson alone", f"plain, {PLAIN_RULES:,} rules"
_EVENTS_PER_CALL = 600
"""As many records of 1.6 KB as go into one PutLogEvents call of 1 MiB."""
_PLAIN_EVERY = 5
"""The plain way takes part in one round out of so many."""

Way = Callable[[], int]
"""Does all its work on one object once; returns how many matches it found, if any."""


def main(*, sizes: Sequence[int] = (5_000, 500), rounds: int = 15) -> None:
    """Measure all ways, by turns, with objects of so many records."""
    chosen = {count: choose(count) for count in RULES}
    for count, one in chosen.items():
        print(f"{count} rules: {one.describe()}")
    for records in sizes:
        text = log_file(1, records=records)
        body = compressed(text)
        print(f"hot path: one object of {records:,} records, {len(text):,} bytes")
        ways: dict[str, Way] = {
            _ALONE: partial(_parse_alone, body),
            _PLAIN: _plain_way(body, rules_of(chosen[PLAIN_RULES])),
        }
        for count, one in chosen.items():
            ways[f"relay, {count:,} rules"] = _relay_way(body, rules_of(one))
        matches = {name: way() for name, way in ways.items()}
        _report(_measure(ways, rounds=rounds, records=records), matches)


def _report(micros: Mapping[str, float], matches: Mapping[str, int]) -> None:
    alone = micros[_ALONE]
    plain = micros[_PLAIN]
    for name, us in micros.items():
        print(
            f"  {name:<20} {us:7.2f} us/record {1e6 / us:>9,.0f} records/s "
            f"{alone / us:6.2f} x orjson {plain / us:6.1f} x plain"
            + (f"  {matches[name]:>4} matches" if "rules" in name else "")
        )
    few, many = (micros[f"relay, {count:,} rules"] for count in (RULES[0], RULES[-1]))
    print(f"  {RULES[-1]:,} rules cost {many / few:.2f} times what {RULES[0]} cost")


def _measure(ways: Mapping[str, Way], *, rounds: int, records: int) -> dict[str, float]:
    """Return each way's median microseconds a record; the ways take turns."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds):
        for name, way in ways.items():
            if name == _PLAIN and turn % _PLAIN_EVERY:
                continue
            began = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - began)
    return {name: median(secs) * 1e6 / records for name, secs in taken.items()}


def _parse_alone(body: bytes) -> int:
    return len(orjson.loads(gzip.decompress(body))["Records"])


def _relay_way(body: bytes, rules: RuleSet) -> Way:
    preparer = Preparer(CompiledRules(rules), Logs(group=GROUP), Telemetry())
    limits, key = Limits(), parse_key(object_key(1))
    assert key is not None
    source = LogObject(
        bucket=BUCKET, key=object_key(1), etag="", last_modified=NOW, body=body
    )

    def run() -> int:
        prepared = preparer.prepare(source, key, limits, received_at=NOW)
        for destination, events in prepared.plan.events.items():
            for _ in _calls(destination, events):
                pass  # here it would be sent
        return len(prepared.evaluation.matches)

    return run


def _calls(destination: Destination, events: list[LogEvent]) -> Iterable[bytes]:
    for start in range(0, len(events), _EVENTS_PER_CALL):
        batch = events[start : start + _EVENTS_PER_CALL]
        yield encode_put_log_events(destination.group, destination.stream, batch)


def _plain_way(body: bytes, rules: RuleSet) -> Way:
    def getter(selector: Selector) -> Callable[[object], object]:
        return selector.resolve

    tests = [each.pattern.bind(getter) for each in rules.filters]

    def run() -> int:
        records = json.loads(gzip.decompress(body))["Records"]
        matches = sum(test(record) for record in records for test in tests)
        events = [
            {"timestamp": int(NOW * 1000), "message": json.dumps(record)}
            for record in records
        ]
        for start in range(0, len(events), _EVENTS_PER_CALL):
            call = {
                "logGroupName": GROUP,
                "logStreamName": STREAM,
                "logEvents": events[start : start + _EVENTS_PER_CALL],
            }
            json.dumps(call).encode()
        return matches

    return run
