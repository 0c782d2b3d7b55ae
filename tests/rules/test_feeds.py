"""Which alarms a metric filter feeds, and which group of them."""

from typing import Any

import msgspec
import pytest

from relay.config.conditions import Absent, Cardinality
from relay.config.rules import AlarmDefinition, MetricFilter, MetricName
from relay.model import AlarmKey, Feed
from relay.patterns import compile_pattern, parse_selector
from relay.rules.feeds import FilterFeeds
from relay.trail.projection import Projection

_ANY = compile_pattern("{ $.x = * }")
_METRIC = MetricName(namespace="N", name="m")
_A, _B = parse_selector("$.a"), parse_selector("$.b.c")
_PROJECTION = Projection([_A, _B])


def _alarm(
    name: str,
    metric: MetricName = _METRIC,
    **options: Any,  # noqa: ANN401 - as AlarmDefinition takes them
) -> AlarmDefinition:
    return AlarmDefinition(name=name, metric=metric, fingerprint="f", **options)


def _feeds(
    *alarms: AlarmDefinition,
    **options: Any,  # noqa: ANN401 - as MetricFilter takes them
) -> FilterFeeds:
    metric_filter = MetricFilter(name="f", pattern=_ANY, metric=_METRIC, **options)
    return FilterFeeds(metric_filter, alarms, _PROJECTION)


def _feed(name: str, *group: str) -> Feed:
    return Feed(alarm=AlarmKey(name=name, fingerprint="f"), group=group)


def _fields(record: object) -> object:
    return _PROJECTION.decode(msgspec.json.encode(record))


def test_every_alarm_on_the_metric_is_fed() -> None:
    """Namespace and name must be equal; several alarms may read one metric."""
    feeds = _feeds(
        _alarm("one"),
        _alarm("other-name", MetricName(namespace="N", name="n")),
        _alarm("other-namespace", MetricName(namespace="M", name="m")),
        _alarm("two"),
    )

    assert feeds.of_match(_fields({})) == (_feed("one"), _feed("two"))
    assert feeds.of_default() == (_feed("one"), _feed("two"))


@pytest.mark.parametrize(
    ("record", "group"),
    [
        ({"a": "alice", "b": {"c": 7}}, ("alice", "7")),
        ({"a": 1.5}, ("1.5", "")),
        ({"a": True, "b": {"c": False}}, ("true", "false")),
        ({"a": None, "b": {"c": []}}, ("", "")),
        ({"a": "x" * 1025, "b": "y"}, ("x" * 1024, "")),
    ],
)
def test_a_group_is_the_texts_of_its_fields(
    record: dict[str, Any], group: tuple[str, ...]
) -> None:
    """In the order of ``group_by``; "" for what is missing or has no text."""
    feeds = _feeds(_alarm("grouped", group_by=(_A, _B)))

    assert feeds.of_match(_fields(record)) == (_feed("grouped", *group),)


def test_defaults_go_to_neither_groups_nor_dimensions() -> None:
    """A group is about records that match; the alarm beside it gets the default."""
    one = MetricName(namespace="N", name="m", dimensions=(("A", "1"),))
    feeds = _feeds(
        _alarm("grouped", group_by=(_A,)), _alarm("plain"), _alarm("dimension", one)
    )

    assert feeds.of_default() == (_feed("plain"),)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"a": "1", "b": {"c": "x"}}, ("both",)),
        ({"a": 1, "b": {"c": "x"}}, ("both",)),
        ({"a": "2", "b": {"c": "x"}}, ()),
        ({"a": "1"}, ("none",)),
        ({"a": "1", "b": {"c": ""}}, ("none",)),
        ({"a": True, "b": {"c": "x"}}, ("none",)),
    ],
)
def test_dimensions_are_all_or_none(
    record: dict[str, Any], expected: tuple[str, ...]
) -> None:
    """A record counts in the series of its dimensions; lacking one, in that of none."""
    both = MetricName(namespace="N", name="m", dimensions=(("B", "x"), ("A", "1")))
    one = MetricName(namespace="N", name="m", dimensions=(("A", "1"),))
    feeds = _feeds(
        _alarm("both", both),
        _alarm("one", one),
        _alarm("none"),
        dimensions=(("A", _A), ("B", _B)),
    )

    assert feeds.of_match(_fields(record)) == tuple(map(_feed, expected))


@pytest.mark.parametrize(
    ("filter_unit", "alarm_unit", "is_fed"),
    [
        (None, None, True),
        ("Count", None, True),
        ("Count", "Count", True),
        (None, "None", True),
        ("Count", "Bytes", False),
        (None, "Count", False),
    ],
)
def test_an_alarm_with_a_unit_reads_that_unit_only(
    filter_unit: str | None, alarm_unit: str | None, is_fed: bool
) -> None:
    """As in CloudWatch; an alarm without one reads them all."""
    feeds = _feeds(_alarm("a", unit=alarm_unit), unit=filter_unit)

    assert feeds.of_match(_fields({})) == ((_feed("a"),) if is_fed else ())


def test_a_condition_is_fed_by_its_filter_alone() -> None:
    """Whatever the metric, its dimensions or its unit are."""
    silence = Absent(for_secs=60.0)
    feeds = _feeds(
        _alarm("own", condition=silence, filter="f", group_by=(_A,)),
        _alarm("foreign", condition=silence, filter="g"),
        dimensions=(("A", _A),),
        unit="Count",
    )

    (feed,) = feeds.of_match(_fields({"a": "x"}))

    assert feed == Feed(
        alarm=_feed("own").alarm, group=("x",), counts_matches=True, term=None
    )
    assert feeds.of_default() == ()


@pytest.mark.parametrize(
    ("record", "terms"),
    [
        ({"b": {"c": "192.0.2.1"}}, ["192.0.2.1"]),
        ({"b": {"c": 7}}, ["7"]),
        ({"b": {"c": True}}, ["true"]),
        ({"b": {"c": "x" * 1025}}, ["x" * 1024]),
        ({"b": {"c": None}}, []),
        ({"b": {"c": ""}}, []),
        ({"b": {"c": ["x"]}}, []),
        ({}, []),
    ],
)
def test_a_feed_has_the_value_that_a_condition_is_about(
    record: dict[str, Any], terms: list[str]
) -> None:
    """A record without it is none of the alarm's business."""
    many = Cardinality(of=_B, more_than=1, max_values=9)
    feeds = _feeds(_alarm("many", condition=many, filter="f"))

    assert [feed.term for feed in feeds.of_match(_fields(record))] == terms
