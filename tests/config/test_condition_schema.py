"""Tests of conditions in rule files: what they come to, and what is refused."""

import pytest

from relay.config.conditions import (
    Absent,
    AnyCondition,
    Cardinality,
    NewValue,
    RateChange,
)
from relay.config.rules import AlarmDefinition, Comparison, MissingData
from relay.config.statistics import Statistic
from relay.patterns import parse_selector
from tests.config.conftest import Examine, lines

FILTER = "metric_filters:\n  - name: f\n    pattern: '{ $.a = b }'\n    alarm: "
ADDRESS = parse_selector("$.ip")
DAY = 86_400


def alarms_of(examined: Examine, text: str) -> tuple[AlarmDefinition, ...]:
    """Return the alarms of a rule file without problems."""
    report = examined(rules=text)
    assert lines(report) == []
    assert report.loaded is not None
    return report.loaded.rules.alarms


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("{absent: {for: 1h}}", Absent(for_secs=3600.0)),
        (
            "{absent: {for: 1h}, group_by: [$.a]}",
            Absent(for_secs=3600.0, seen_within_secs=7.0 * DAY),
        ),
        (
            "{absent: {for: 5d}, group_by: [$.a]}",
            Absent(for_secs=5.0 * DAY, seen_within_secs=10.0 * DAY),
        ),
        (
            "{absent: {for: 1h, seen_within: 2d}, group_by: [$.a]}",
            Absent(for_secs=3600.0, seen_within_secs=2.0 * DAY),
        ),
        (
            "{absent: {for: 1h, expected: [x, y]}, group_by: [$.a]}",
            Absent(for_secs=3600.0, expected=(("x",), ("y",))),
        ),
        (
            "{absent: {for: 1h, expected: [[x, y]]}, group_by: [$.a, $.b]}",
            Absent(for_secs=3600.0, expected=(("x", "y"),)),
        ),
        (
            "{new_value: {of: $.ip}}",
            NewValue(
                of=ADDRESS,
                within_secs=30.0 * DAY,
                learn_secs=7.0 * DAY,
                max_values=10_000,
            ),
        ),
        (
            "{new_value: {of: $.ip, within: 90d, learn: 0s, max_values: 5}}",
            NewValue(of=ADDRESS, within_secs=90.0 * DAY, learn_secs=0, max_values=5),
        ),
        (
            "{cardinality: {of: $.ip, more_than: 20}}",
            Cardinality(of=ADDRESS, more_than=20, max_values=10_000),
        ),
        (
            "{cardinality: {of: $.ip, more_than: 5000}}",
            Cardinality(of=ADDRESS, more_than=5000, max_values=50_000),
        ),
        (
            "{cardinality: {of: $.ip, more_than: 20, max_values: 40}, period: 10s}",
            Cardinality(of=ADDRESS, more_than=20, max_values=40),
        ),
        (
            "{rate_change: {times: 5, at_least: 50}, period: 10m}",
            RateChange(times=5.0, at_least=50, against_secs=600),
        ),
        (
            "{rate_change: {times: 1.5, at_least: 1, against: 7d}}",
            RateChange(times=1.5, at_least=1, against_secs=7 * DAY),
        ),
    ],
)
def test_a_condition_is_taken_over(
    examined: Examine, options: str, expected: AnyCondition
) -> None:
    """With its defaults, on the matches of the filter that it stands in."""
    (alarm,) = alarms_of(examined, FILTER + options)

    assert alarm.condition == expected
    assert alarm.filter == "f"


def test_the_long_form_names_its_filter(examined: Examine) -> None:
    """So that one filter may have several conditions, and dimensions of its own."""
    threshold, silence = alarms_of(
        examined,
        f"{FILTER}{{}}\nalarms:\n  - {{name: s, filter: f, absent: {{for: 1h}}}}\n",
    )

    assert (threshold.condition, threshold.filter) == (None, None)
    assert (silence.name, silence.filter) == ("s", "f")
    assert silence.metric == threshold.metric
    assert silence.origin == "rules.yaml:6"


def test_a_condition_may_stand_beside_dimensions(examined: Examine) -> None:
    """It is about matches, not about a metric."""
    (alarm,) = alarms_of(
        examined,
        FILTER + "{absent: {for: 1h}}\n    metric: {dimensions: {A: $.a}}",
    )

    assert alarm.condition == Absent(for_secs=3600.0)


@pytest.mark.parametrize(
    ("options", "comparison", "threshold", "treatment", "period_secs"),
    [
        ("absent: {for: 1h}", Comparison.LESS, 1, MissingData.MISSING, 3600),
        (
            "new_value: {of: $.ip}",
            Comparison.GREATER_OR_EQUAL,
            1,
            MissingData.MISSING,
            300,
        ),
        (
            "new_value: {of: $.ip, learn: 0s}",
            Comparison.GREATER_OR_EQUAL,
            1,
            MissingData.NOT_BREACHING,
            300,
        ),
        (
            "cardinality: {of: $.ip, more_than: 9}",
            Comparison.GREATER,
            9,
            MissingData.NOT_BREACHING,
            300,
        ),
        (
            "rate_change: {times: 3, at_least: 7}",
            Comparison.GREATER_OR_EQUAL,
            7,
            MissingData.NOT_BREACHING,
            300,
        ),
    ],
)
def test_it_is_told_in_the_words_of_a_threshold(
    examined: Examine,
    options: str,
    comparison: Comparison,
    threshold: float,
    treatment: MissingData,
    period_secs: int,
) -> None:
    """As near as they come: consumers of CloudWatch's message want them."""
    (alarm,) = alarms_of(examined, f"{FILTER}{{{options}}}")

    assert alarm.statistic is Statistic.SAMPLE_COUNT
    assert (alarm.comparison, alarm.threshold) == (comparison, threshold)
    assert alarm.treat_missing_data is treatment
    assert alarm.period_secs == period_secs


@pytest.mark.parametrize(
    ("options", "described"),
    [
        ("absent: {for: 1h}", "no match for 1h"),
        ("new_value: {of: $.ip}", "a value of $.ip that was not seen for 30d"),
        (
            "cardinality: {of: $.ip, more_than: 9}",
            "more than 9 values of $.ip within 5m",
        ),
        (
            "rate_change: {times: 3, at_least: 7, against: 1d}",
            "3 times the matches of 1d before within 5m, and at least 7",
        ),
    ],
)
def test_a_notification_describes_it(
    examined: Examine, options: str, described: str
) -> None:
    """In a few words."""
    (alarm,) = alarms_of(examined, f"{FILTER}{{{options}}}")

    assert alarm.condition is not None
    assert alarm.condition.describe(alarm.period_secs) == described


def test_fields_that_a_condition_reads_are_known(examined: Examine) -> None:
    """They have to be decoded."""
    (alarm,) = alarms_of(
        examined, FILTER + "{new_value: {of: $.ip}, group_by: [$.user]}"
    )

    assert alarm.selectors == (parse_selector("$.user"), ADDRESS)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("absent: {for: 1h}", "absent: {for: 1h}, severity: high", True),
        ("absent: {for: 1h}", "absent: {for: 2h}", False),
        (
            "group_by: [$.a], absent: {for: 1h, expected: [x, y]}",
            "group_by: [$.a], absent: {for: 1h, expected: [y, x]}",
            True,
        ),
        (
            "group_by: [$.a], absent: {for: 1h, expected: [x, y]}",
            "group_by: [$.a], absent: {for: 1h, expected: [x]}",
            False,
        ),
        (
            "new_value: {of: $.ip}",
            "new_value: {of: $.ip, max_values: 3}",
            True,
        ),
        ("new_value: {of: $.ip}", "new_value: {of: $.user}", False),
        ("new_value: {of: $.ip}", "new_value: {of: $.ip, learn: 1d}", False),
        (
            "cardinality: {of: $.ip, more_than: 9}",
            "cardinality: {of: $.ip, more_than: 9, max_values: 99}",
            True,
        ),
        (
            "cardinality: {of: $.ip, more_than: 9}",
            "cardinality: {of: $.b, more_than: 9}",
            False,
        ),
        (
            "rate_change: {times: 3, at_least: 7}",
            "rate_change: {times: 3, at_least: 7, against: 5m}",
            True,
        ),
        (
            "rate_change: {times: 3, at_least: 7}",
            "rate_change: {times: 3.5, at_least: 7}",
            False,
        ),
    ],
)
def test_state_is_kept_while_the_condition_is_the_same(
    examined: Examine, one: str, other: str, is_same: bool
) -> None:
    """Limits and descriptions are no part of it."""
    ((first,), (second,)) = (
        alarms_of(examined, f"{FILTER}{{{options}}}") for options in (one, other)
    )

    assert (first.fingerprint == second.fingerprint) is is_same


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("{absent: {}}", ".absent.for: is missing; it has no default"),
        ("{absent: {for: 1h, foo: 1}}", ".absent.foo: is no known key"),
        (
            "{absent: {for: 1h}, threshold: 3}",
            ".threshold: 3 plays no part in an alarm with absent",
        ),
        (
            "{absent: {for: 1h}, period: 5m}",
            ".period: '5m' plays no part in an alarm with absent, which has for",
        ),
        (
            "{rate_change: {times: 3, at_least: 5}, time: arrival}",
            ".time: 'arrival' plays no part in an alarm with rate_change",
        ),
        (
            "{absent: {for: 1h}, new_value: {of: $.x}}",
            ".new_value: cannot stand beside absent; an alarm has one condition",
        ),
        ("{absent: {for: 1h, expected: [a]}}", ": has absent.expected, but no group"),
        ("{absent: {for: 1h, seen_within: 2h}}", ": has absent.seen_within, but no"),
        (
            "{absent: {for: 1h, expected: [a, [b, c]]}, group_by: [$.a]}",
            ": has the absent.expected group 'b, c', but groups by 1 fields",
        ),
        (
            "{absent: {for: 1h, expected: [111122223333]}, group_by: [$.a]}",
            ".absent.expected[0]: 111122223333 is neither a text nor a list of texts;",
        ),
        (
            "{absent: {for: 1h, expected: [[a, 1]]}, group_by: [$.a, $.b]}",
            ".absent.expected[0]: is neither a text nor a list of texts; put numbers",
        ),
        (
            "{absent: {for: 1h, expected: [a, [a]]}, group_by: [$.a]}",
            ".absent.expected: names a group twice",
        ),
        (
            "{absent: {for: 1h, expected: [a, b]}, group_by: [$.a], max_groups: 1}",
            ": expects more groups than max_groups, which is 1",
        ),
        (
            "{absent: {for: 1h, seen_within: 1h}, group_by: [$.a]}",
            ".absent.seen_within: '1h' is no longer than for, which is 1h",
        ),
        (
            "{absent: {for: 1h, expected: [a], seen_within: 2h}, group_by: [$.a]}",
            ".absent.seen_within: '2h' plays no part beside expected, which names",
        ),
        (
            "{new_value: {of: '$.x[*]'}}",
            ".new_value.of: '$.x[*]' stands for many values",
        ),
        (
            "{new_value: {of: $.x, learn: 40d}}",
            ".new_value.learn: '40d' is longer than within, which is 30d",
        ),
        (
            "{cardinality: {of: $.x, more_than: 10, max_values: 3}}",
            ".cardinality.max_values: 3 is too small; at least 20, twice more_than",
        ),
        (
            "{rate_change: {times: 1, at_least: 1}}",
            ".rate_change.times: 1 is too small; more than 1",
        ),
        (
            "{rate_change: {times: 2, at_least: 1, against: 90s}}",
            ".rate_change.against: '90s' is not in whole minutes",
        ),
        (
            "{rate_change: {times: 3, at_least: 5, against: 1m}}",
            ": has rate_change.against of 1m, which is shorter than the period of 5m",
        ),
        (
            "{rate_change: {times: 3, at_least: 5}, period: 10s}",
            ": has rate_change, which needs a period of whole minutes",
        ),
    ],
)
def test_what_does_not_fit_is_told(
    examined: Examine, options: str, expected: str
) -> None:
    """Once, at its own place."""
    (found,) = lines(examined(rules=FILTER + options))

    assert found.startswith(f"rules.yaml:4: metric_filters[0].alarm{expected}")


@pytest.mark.parametrize(
    ("alarm", "expected"),
    [
        ("{name: a}", [".metric: is missing; it has no default"]),
        (
            "{name: a, filter: f}",
            [".filter: 'f' goes with a condition; a threshold is on a metric"],
        ),
        (
            "{name: a, filter: ff, absent: {for: 1h}}",
            [".filter: 'ff' is no metric filter; did you mean f?"],
        ),
        (
            "{name: a, filter: zzz, absent: {for: 1h}}",
            [".filter: 'zzz' is no metric filter"],
        ),
        (
            "{name: a, absent: {for: 1h}}",
            [".filter: is missing; it has no default"],
        ),
        (
            "{name: a, filter: f, metric: relay/f, absent: {for: 1h}}",
            [".metric: 'relay/f' plays no part in an alarm with absent"],
        ),
        (
            "{name: a, filter: f, absent: {for: 1h}, unit: Count}",
            [".unit: 'Count' plays no part in an alarm with absent"],
        ),
        (
            "{name: a, filter: f, absent: {for: x}}",
            [".absent.for: 'x' is no duration; write it as 90s, 5m or 1h30m"],
        ),
    ],
)
def test_the_long_form_has_a_metric_or_a_filter(
    examined: Examine, alarm: str, expected: list[str]
) -> None:
    """A metric for a threshold, a filter for a condition."""
    found = lines(examined(rules=f"{FILTER}{{name: f0}}\nalarms: [{alarm}]\n"))

    assert found == [f"rules.yaml:5: alarms[0]{each}" for each in expected]


def test_an_alarm_whose_filter_is_broken_is_no_problem(examined: Examine) -> None:
    """The filter is."""
    text = FILTER.replace("= b }", "== b }") + "{}\n"

    found = lines(
        examined(rules=text + "alarms: [{name: s, filter: f, absent: {for: 1h}}]\n")
    )

    assert len(found) == 1
    assert "is no filter pattern" in found[0]
