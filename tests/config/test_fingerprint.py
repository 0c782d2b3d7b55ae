"""Tests of the fingerprint: equal exactly when the evaluation is."""

from dataclasses import replace
from typing import Any

import pytest

from relay.config.criteria import SystemField, parse_criteria
from relay.config.fingerprint import fingerprint
from relay.config.rules import (
    AlarmDefinition,
    AlarmTime,
    Comparison,
    LowSamples,
    MetricFilter,
    MetricName,
    MissingData,
    TokenName,
)
from relay.config.statistics import Statistic, parse_statistic
from relay.patterns import compile_pattern, parse_selector

METRIC = MetricName(namespace="N", name="M")
ALARM = AlarmDefinition(name="a", metric=METRIC, fingerprint="")
FILTER = MetricFilter(name="f", pattern=compile_pattern("{ $.a = b }"), metric=METRIC)
OTHER = replace(FILTER, pattern=compile_pattern("{ $.a = c }"))


def test_a_fingerprint_is_stable() -> None:
    """It is the same in every process and on every machine: state depends on it."""
    assert fingerprint(ALARM, [FILTER]) == "6525a80b13bb77da"


@pytest.mark.parametrize(
    "change",
    [
        {"metric": MetricName(namespace="N", name="X")},
        {"metric": MetricName(namespace="N", name="M", dimensions=(("A", "x"),))},
        {"statistic": Statistic.SAMPLE_COUNT},
        {"statistic": parse_statistic("p99")},
        {"low_samples": LowSamples.IGNORE},
        {"comparison": Comparison.GREATER},
        {"threshold": 2.0},
        {"period_secs": 60},
        {"evaluation_periods": 2},
        {"evaluation_periods": 2, "datapoints_to_alarm": 1},
        {"treat_missing_data": MissingData.IGNORE},
        {"unit": "Count"},
        {"time": AlarmTime.ARRIVAL},
        {"lateness_secs": 60.0},
        {"group_by": (parse_selector("$.a"),)},
    ],
    ids=str,
)
def test_what_the_evaluation_depends_on_changes_it(change: dict[str, Any]) -> None:
    """The alarm starts anew then."""
    assert fingerprint(replace(ALARM, **change), [FILTER]) != fingerprint(
        ALARM, [FILTER]
    )


@pytest.mark.parametrize(
    "change",
    [
        {"description": "x"},
        {"severity": "high"},
        {"labels": (("a", "b"),)},
        {"runbook_url": "x"},
        {"evidence": 1},
        {"max_groups": 1},
        {"actions_enabled": False},
        {"notify_on": frozenset()},
        {"staged": True},
        {"origin": "x"},
        {"fingerprint": "x"},
        {"datapoints_to_alarm": 1},
    ],
    ids=str,
)
def test_what_only_describes_the_alarm_does_not(change: dict[str, Any]) -> None:
    """State survives a reload that changes only these; M of N is N when not given."""
    assert fingerprint(replace(ALARM, **change), [FILTER]) == fingerprint(
        ALARM, [FILTER]
    )


@pytest.mark.parametrize(
    "change",
    [
        {"pattern": OTHER.pattern},
        {"value": 2.0},
        {"value": parse_selector("$.a")},
        {"default_value": 0.0},
        {"unit": "Count"},
        {"dimensions": (("A", parse_selector("$.a")),)},
        {"dimensions": (("A", TokenName("$a")),)},
        {"value": TokenName("$a")},
        {"system_dimensions": (SystemField.REGION,)},
        {"criteria": parse_criteria('@aws.region = "x"')},
    ],
    ids=" ".join,
)
def test_what_a_feeding_filter_counts_changes_it(change: dict[str, Any]) -> None:
    """Windows full of other matches are of no use."""
    assert fingerprint(ALARM, [replace(FILTER, **change)]) != fingerprint(
        ALARM, [FILTER]
    )


def test_neither_names_nor_order_of_the_filters_count() -> None:
    """Renaming or moving a filter keeps the state of its alarms."""
    expected = fingerprint(ALARM, [FILTER, OTHER])

    assert (
        fingerprint(ALARM, [OTHER, replace(FILTER, name="g", origin="x")]) == expected
    )
    assert fingerprint(ALARM, [FILTER]) != expected


def listing(**lists: list[str]) -> MetricFilter:
    """Return a filter whose pattern looks users up in two of ``lists``."""
    text = "{ $.user IN @admins || $.user IN [x, @others] }"
    return replace(FILTER, pattern=compile_pattern(text, extensions=True, lists=lists))


def test_what_a_named_list_holds_changes_it() -> None:
    """The pattern's text is the same, but it matches other events."""
    before = listing(admins=["a", "b"], others=["c"], unused=["d"])

    assert fingerprint(ALARM, [before]) != fingerprint(
        ALARM, [listing(admins=["a", "b"], others=["c", "e"])]
    )
    assert fingerprint(ALARM, [before]) == fingerprint(
        ALARM, [listing(admins=["b", "a", "b"], others=["c"], unused=["e"])]
    )
