"""What metric filters publish, row by row as it was observed of CloudWatch Logs.

A filter's datapoints are read as its alarms are fed: by series (the dimensions), as the
list of all values.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from relay.config.criteria import SystemField, parse_criteria
from relay.config.rules import (
    AlarmDefinition,
    MetricFilter,
    MetricName,
    RuleSet,
    TokenName,
)
from relay.model import Evaluation, FileKind, LogFileKey, LogObject, Record
from relay.patterns import compile_pattern, parse_selector
from relay.rules.compiled import CompiledRules
from relay.trail.records import split_records

KEY = LogFileKey(kind=FileKind.EVENTS, account="111122223333", region="eu-west-1")
SOURCE = LogObject(bucket="b", key="k", etag="e", last_modified=0.0, body=b"")
HERE = (("@aws.account", "111122223333"), ("@aws.region", "eu-west-1"))
BOTH = (("A", "1"), ("B", "2"))
SERIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "none": (),
    "A B": BOTH,
    "A": (("A", "1"),),
    "system": HERE,
    "system A": (("A", "1"), *HERE),
    "group": (("@source.log", "/relay/x"),),
}
"""The series that are looked at, by the name of the alarm that does."""

A_AND_B = (("A", parse_selector("$.a")), ("B", parse_selector("$.b")))
SYSTEM = (SystemField.ACCOUNT, SystemField.REGION)
VALUE = parse_selector("$.value")
ERROR, INFO = {"level": "ERROR"}, {"level": "INFO"}
ELSEWHERE = {"awsRegion": "us-east-1", "recipientAccountId": "444455556666"}


def published(
    options: dict[str, Any], *batches: list[dict[str, Any] | str]
) -> dict[str, list[float]]:
    """Return the datapoints of each series; a text is an event as it stands."""
    metric = MetricName(namespace="N", name="m")
    metric_filter = MetricFilter(
        name="f", metric=metric, **{"pattern": compile_pattern("ERROR")} | options
    )
    alarms = tuple(
        AlarmDefinition(
            name=name,
            metric=MetricName(namespace="N", name="m", dimensions=dimensions),
            fingerprint="f",
        )
        for name, dimensions in SERIES.items()
    )
    rules = CompiledRules(
        RuleSet(filters=(metric_filter,), alarms=alarms, log_group="/relay/x")
    )
    points: dict[str, list[float]] = {}
    for batch in batches:
        records = [record(rules, event) for event in batch]
        for name, value in fed(rules.evaluate(records, SOURCE, KEY)):
            points.setdefault(name, []).append(value)
    return {name: sorted(values) for name, values in points.items()}


def record(rules: CompiledRules, event: dict[str, Any] | str) -> Record:
    """Return the record of an event: JSON, or a line of text that has no fields."""
    if isinstance(event, str):
        return Record(event.encode(), len(event.encode()), None, None, None)
    data = json.dumps([event | {"eventTime": "2026-09-14T12:00:00Z"}]).encode()
    return split_records(data, rules.projection, max_records=1).records[0]


def fed(evaluation: Evaluation) -> list[tuple[str, float]]:
    """Return the series and value of each datapoint."""
    return [
        (feed.alarm.name, match.value)
        for match in evaluation.matches
        if match.value is not None
        for feed in match.feeds
    ] + [
        (feed.alarm.name, each.value)
        for each in evaluation.defaults
        for feed in each.feeds
        for _ in range(each.count)
    ]


def json_filter(**options: Any) -> dict[str, Any]:  # noqa: ANN401 - as MetricFilter
    """Return the options of a filter that matches ``{"kind": "k"}``."""
    return {"pattern": compile_pattern("{ $.kind = k }"), **options}


def space_filter(**options: Any) -> dict[str, Any]:  # noqa: ANN401 - as MetricFilter
    """Return the options of a filter over lines of a kind, a value, and more."""
    return {"pattern": compile_pattern("[kind = k, value, , ...]"), **options}


THREE_OR_SEVEN = {"value": 3.0, "default_value": 7.0}
OBSERVED: list[tuple[str, dict[str, Any], list[Any], dict[str, list[float]]]] = [
    (
        "the default is per event that does not match, in a minute with matches too",
        THREE_OR_SEVEN,
        [[ERROR, INFO, ERROR]],
        {"none": [3, 3, 7]},
    ),
    (
        "in whichever batch they come",
        THREE_OR_SEVEN,
        [[ERROR], [INFO]],
        {"none": [3, 7]},
    ),
    ("and order", THREE_OR_SEVEN, [[INFO], [ERROR]], {"none": [3, 7]}),
    ("not per minute", THREE_OR_SEVEN, [[INFO, INFO, INFO]], {"none": [7, 7, 7]}),
    ("without events there is nothing", THREE_OR_SEVEN, [[]], {}),
    (
        "the default stands in for a field that is missing or null",
        json_filter(value=VALUE, default_value=7.0),
        [[{"kind": "k"}, {"kind": "k", "value": None}]],
        {"none": [7, 7]},
    ),
    (
        "but not for a text that is no number",
        json_filter(value=VALUE, default_value=7.0),
        [[{"kind": "k", "value": "banana"}]],
        {},
    ),
    (
        "without a default a missing field gives nothing",
        json_filter(value=VALUE),
        [[{"kind": "k"}]],
        {},
    ),
    (
        "a numeric text is its number",
        json_filter(value=VALUE),
        [[{"kind": "k", "value": "11.5"}, {"kind": "k", "value": 7}]],
        {"none": [7, 11.5]},
    ),
    (
        "dimensions are all or none",
        json_filter(dimensions=A_AND_B),
        [[{"kind": "k", "a": 1, "b": "2"}, {"kind": "k", "a": 1}]],
        {"A B": [1], "none": [1]},
    ),
    (
        "a default knows of no system field",
        THREE_OR_SEVEN | {"system_dimensions": SYSTEM},
        [[ERROR, INFO]],
        {"system": [3], "none": [7]},
    ),
]
TOKENS: list[tuple[str, dict[str, Any], list[Any], dict[str, list[float]]]] = [
    (
        "a token is a number, in quotes too, or gives nothing",
        space_filter(value=TokenName("$value")),
        [["k 5 x", 'k "17.5" x', "k banana x", "other 9 x"]],
        {"none": [5, 17.5]},
    ),
    (
        "a token without a name goes by its number",
        space_filter(value=TokenName("$4")),
        [["k 1 2 3.5", "k 1 2"]],
        {"none": [3.5]},
    ),
    (
        "a name that no token has gives nothing",
        space_filter(value=TokenName("$missing")),
        [["k 5 x"]],
        {},
    ),
    (
        "a default stands for it, and for lines that do not match",
        space_filter(value=TokenName("$4"), default_value=7.0),
        [["k 1 2 3.5", "k 1 2", "other"]],
        {"none": [3.5, 7, 7]},
    ),
    (
        "tokens are dimensions, all or none, and none is empty",
        space_filter(
            value=TokenName("$value"),
            dimensions=(("A", TokenName("$3")), ("B", TokenName("$4"))),
        ),
        [["k 5 1 2", "k 6 1", 'k 7 1 ""']],
        {"A B": [5], "none": [6, 7]},
    ),
]
SYSTEM_FIELDS: list[tuple[str, dict[str, Any], list[Any], dict[str, list[float]]]] = [
    (
        "system fields are the record's own before they are the file's",
        {"system_dimensions": SYSTEM},
        [[ERROR, ERROR | ELSEWHERE, ERROR | {"awsRegion": 7}, "text ERROR"]],
        {"system": [1, 1]},
    ),
    (
        "they stand beside other dimensions",
        json_filter(dimensions=A_AND_B[:1], system_dimensions=SYSTEM),
        [[{"kind": "k", "a": "1"}, {"kind": "k"}]],
        {"system A": [1], "none": [1]},
    ),
    (
        "the log group is one as well",
        {"system_dimensions": (SystemField.SOURCE_LOG,)},
        [[ERROR]],
        {"group": [1]},
    ),
    (
        "criteria choose the events, for matches and defaults alike",
        THREE_OR_SEVEN | {"criteria": parse_criteria('@aws.region = "us-east-1"')},
        [[ERROR, INFO, ERROR | ELSEWHERE, INFO | ELSEWHERE, INFO | ELSEWHERE]],
        {"none": [3, 7, 7]},
    ),
    (
        "a wrong account gives nothing",
        THREE_OR_SEVEN | {"criteria": parse_criteria('@aws.account = "0"')},
        [[ERROR, INFO]],
        {},
    ),
    (
        "a record that nobody could read is of the file's account",
        {"criteria": parse_criteria('@aws.account = "111122223333"')},
        [["text ERROR", ERROR | ELSEWHERE]],
        {"none": [1]},
    ),
]


@pytest.mark.parametrize(
    ("options", "batches", "expected"),
    [
        pytest.param(options, batches, expected, id=name)
        for name, options, batches, expected in OBSERVED + TOKENS + SYSTEM_FIELDS
    ],
)
def test_what_is_published(
    options: dict[str, Any], batches: list[Any], expected: dict[str, list[float]]
) -> None:
    """Each row says it in its name."""
    assert published(options, *batches) == expected


def test_criteria_of_one_filter_are_nobody_elses() -> None:
    """Beside it, other filters look at all events; with defaults of their own."""
    metric = MetricName(namespace="N", name="m")
    here, there, everywhere = (
        MetricFilter(
            name=name,
            pattern=compile_pattern("{ $.level = ERROR }"),
            metric=metric,
            default_value=0.0,
            criteria=parse_criteria(text) if text else None,
        )
        for name, text in (
            ("here", '@aws.region = "eu-west-1"'),
            ("there", '@aws.region != "eu-west-1"'),
            ("everywhere", ""),
        )
    )
    rules = CompiledRules(RuleSet(filters=(here, there, everywhere)))
    events = [ERROR, INFO, ERROR | ELSEWHERE, INFO | ELSEWHERE, INFO | ELSEWHERE]
    records = [record(rules, event) for event in events]

    evaluation = rules.evaluate(records, SOURCE, KEY)

    assert [match.filter for match in evaluation.matches] == [
        "here",
        "everywhere",
        "there",
        "everywhere",
    ]
    assert [(each.filter, each.count) for each in evaluation.defaults] == [
        ("here", 1),
        ("there", 2),
        ("everywhere", 3),
    ]
