"""relay.rules.published: the series that matches of a published filter belong to."""

import json

from relay.config.criteria import SystemField
from relay.config.rules import MetricFilter, MetricName, RuleSet
from relay.model import FileKind, LogFileKey, LogObject, MetricSeries
from relay.patterns import compile_pattern, parse_selector
from relay.rules.compiled import CompiledRules
from relay.trail.records import split_records

SOURCE = LogObject(bucket="b", key="k", etag="e", last_modified=0.0, body=b"")
KEY = LogFileKey(kind=FileKind.EVENTS, account="1", region="eu-west-1")


def metric_filter(**changes: object) -> MetricFilter:
    """Return a filter for everything that has a user."""
    members: dict[str, object] = {
        "name": "f",
        "pattern": compile_pattern("{ $.n = * }"),
        "metric": MetricName(namespace="n", name="m"),
        "publish": True,
    }
    return MetricFilter(**(members | changes))  # type: ignore[arg-type]  # by name


def series(each: MetricFilter, *records: object) -> list[MetricSeries | None]:
    """Return where matches, then defaults, are published."""
    rules = CompiledRules(RuleSet(filters=(each,), log_group="/g"))
    text = json.dumps({"Records": records}).encode()
    split = split_records(text, rules.projection, max_records=99)
    found = rules.evaluate(split.records, SOURCE, KEY)
    return [
        *(match.series for match in found.matches),
        *(defaults.series for defaults in found.defaults),
    ]


def test_unpublished_filter_has_none() -> None:
    """The default: CloudWatch charges for every series."""
    assert series(metric_filter(publish=False), {"n": 1}) == [None]


def test_match_without_dimensions() -> None:
    """Namespace, name and unit as the filter has them."""
    each = metric_filter(unit="Count")

    assert series(each, {"n": 1}) == [
        MetricSeries(namespace="n", name="m", unit="Count")
    ]


def test_dimensions_of_a_match() -> None:
    """Read from the record and its system fields, in the filter's order."""
    each = metric_filter(
        dimensions=(("user", parse_selector("$.u")),),
        system_dimensions=(SystemField.SOURCE_LOG,),
    )

    (found,) = series(each, {"n": 1, "u": "alice"})

    assert found is not None
    assert found.dimensions == (("user", "alice"), (SystemField.SOURCE_LOG, "/g"))


def test_missing_dimension_leaves_none() -> None:
    """All of them or none, as in CloudWatch."""
    each = metric_filter(
        dimensions=(("a", parse_selector("$.a")), ("b", parse_selector("$.b")))
    )

    assert series(each, {"n": 1, "a": "x"}) == [MetricSeries(namespace="n", name="m")]


def test_default_goes_to_the_plain_series() -> None:
    """It stands for records that did not match: there is nothing to read."""
    each = metric_filter(default_value=0.0)

    assert series(each, {"x": 1}) == [MetricSeries(namespace="n", name="m")]
