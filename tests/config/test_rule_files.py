"""Tests of rule files: what they come to, and what is refused in them."""

import pytest

from relay.config.metric_schema import MetricEntry
from relay.config.rules import (
    AlarmTime,
    Comparison,
    LowSamples,
    MetricName,
    MissingData,
    RuleSet,
)
from relay.config.statistics import Statistic
from relay.model import AlarmState
from relay.patterns import parse_selector
from tests.config.conftest import Examine, lines

PATTERN = "pattern: '{ $.a = b }'"


def rules_of(examined: Examine, text: str) -> RuleSet:
    """Return the rule set of a rule file without problems."""
    report = examined(rules=text)
    assert lines(report) == []
    assert report.loaded is not None
    return report.loaded.rules


def test_a_filter_alone_has_aws_defaults(examined: Examine) -> None:
    """Without a metric it counts matches under its own name, and raises nothing."""
    rules = rules_of(
        examined,
        f"metric_filters:\n  - name: f\n    {PATTERN}\n    publish: false\n",
    )

    (found,) = rules.filters
    assert found.metric == MetricName(namespace="relay", name="f")
    assert (found.value, found.default_value, found.unit) == (1.0, None, None)
    assert found.pattern.matches('{"a": "b"}')
    assert found.origin == "rules.yaml:2"
    assert rules.alarms == ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"1"', 1.0),
        ("2.5", 2.5),
        ("-3", -3.0),
        ('".5e1"', 5.0),
        ("$.bytes", parse_selector("$.bytes")),
    ],
)
def test_a_metrics_value_is_a_number_or_a_selector(
    examined: Examine, value: str, expected: object
) -> None:
    """AWS writes numbers as texts; both forms are taken."""
    text = f"metric_filters: [{{name: f, {PATTERN}, metric: {{value: {value}}}}}]"

    assert rules_of(examined, text).filters[0].value == expected


def test_a_metric_transformation_is_taken_over(examined: Examine) -> None:
    """Dimensions keep their selectors."""
    (found,) = rules_of(
        examined,
        f"metric_filters: [{{name: f, {PATTERN}, metric: {{namespace: N, name: M,"
        " unit: Count, dimensions: {Region: $.awsRegion}}}]",
    ).filters

    assert str(found.metric) == "N/M"
    assert found.unit == "Count"
    assert found.dimensions == (("Region", parse_selector("$.awsRegion")),)


def test_an_empty_alarm_fires_on_the_first_match(examined: Examine) -> None:
    """``alarm: {}`` has all defaults; ``alarm:`` without anything is none."""
    rules = rules_of(
        examined,
        f"metric_filters: [{{name: f, {PATTERN}, alarm: {{}}}},"
        f" {{name: g, {PATTERN}, alarm: null}}]",
    )

    (alarm,) = rules.alarms
    assert alarm.name == "f"
    assert alarm.metric == rules.filters[0].metric
    assert (alarm.statistic, alarm.comparison) == (
        Statistic.SUM,
        Comparison.GREATER_OR_EQUAL,
    )
    assert (alarm.threshold, alarm.period_secs, alarm.evaluation_periods) == (1, 300, 1)
    assert alarm.datapoints_to_alarm is None
    assert alarm.treat_missing_data is MissingData.NOT_BREACHING
    assert alarm.labels == (("alarm", "f"),)
    assert alarm.origin == "rules.yaml:1"
    assert len(alarm.fingerprint) == 16


def test_every_option_of_the_short_form_is_taken_over(examined: Examine) -> None:
    """The alarm may have a name of its own."""
    (alarm,) = rules_of(
        examined,
        f"metric_filters:\n  - name: f\n    {PATTERN}\n"
        "    alarm: {name: a, statistic: SampleCount, threshold: 3, period: 10m,"
        " comparison_operator: GreaterThanThreshold, evaluation_periods: 3,"
        " datapoints_to_alarm: 2, treat_missing_data: ignore, time: arrival,"
        " lateness: 1h, group_by: [$.userIdentity.arn], max_groups: 7, evidence: 0,"
        " actions_enabled: false, severity: high, description: D, runbook_url: U,"
        " labels: {team: t}}\n",
    ).alarms

    assert alarm.name == "a"
    assert alarm.statistic is Statistic.SAMPLE_COUNT
    assert alarm.comparison is Comparison.GREATER
    assert (alarm.threshold, alarm.period_secs) == (3, 600)
    assert (alarm.evaluation_periods, alarm.datapoints_to_alarm) == (3, 2)
    assert alarm.treat_missing_data is MissingData.IGNORE
    assert (alarm.time, alarm.lateness_secs) == (AlarmTime.ARRIVAL, 3600)
    assert alarm.group_by == (parse_selector("$.userIdentity.arn"),)
    assert (alarm.max_groups, alarm.evidence, alarm.actions_enabled) == (7, 0, False)
    assert (alarm.severity, alarm.description, alarm.runbook_url) == ("high", "D", "U")
    assert alarm.labels == (("alarm", "a"), ("severity", "high"), ("team", "t"))
    assert alarm.origin == "rules.yaml:4"


def test_who_is_told_of_what(examined: Examine) -> None:
    """ALARM and OK by default; an alarm names others, or is staged for nobody."""
    plain, other = rules_of(
        examined,
        f"metric_filters: [{{name: f, {PATTERN}, alarm: {{}}}}]\n"
        "alarms:\n"
        "  - name: a\n"
        "    metric: relay/f\n"
        "    statistic: p99.9\n"
        "    evaluate_low_sample_count_percentile: ignore\n"
        "    notify_on: [INSUFFICIENT_DATA]\n"
        "    staged: true\n",
    ).alarms

    assert plain.notify_on == {AlarmState.ALARM, AlarmState.OK}
    assert (plain.low_samples, plain.staged) == (LowSamples.EVALUATE, False)
    assert str(other.statistic) == "p99.9"
    assert other.notify_on == {AlarmState.INSUFFICIENT_DATA}
    assert (other.low_samples, other.staged) == (LowSamples.IGNORE, True)


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [
        ("Sum", MissingData.NOT_BREACHING),
        ("SampleCount", MissingData.NOT_BREACHING),
        ("Average", MissingData.MISSING),
        ("Maximum", MissingData.MISSING),
        ("p99", MissingData.MISSING),
        ("PR(1:)", MissingData.MISSING),
    ],
)
def test_missing_data_is_no_trouble_for_what_counts(
    examined: Examine, statistic: str, expected: MissingData
) -> None:
    """Other statistics have CloudWatch's own default."""
    text = (
        f"metric_filters: [{{name: f, {PATTERN}, alarm: {{statistic: {statistic}}}}}]"
    )

    assert rules_of(examined, text).alarms[0].treat_missing_data is expected


def test_a_long_alarm_reads_a_metric_by_name(examined: Examine) -> None:
    """Namespace and name may both hold a slash: the filters tell where to cut."""
    (alarm,) = rules_of(
        examined,
        f"metric_filters: [{{name: f, {PATTERN}, metric: {{namespace: A, name: B/C}}}}]"
        "\nalarms: [{name: a, metric: A/B/C, labels: {severity: low, x: y}}]\n",
    ).alarms

    assert alarm.metric == MetricName(namespace="A", name="B/C")
    assert alarm.severity == "low"
    assert alarm.labels == (("alarm", "a"), ("severity", "low"), ("x", "y"))
    assert alarm.origin == "rules.yaml:2"


def test_a_long_alarm_names_all_dimensions(examined: Examine) -> None:
    """As in CloudWatch, other dimensions are another metric."""
    text = (
        f"metric_filters: [{{name: f, {PATTERN}, metric: {{namespace: N,"
        " name: M, dimensions: {B: $.b, A: $.a}}}]\n"
    )
    (alarm,) = rules_of(
        examined,
        f"{text}alarms: [{{name: a, metric: N/M, dimensions: {{B: x, A: y}}}}]",
    ).alarms
    assert alarm.metric.dimensions == (("A", "y"), ("B", "x"))

    report = examined(
        rules=f"{text}alarms: [{{name: a, metric: N/M, dimensions: {{B: x}}}}]"
    )
    assert lines(report) == [
        "rules.yaml:2: alarms[0].metric: 'N/M': no metric filter gives it these"
        " dimensions; an alarm names all of a filter's"
    ]


def test_an_empty_rule_file_is_fine(examined: Examine) -> None:
    """Everything in it may be commented out."""
    expected = RuleSet(log_group="/relay/cloudtrail")

    assert rules_of(examined, "# nothing yet\n") == expected


LONG = "metric_filters:\n  - name: f\n    " + PATTERN + "\n    alarm: {}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("filters: []", "1: filters: is no known key; did you mean metric_filters?"),
        ("- a", "1: a list is no mapping; write key: value"),
        ("metric_filters: [x]", "1: metric_filters[0]: a text is no mapping;"),
        (
            "metric_filters: {name: f}",
            "1: metric_filters: a mapping is no list; write [one, two],",
        ),
        (
            f"metric_filters: [{{name: 'a:b', {PATTERN}}}]",
            "1: metric_filters[0].name: 'a:b' is no filter name: 1 to 512 characters",
        ),
        (
            "metric_filters: [{name: f, pattern: 3}]",
            "1: metric_filters[0].pattern: 3 is no text; a filter pattern stands in",
        ),
        (
            "metric_filters: [{name: f, pattern: '{ $.a == b }'}]",
            "1: metric_filters[0].pattern: '{ $.a == b }' is no filter pattern: ",
        ),
        (
            f"metric_filters: [{{name: f, {PATTERN}, metric: {{namespace: AWS/Logs}},"
            " publish: true}]",
            "1: metric_filters[0].publish: true cannot be: PutMetricData keeps AWS/"
            " namespaces for AWS",
        ),
        (
            f"metric_filters: [{{name: self-watch-trail, {PATTERN}}}]",
            "1: metric_filters[0].name: 'self-watch-trail' is a built-in rule's name:"
            " self-watch-... is kept for those",
        ),
        (
            f"metric_filters: [{{name: f, {PATTERN}, metric: {{value: one}}}}]",
            "1: metric_filters[0].metric.value: 'one' is neither a number nor a",
        ),
        (
            f"metric_filters: [{{name: f, {PATTERN}, metric: {{value: true}}}}]",
            "1: metric_filters[0].metric.value: true is neither a number nor a",
        ),
        (
            f"metric_filters: [{{name: f, {PATTERN}, metric: {{value: $.a b}}}}]",
            "1: metric_filters[0].metric.value: '$.a b' is no selector: ",
        ),
        (
            f"metric_filters: [{{name: f, {PATTERN}, metric: {{value: $.{99 * 'a'}}}}}"
            "]",
            "1: metric_filters[0].metric.value: '$.aaa",
        ),
        (
            f"metric_filters: [{{name: f, {PATTERN}, metric: {{unit: Counts}}}}]",
            "1: metric_filters[0].metric.unit: 'Counts' is no unit that CloudWatch",
        ),
        (
            f"metric_filters: [{{name: f, {PATTERN}, metric: {{default_value: 0,"
            " dimensions: {A: $.a}}}]",
            "1: metric_filters[0].metric.dimensions: cannot be combined with"
            " default_value (AWS: Invalid metric transformation: dimensions and default"
            " value are mutually exclusive properties)",
        ),
        (
            f"metric_filters: [{{name: f, {PATTERN}, metric: {{dimensions:"
            " {A: $.a, B: $.b, C: $.c, D: $.d}}}]",
            "1: metric_filters[0].metric.dimensions: a mapping has too many entries;"
            " at most 3",
        ),
        (
            f"metric_filters: [{{name: f, {PATTERN}, metric: {{dimensions: {{A: 1}}}}}}"
            "]",
            "1: metric_filters[0].metric.dimensions.A: 1 is no text; a dimension's",
        ),
        (
            f"metric_filters: [{{name: f, {PATTERN},"
            " metric: {dimensions: {A: $.a}}, alarm: {}}]",
            "1: metric_filters[0].alarm: cannot stand beside dimensions, which make"
            " many metrics; write an alarm under alarms:",
        ),
        (
            LONG.replace("{}", "{period: 90s}"),
            "4: metric_filters[0].alarm.period: '90s' is no period; write 10s, 20s,",
        ),
        (
            LONG.replace("{}", "{period: 5}"),
            "4: metric_filters[0].alarm.period: 5 has no unit; write 5s,",
        ),
        (
            LONG.replace("{}", "{period: 8d}"),
            "4: metric_filters[0].alarm.period: '8d' is too long; at most 7d",
        ),
        (
            LONG.replace("{}", "{period: 5m, evaluation_periods: 289}"),
            "4: metric_filters[0].alarm.evaluation_periods: 289 periods of 5m are too"
            " many: together they may last 1d",
        ),
        (
            LONG.replace("{}", "{period: 1h, evaluation_periods: 169}"),
            "4: metric_filters[0].alarm.evaluation_periods: 169 periods of 1h are too"
            " many: together they may last 7d",
        ),
        (
            LONG.replace("{}", "{evaluation_periods: 2, datapoints_to_alarm: 3}"),
            "4: metric_filters[0].alarm.datapoints_to_alarm: 3 is more than"
            " evaluation_periods, which is 2",
        ),
        (
            LONG.replace("{}", "{statistic: tm99}"),
            "4: metric_filters[0].alarm.statistic: 'tm99' is not available: AWS does"
            " not say what becomes of a datapoint on the border of a trimmed",
        ),
        (
            LONG.replace("{}", "{statistic: Mean}"),
            "4: metric_filters[0].alarm.statistic: 'Mean' is no statistic; write"
            " SampleCount, Sum, Average, Minimum, Maximum, a percentile (p0 to p100,",
        ),
        (
            LONG.replace("{}", "{statistic: 'PR(2:1)'}"),
            "4: metric_filters[0].alarm.statistic: 'PR(2:1)' holds no value; write",
        ),
        (
            LONG.replace("{}", "{statistic: 99}"),
            "4: metric_filters[0].alarm.statistic: 99 is no text; a statistic is one,",
        ),
        (
            LONG.replace("{}", "{notify_on: [ALARM, alarm]}"),
            "4: metric_filters[0].alarm.notify_on[1]: 'alarm' is not allowed; write",
        ),
        (
            LONG.replace("{}", "{notify_on: [OK, OK]}"),
            "4: metric_filters[0].alarm.notify_on: names a state twice",
        ),
        (
            LONG.replace("{}", "{threshold: '3'}"),
            "4: metric_filters[0].alarm.threshold: '3' is no number",
        ),
        (
            LONG.replace("{}", "{threshold: .inf}"),
            "4: metric_filters[0].alarm.threshold: Infinity is no finite number",
        ),
        (
            LONG.replace("{}", "{group_by: ['$.a[*]']}"),
            "4: metric_filters[0].alarm.group_by: has $.a[*], which stands for many",
        ),
        (
            LONG.replace("{}", "{group_by: [$a]}"),
            "4: metric_filters[0].alarm.group_by[0]: '$a' is no selector: ",
        ),
        (
            LONG.replace("{}", "{group_by: [$.a, $.a]}"),
            "4: metric_filters[0].alarm.group_by: names a field twice",
        ),
        (
            LONG.replace("{}", "{labels: {alarm: x}}"),
            "4: metric_filters[0].alarm.labels: has the label 'alarm', which is always",
        ),
        (
            LONG.replace("{}", "{severity: high, labels: {severity: low}}"),
            "4: metric_filters[0].alarm.labels: has another severity than the option",
        ),
        (
            LONG.replace("{}", "{description: " + "x" * 1025 + "}"),
            "4: metric_filters[0].alarm.description: 'xxx",
        ),
        ("alarms: [{name: a}]", "1: alarms[0].metric: is missing; it has no default"),
        (
            "alarms: [{name: a, metric: M}]",
            "1: alarms[0].metric: 'M' is no metric; write namespace/name",
        ),
        (
            LONG + "alarms: [{name: f, metric: relay/f}]",
            "5: alarms[0].name: 'f' is the name of another alarm as well: rules.yaml:4",
        ),
        (
            LONG + f"  - {{name: f, {PATTERN}}}\n",
            "5: metric_filters[1].name: 'f' is the name of another metric filter as"
            " well: rules.yaml:2",
        ),
        (
            LONG + f"  - {{name: g, {PATTERN}, alarm: {{name: f}}}}\n",
            "5: metric_filters[1].alarm.name: 'f' is the name of another alarm as well",
        ),
    ],
)
def test_wrong_rules_are_told_with_their_place(
    examined: Examine, text: str, expected: str
) -> None:
    """One problem each, at its own line."""
    found = lines(examined(rules=text))

    assert len(found) == 1
    assert found[0].startswith(f"rules.yaml:{expected}")


@pytest.mark.parametrize(
    ("metric", "hint"),
    [("relay/ff", "; did you mean relay/f?"), ("Other/Thing", "")],
)
def test_alarm_that_nobody_feeds_is_a_warning(
    examined: Examine, metric: str, hint: str
) -> None:
    """CloudWatch takes such an alarm; its author should know that it sees nothing."""
    report = examined(rules=LONG + f"alarms: [{{name: a, metric: {metric}}}]")

    assert report.loaded is not None
    assert (
        f"rules.yaml:5: alarms[0].metric: no metric filter feeds '{metric}':"
        f" it will see no datapoint{hint}"
    ) in [str(each) for each in report.warnings]


def test_an_alarm_without_a_name_of_its_own_is_blamed_as_a_whole(
    examined: Examine,
) -> None:
    """Its name is the filter's, which another alarm has taken."""
    text = (
        f"metric_filters: [{{name: g, {PATTERN}, alarm: {{name: f}}}},"
        f" {{name: f, {PATTERN}, alarm: {{}}}}]"
    )

    assert lines(examined(rules=text)) == [
        "rules.yaml:1: metric_filters[1].alarm: 'f' is the name of another alarm as"
        " well: rules.yaml:1"
    ]


def test_a_broken_filter_makes_no_orphans(examined: Examine) -> None:
    """The alarm's filter may be the one that could not be read."""
    report = examined(
        rules="metric_filters: [{name: f}]\nalarms: [{name: a, metric: relay/f}]"
    )

    assert [each.option for each in report.problems] == ["metric_filters[0].pattern"]


def test_yaml_faults_of_a_rule_file_are_told(examined: Examine) -> None:
    """They carry the file's own name; other files are read all the same."""
    assert lines(examined(rules="metric_filters: [")) == [
        "rules.yaml:1:18: YAML syntax: expected the node content, but found"
        " '<stream end>' (while parsing a flow node)"
    ]
    assert lines(examined(rules="alarms: []\nalarms: []")) == [
        "rules.yaml:2: alarms: written twice, first on line 1"
    ]


def test_rule_files_take_nothing_from_the_environment(examined: Examine) -> None:
    """A pattern means what the file says."""
    report = examined(
        rules="metric_filters: [{name: '${A}', pattern: '{ $.a = \"${A}\" }'}]"
    )

    assert report.loaded is not None
    assert report.loaded.rules.filters[0].name == "${A}"


def test_an_alarm_with_a_foreign_unit_is_a_warning(examined: Examine) -> None:
    """CloudWatch counts only datapoints of that very unit."""
    text = (
        f"metric_filters: [{{name: f, {PATTERN}}}]\n"
        "alarms: [{name: a, metric: relay/f, unit: Count},"
        " {name: b, metric: relay/f, unit: None}]\n"
    )

    assert [str(each) for each in examined(rules=text).warnings][:-1] == [
        "rules.yaml:2: alarms[0].unit: 'Count' is no unit of the filters that feed this"
        " alarm (None): it will see no datapoint"
    ]


def test_what_the_pattern_library_warns_of_is_a_warning(examined: Examine) -> None:
    """It names file and line."""
    report = examined(
        rules="metric_filters:\n"
        "  - {name: f, pattern: '{ $.a = 1 || $.b = 1 && $.c = 1 }'}\n"
    )

    assert [each.option for each in report.warnings] == ["metric_filters[0].pattern"]


def test_more_filters_than_aws_takes_are_a_warning(examined: Examine) -> None:
    """The first one too many is named."""
    text = "metric_filters:\n" + "".join(
        f"  - {{name: f{number}, {PATTERN}}}\n" for number in range(101)
    )

    assert [str(each) for each in examined(rules=text).warnings] == [
        "rules.yaml:102: metric_filters[100]: is one of 101 metric filters; AWS takes"
        " 100 on a log group"
    ]


@pytest.mark.parametrize("value", ["$.bytes", "1"])
def test_a_selector_needs_a_json_pattern(examined: Examine, value: str) -> None:
    """Terms have no fields to take a value from."""
    report = examined(
        rules="metric_filters:\n"
        f"  - {{name: f, pattern: ERROR, metric: {{value: {value}}}}}\n"
    )

    expected = (
        "rules.yaml:2: metric_filters[0].metric: selects fields, for which the pattern"
        " must be { ... }"
    )
    assert lines(report) == ([expected] if value.startswith("$") else [])


def test_a_metrics_value_may_be_compiled_already() -> None:
    """Python code hands over selectors."""
    selector = parse_selector("$.bytes")

    assert MetricEntry(value=selector).value is selector
