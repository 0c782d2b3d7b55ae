"""relay.prepare: an object in parts gives what it gives as a whole."""

import gzip
import json

from relay.config.logs_section import Logs
from relay.config.rules import MetricFilter, MetricName, RuleSet
from relay.config.source_section import Limits
from relay.model import LogObject
from relay.patterns import compile_pattern
from relay.prepare import Preparer
from relay.rules.compiled import CompiledRules
from relay.telemetry import Telemetry
from relay.trail.keys import parse_key
from relay.trail.records import PART_RECORDS
from tests.support.world import log_key

DENIED = MetricFilter(
    name="denied",
    pattern=compile_pattern("{ $.errorCode = AccessDenied }"),
    metric=MetricName(namespace="relay", name="denied"),
    default_value=0.0,
)
DROPPED = compile_pattern("{ $.eventName = Dropped }")
NOON = "2026-09-14T12:00:00Z"


def prepared(count: int) -> tuple[list[str | None], int, int, int, list[str]]:
    """Return what is made of an object of so many records.

    Every third is denied, every fifth dropped. The result: the matches' event ids, how
    many did not match, how many log events there are, how many are dropped, and all
    event ids.
    """
    records = [
        {
            "eventID": str(n),
            "eventTime": NOON,
            "eventName": "Dropped" if n % 5 == 0 else "A",
        }
        | ({"errorCode": "AccessDenied"} if n % 3 == 0 else {})
        for n in range(count)
    ]
    key = parse_key(log_key("a"))
    assert key is not None
    found = LogObject(
        bucket="b",
        key=log_key("a"),
        etag="e",
        last_modified=1_789_387_200.0,
        body=gzip.compress(json.dumps({"Records": records}).encode()),
    )
    logs = Logs.model_validate(
        {
            "group": "/g",
            "routes": [{"match": "{ $.eventName = Dropped }", "drop": True}],
        }
    )
    rules = CompiledRules(RuleSet(filters=(DENIED,)), [DROPPED])
    made = Preparer(rules, logs, Telemetry()).prepare(
        found, key, Limits(), received_at=1_789_387_201.0
    )
    return (
        [match.event_id for match in made.evaluation.matches],
        sum(each.count for each in made.evaluation.defaults),
        sum(map(len, made.plan.events.values())),
        made.plan.dropped,
        list(made.event_ids),
    )


def test_nothing_is_lost_between_parts() -> None:
    """Matches, defaults, log events and ids are those of all records, in order."""
    count = 2 * PART_RECORDS + 7
    denied = [str(n) for n in range(count) if n % 3 == 0]
    dropped = len([n for n in range(count) if n % 5 == 0])

    found = prepared(count)

    assert found == (
        denied,
        count - len(denied),
        count - dropped,
        dropped,
        [str(n) for n in range(count)],
    )


def test_an_object_without_records_gives_nothing() -> None:
    """It is done as soon as it is read."""
    assert prepared(0) == ([], 0, 0, 0, [])
