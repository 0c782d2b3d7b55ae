"""The CPU work of one log file: relay's way against the plain way, in one process.

Bytes of the object in, bytes of a PutLogEvents call out, every rule evaluated. The
plain way is what a straightforward program does: ``gzip``, ``json.loads``, each pattern
asked about each record, ``json.dumps``.
"""

import gzip
import json
import time
from collections.abc import Callable, Iterable

from benchmarks.material import BUCKET, NOW, compressed, log_file, object_key
from benchmarks.rules import repository_rules, with_more_filters
from relay.config.rules import RuleSet
from relay.config.schema import Limits, Logs
from relay.logs.destination import plan
from relay.logs.encode import encode_put_log_events
from relay.model import Destination, LogEvent, LogObject
from relay.patterns import Selector
from relay.rules.compiled import CompiledRules
from relay.trail.decode import decode
from relay.trail.keys import parse_key

GROUP, STREAM = "/relay/cloudtrail", "stream"
_EVENTS_PER_CALL = 600
"""As many records of 1.6 KB as go into one PutLogEvents call of 1 MiB."""

Way = Callable[[], int]


def main(*, rounds: int = 12) -> None:
    """Measure both ways with the repository's rules, and relay's with 1 000 rules."""
    text = log_file(1)
    body, records = compressed(text), text.count(b'"eventVersion"')
    rules = repository_rules()
    print(f"hot path: one object of {records} records, {len(text):,} bytes of JSON")
    plain_us = _measure(_plain_way(body, rules), rounds=3) / records
    _say("plain way", len(rules.filters), plain_us, plain_us)
    for count in (len(rules.filters), 1_000):
        more = with_more_filters(rules, count)
        us = _measure(_relay_way(body, more), rounds=rounds) / records
        _say("relay", count, us, plain_us)


def _say(name: str, filters: int, us: float, plain_us: float) -> None:
    print(
        f"  {name:<10} {filters:>5} filters  {us:6.2f} us/record  "
        f"{1e6 / us:>9,.0f} records/s  {plain_us / us:5.1f} x"
    )


def _measure(way: Way, *, rounds: int) -> float:
    """Return the microseconds of the quickest of ``rounds`` runs, after a warm-up."""
    way()
    best = float("inf")
    for _ in range(rounds):
        began = time.perf_counter()
        way()
        best = min(best, time.perf_counter() - began)
    return best * 1e6


def _relay_way(body: bytes, rules: RuleSet) -> Way:
    compiled, limits, logs = CompiledRules(rules), Limits(), Logs(group=GROUP)
    key = parse_key(object_key(1))
    assert key is not None
    source = LogObject(
        bucket=BUCKET, key=object_key(1), etag="", last_modified=NOW, body=body
    )

    def run() -> int:
        file = decode(source, key, compiled.projection, limits).file
        evaluation = compiled.evaluate(file.records, source, key)
        planned = plan(file, compiled.route, logs, delivery_time=NOW, arrival_time=NOW)
        sent = sum(
            len(call)
            for destination, events in planned.events.items()
            for call in _calls(destination, events)
        )
        return sent + len(evaluation.matches)

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
        sent = 0
        for start in range(0, len(events), _EVENTS_PER_CALL):
            call = {
                "logGroupName": GROUP,
                "logStreamName": STREAM,
                "logEvents": events[start : start + _EVENTS_PER_CALL],
            }
            sent += len(json.dumps(call).encode())
        return sent + matches

    return run
