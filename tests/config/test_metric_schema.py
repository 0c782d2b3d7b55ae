"""Tests of metric transformations: what AWS takes is taken, what it refuses refused."""

import pytest

from relay.config.criteria import SystemField
from relay.config.metric_schema import MetricEntry
from relay.config.rules import MetricFilter, TokenName
from relay.patterns import parse_selector
from tests.config.conftest import Examine, lines

INVALID = "Invalid metric transformation:"
JSON, SPACE = "'{ $.a = b }'", "'[kind, value, , ..., last]'"


def one_filter(pattern: str, options: str) -> str:
    """Return a rule file with one filter."""
    return f"metric_filters: [{{name: f, pattern: {pattern}, {options}}}]\n"


def the_filter(examined: Examine, pattern: str, options: str) -> MetricFilter:
    """Return that filter, of a file without problems and warnings but for alarms."""
    report = examined(rules=one_filter(pattern, options))
    assert lines(report) == []
    assert report.loaded is not None
    assert report.loaded.warnings == ()
    return report.loaded.rules.filters[0]


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        (JSON, "$.bytes", parse_selector("$.bytes")),
        (JSON, "'$.items[0].bytes'", parse_selector("$.items[0].bytes")),
        (SPACE, "$value", TokenName("$value")),
        (SPACE, "$last", TokenName("$last")),
        (SPACE, "$3", TokenName("$3")),
        (SPACE, "$17", TokenName("$17")),
        ("ERROR", "7", 7.0),
    ],
)
def test_a_value_is_a_number_a_field_or_a_token(
    examined: Examine, pattern: str, value: str, expected: object
) -> None:
    """Tokens have the name that the pattern gives them, or else their number."""
    found = the_filter(examined, pattern, f"metric: {{value: {value}}}")

    assert found.value == expected


def test_dimensions_are_fields_or_tokens(examined: Examine) -> None:
    """Whichever the pattern reads."""
    json = the_filter(examined, JSON, "metric: {dimensions: {A: $.x, B: $.y}}")
    space = the_filter(examined, SPACE, "metric: {dimensions: {A: $kind, B: $3}}")

    assert json.dimensions == (
        ("A", parse_selector("$.x")),
        ("B", parse_selector("$.y")),
    )
    assert space.dimensions == (("A", TokenName("$kind")), ("B", TokenName("$3")))


@pytest.mark.parametrize("pattern", [JSON, SPACE, "ERROR", "'%ERR%'"])
def test_system_fields_are_dimensions_of_any_pattern(
    examined: Examine, pattern: str
) -> None:
    """Beside a default, and repeated ones count once, as AWS takes both."""
    found = the_filter(
        examined,
        pattern,
        "metric: {default_value: 7}, emit_system_field_dimensions:"
        " ['@aws.region', '@source.log', '@aws.region', '@aws.account', '@source.log']",
    )

    assert found.system_dimensions == (
        SystemField.REGION,
        SystemField.SOURCE_LOG,
        SystemField.ACCOUNT,
    )


def test_criteria_are_compiled(examined: Examine) -> None:
    """Empty ones are none."""
    some = the_filter(examined, JSON, "field_selection_criteria: '@aws.region = \"x\"'")
    none = the_filter(examined, JSON, "field_selection_criteria: ' '")

    assert some.criteria is not None
    assert some.criteria.text == '@aws.region = "x"'
    assert none.criteria is None


@pytest.mark.parametrize(
    ("pattern", "options", "expected"),
    [
        (
            JSON,
            "metric: {value: not-a-number}",
            "metric.value: 'not-a-number' is neither a number nor a selector, such as"
            f' "1", $.bytes or $bytes: AWS says \'{INVALID} metric value not-a-number'
            " must be a valid number'",
        ),
        (
            JSON,
            "metric: {value: '$.items[*].value'}",
            "metric.value: '$.items[*].value' stands for many values: AWS says"
            f" '{INVALID} metric value $.items[*].value must be a valid number'",
        ),
        (JSON, "metric: {value: $1a}", "metric.value: '$1a' is no selector: "),
        (
            JSON,
            "metric: {value: $bytes}",
            "metric: names a token, $bytes, for which the pattern must be [ ... ]",
        ),
        (
            SPACE,
            "metric: {value: $.bytes}",
            "metric: selects fields, for which the pattern must be { ... }",
        ),
        (
            JSON,
            "metric: {dimensions: {A: eu-west-1}}",
            "metric.dimensions.A: 'eu-west-1' is neither a $.selector nor a $name"
            f" (AWS: {INVALID} dimension value must be valid selector)",
        ),
        (
            JSON,
            "metric: {dimensions: {A: $.a.*}}",
            "metric.dimensions.A: '$.a.*' stands for many values: AWS says"
            f" '{INVALID} dimension value must be valid selector'",
        ),
        (
            JSON,
            "metric: {dimensions: {A: $.a, B: $b}}",
            "metric: names a token, $b, for which the pattern must be [ ... ]",
        ),
        (
            "ERROR",
            "metric: {dimensions: {A: $.a}}",
            "metric: has dimensions, for which the pattern must be { ... } or [ ... ]"
            " (AWS: The specified filter pattern does not support dimensions)",
        ),
        (
            "'%ERR%'",
            "metric: {dimensions: {A: $a}}",
            "metric: has dimensions, for which the pattern must be { ... } or [ ... ]",
        ),
        (
            JSON,
            "metric: {dimensions: {A: $.a}, default_value: 0}",
            f"metric.dimensions: cannot be combined with default_value (AWS: {INVALID}"
            " dimensions and default value are mutually exclusive properties)",
        ),
        (
            JSON,
            "metric: {dimensions: {A: $.a, B: $.b}},"
            " emit_system_field_dimensions: ['@aws.region', '@aws.account']",
            "emit_system_field_dimensions: makes more than 3 dimensions with those of"
            " the metric (AWS: Number of dimensions exceeds the maximum number of"
            " dimensions supported per metric filter)",
        ),
        (
            JSON,
            "metric: {dimensions: {'@aws.region': $.awsRegion}},"
            " emit_system_field_dimensions: ['@aws.region']",
            "emit_system_field_dimensions: has @aws.region, which is the name of a",
        ),
        (
            JSON,
            "emit_system_field_dimensions: ['@aws.user']",
            "emit_system_field_dimensions[0]: '@aws.user' is not allowed; write"
            " '@aws.account', '@aws.region' or '@source.log'",
        ),
        (
            JSON,
            "emit_system_field_dimensions: ['@aws.region'], alarm: {}",
            "alarm: cannot stand beside dimensions, which make many metrics;",
        ),
        (
            JSON,
            "field_selection_criteria: '@source.log = \"x\"'",
            "field_selection_criteria: '@source.log = \"x\"' is no field selection"
            " criteria: @source.log selects nothing; write @aws.account or @aws.region"
            " (AWS: The provided field selection criteria is invalid)",
        ),
        (
            JSON,
            "field_selection_criteria: 3",
            "field_selection_criteria: 3 is no text; criteria stand in quotes",
        ),
    ],
)
def test_what_aws_refuses_is_refused_with_its_text(
    examined: Examine, pattern: str, options: str, expected: str
) -> None:
    """One problem each, at the option."""
    (found,) = lines(examined(rules=one_filter(pattern, options)))

    place = "rules.yaml:1: metric_filters[0]."
    assert found.startswith(place + expected)


@pytest.mark.parametrize(
    ("pattern", "name", "is_extracted"),
    [
        (SPACE, "$kind", True),
        (SPACE, "$last", True),
        (SPACE, "$kin", False),
        (SPACE, "$3", True),
        (SPACE, "$4", True),
        (SPACE, "$1", False),
        (SPACE, "$0", False),
        ("'[kind,]'", "$2", True),
        ("'[kind,]'", "$3", False),
    ],
)
def test_a_name_that_the_pattern_does_not_give_is_a_warning(
    examined: Examine, pattern: str, name: str, is_extracted: bool
) -> None:
    """AWS takes it, and never publishes anything of it."""
    report = examined(rules=one_filter(pattern, f"metric: {{value: {name}}}"))

    expected = (
        "rules.yaml:1: metric_filters[0].metric.value: is no token of the pattern: no"
        " match gives a datapoint of its own"
    )
    assert report.loaded is not None
    assert report.loaded.warnings == (() if is_extracted else (expected,))


def test_a_dimension_that_is_never_there_is_a_warning(examined: Examine) -> None:
    """All dimensions are lost with it."""
    report = examined(
        rules=one_filter(SPACE, "metric: {dimensions: {A: $kind, B: $nope}}")
    )

    assert [str(each) for each in report.warnings] == [
        "rules.yaml:1: metric_filters[0].metric.dimensions.B: is no token of the"
        " pattern: all datapoints go without dimensions"
    ]


def test_alarms_name_system_fields_among_the_dimensions(examined: Examine) -> None:
    """An alarm without any reads the defaults, where there are some."""
    text = one_filter(
        JSON,
        "metric: {namespace: N, name: M, default_value: 0},"
        " emit_system_field_dimensions: ['@aws.region']",
    )
    alarms = (
        "alarms:\n  - {name: a, metric: N/M, dimensions: {'@aws.region': eu-west-1}}\n"
        "  - {name: b, metric: N/M}\n"
    )

    assert lines(examined(rules=text + alarms)) == []
    assert lines(examined(rules=text.replace(", default_value: 0", "") + alarms)) == [
        "rules.yaml:4: alarms[1].metric: 'N/M': no metric filter gives it these"
        " dimensions; an alarm names all of a filter's"
    ]


def test_sources_may_be_compiled_already() -> None:
    """Python code hands over selectors and names."""
    name = TokenName("$kind")
    metric = MetricEntry(value=name, dimensions={"A": parse_selector("$.a")})

    assert metric.value is name
    assert metric.dimensions == {"A": parse_selector("$.a")}
