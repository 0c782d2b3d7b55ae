"""A configuration's rules over the records of one object."""

import json
from typing import Any

import pytest

from relay.config.rules import AlarmDefinition, MetricFilter, MetricName, RuleSet
from relay.model import (
    AlarmKey,
    DefaultPoints,
    Evaluation,
    Feed,
    FileKind,
    LogFileKey,
    LogObject,
    Record,
)
from relay.patterns import compile_pattern, parse_selector
from relay.rules.compiled import CompiledRules
from relay.trail.records import split_records

_KEY = LogFileKey(kind=FileKind.EVENTS, account="111122223333", region="eu-west-1")
_SOURCE = LogObject(bucket="trail", key="k", etag="e", last_modified=0.0, body=b"")
_NOON = 1_789_387_200.0  # 2026-09-14T12:00:00Z


def _filter(
    name: str,
    pattern: str,
    **options: Any,  # noqa: ANN401 - as MetricFilter takes them
) -> MetricFilter:
    return MetricFilter(
        name=name,
        pattern=compile_pattern(pattern),
        metric=MetricName(namespace="N", name=name),
        **options,
    )


def _rules(*filters: MetricFilter) -> CompiledRules:
    """Compile the filters, each with an alarm of its name on its metric."""
    alarms = tuple(
        AlarmDefinition(name=one.name, metric=one.metric, fingerprint="f")
        for one in filters
    )
    return CompiledRules(RuleSet(filters=filters, alarms=alarms))


def _records(rules: CompiledRules, *records: object) -> list[Record]:
    data = json.dumps(records).encode()
    return split_records(data, rules.projection, max_records=100).records


def _evaluate(rules: CompiledRules, *records: object) -> Evaluation:
    return rules.evaluate(_records(rules, *records), _SOURCE, _KEY)


def _feed(name: str) -> Feed:
    return Feed(alarm=AlarmKey(name=name, fingerprint="f"), group=())


def test_every_matching_filter_gives_a_match() -> None:
    """In the order of records and filters, with time, id, value, feeds, evidence."""
    rules = _rules(
        _filter("logins", "{ $.eventName = ConsoleLogin }"),
        _filter("failures", "{ $.errorMessage = Failed* }", value=2.0),
        _filter("others", "{ $.eventName != ConsoleLogin }"),
    )

    matches = _evaluate(
        rules,
        {
            "eventName": "ConsoleLogin",
            "errorMessage": "Failed authentication",
            "eventTime": "2026-09-14T12:00:00Z",
            "eventID": "i",
        },
        {"eventName": "GetObject"},
        {"unrelated": 1},
    ).matches

    assert [(one.filter, one.value, one.time, one.event_id) for one in matches] == [
        ("logins", 1.0, _NOON, "i"),
        ("failures", 2.0, _NOON, "i"),
        ("others", 1.0, None, None),
    ]
    assert [one.feeds for one in matches] == [
        (_feed("logins"),),
        (_feed("failures"),),
        (_feed("others"),),
    ]
    assert matches[0].evidence.event_name == "ConsoleLogin"
    assert matches[2].evidence.event_name == "GetObject"
    assert matches[0].evidence.bucket == "trail"


@pytest.mark.parametrize(
    ("record", "without_default", "with_default"),
    [
        ({"n": 7}, 7.0, 7.0),
        ({"n": "11.5"}, 11.5, 11.5),
        ({"n": "banana"}, None, None),
        ({"n": True}, None, None),
        ({"n": None}, None, 3.0),
        ({}, None, 3.0),
    ],
)
def test_a_selected_value_is_the_fields_number(
    record: dict[str, Any], without_default: float | None, with_default: float | None
) -> None:
    """No number: no value; but a missing or null one is the filter's default."""
    value = parse_selector("$.n")
    rules = _rules(
        _filter("plain", "{ $.x = 1 }", value=value),
        _filter("default", "{ $.x = 1 }", value=value, default_value=3.0),
    )

    matches = _evaluate(rules, record | {"x": 1}).matches

    assert [one.value for one in matches] == [without_default, with_default]


def test_a_default_stands_for_each_record_without_a_match() -> None:
    """Per filter and minute of event time, in minutes with matches too."""
    rules = _rules(
        _filter("d", "{ $.x = 1 }", default_value=7.0),
        _filter("always", "{ $.x = * }", default_value=5.0),
        _filter("none", "{ $.x = 3 }"),
    )

    defaults = _evaluate(
        rules,
        {"x": 1, "eventTime": "2026-09-14T12:00:01Z"},
        {"x": 2, "eventTime": "2026-09-14T12:00:59Z"},
        {"x": 2, "eventTime": "2026-09-14T12:00:00Z"},
        {"x": 2, "eventTime": "2026-09-14T12:01:00Z"},
        {"x": 1, "eventTime": "2026-09-14T12:02:00Z"},
        {"x": 2},
        17,
    ).defaults

    def points(
        name: str, value: float, time: float | None, count: int
    ) -> DefaultPoints:
        return DefaultPoints(
            filter=name, time=time, value=value, count=count, feeds=(_feed(name),)
        )

    assert defaults == (
        points("d", 7.0, _NOON, 2),
        points("d", 7.0, _NOON + 60, 1),
        points("d", 7.0, None, 2),
        points("always", 5.0, None, 1),
    )


def test_nothing_comes_of_nothing() -> None:
    """No records, or no rules: no matches and no defaults."""
    empty = CompiledRules(RuleSet())
    rules = _rules(_filter("d", "{ $.x = 1 }", default_value=7.0))

    assert _evaluate(empty, {"x": 1}) == Evaluation()
    assert _evaluate(rules) == Evaluation()


def test_a_group_and_a_dimension_need_not_be_in_the_pattern() -> None:
    """Their fields are decoded because the alarm and the filter name them."""
    metric = MetricName(namespace="N", name="m", dimensions=(("Bucket", "b1"),))
    metric_filter = MetricFilter(
        name="f",
        pattern=compile_pattern("{ $.x = 1 }"),
        metric=MetricName(namespace="N", name="m"),
        dimensions=(("Bucket", parse_selector("$.requestParameters.bucketName")),),
    )
    alarm = AlarmDefinition(
        name="a",
        metric=metric,
        fingerprint="f",
        group_by=(parse_selector("$.userIdentity.userName"),),
    )
    rules = CompiledRules(RuleSet(filters=(metric_filter,), alarms=(alarm,)))

    match = _evaluate(
        rules,
        {
            "x": 1,
            "requestParameters": {"bucketName": "b1"},
            "userIdentity": {"userName": "alice"},
        },
    ).matches[0]

    assert match.feeds == (
        Feed(alarm=AlarmKey(name="a", fingerprint="f"), group=("alice",)),
    )


def test_the_first_matching_route_is_taken() -> None:
    """Routes are looked at in their order; without a match there is none."""
    rules = CompiledRules(
        RuleSet(),
        [
            compile_pattern('{ $.userAgent = "health*" }'),
            compile_pattern("{ $.eventCategory = Data }"),
        ],
    )

    records = _records(
        rules,
        {"eventCategory": "Data"},
        {"eventCategory": "Data", "userAgent": "health-checker/1"},
        {"eventCategory": "Management"},
        "no record",
    )

    assert [rules.route(record) for record in records] == [1, 0, None, None]


def test_a_value_far_beyond_a_double_is_no_datapoint() -> None:
    """A record that takes the slow way is matched, though its number is none."""
    rules = _rules(_filter("f", "{ $.n != foo }", value=parse_selector("$.n")))
    data = b'[{"n":1e309}]'
    records = split_records(data, rules.projection, max_records=1).records

    matches = rules.evaluate(records, _SOURCE, _KEY).matches

    assert [one.value for one in matches] == [None]


def test_text_patterns_read_the_record_as_text() -> None:
    """A term finds it wherever it stands; evidence and groups come from its fields.

    A record that no parser could read has none; it matches all the same.
    """
    one = _filter("denied", "Denied")
    alarm = AlarmDefinition(
        name="denied",
        metric=one.metric,
        fingerprint="f",
        group_by=(parse_selector("$.userIdentity.userName"),),
    )
    rules = CompiledRules(
        RuleSet(filters=(one,), alarms=(alarm,)), [compile_pattern("%^text%")]
    )
    read = _records(
        rules, {"errorCode": "AccessDenied", "userIdentity": {"userName": "alice"}}
    )
    unread = Record(b"text: Denied", 12, None, None, None)

    evaluation = rules.evaluate([*read, unread], _SOURCE, _KEY)

    first, second = evaluation.matches
    assert [feed.group for feed in first.feeds] == [("alice",)]
    assert first.evidence.error_code == "AccessDenied"
    assert [feed.group for feed in second.feeds] == [("",)]
    assert second.evidence.account == "111122223333"
    assert [rules.route(read[0]), rules.route(unread)] == [None, 0]
