"""Tests of patterns in files: extensions are taken when asked for, and told of."""

import pytest

from relay.config.criteria import parse_criteria
from relay.config.rule_schema import FilterEntry
from relay.patterns import compile_pattern
from tests.config.conftest import MINIMAL, Examine, lines

IN = "{ $.sourceIPAddress IN 10.0.0.0/8 }"
EXISTS = '{ $.a EXISTS && $.b ~= "x" }'


def filter_file(pattern: str, options: str = "") -> str:
    """Return a rule file with one filter, its pattern on line 3."""
    return f"metric_filters:\n  - name: f\n    pattern: '{pattern}'\n{options}"


@pytest.mark.parametrize(("pattern", "names"), [(IN, "IN"), (EXISTS, "EXISTS and ~=")])
def test_an_extension_needs_to_be_asked_for(
    examined: Examine, pattern: str, names: str
) -> None:
    """The problem says how; once asked for, it is told that it is not portable."""
    refused = examined(rules=filter_file(pattern))
    taken = examined(rules=filter_file(pattern, "    extensions: true\n"))

    assert lines(refused) == [
        f"rules.yaml:3: metric_filters[0].pattern: {pattern!r} uses {names}, which"
        " CloudWatch Logs does not know; extensions: true would allow it"
    ]
    assert lines(taken) == []
    assert [str(each) for each in taken.warnings] == [
        f"rules.yaml:3: metric_filters[0].pattern: uses {names}, which CloudWatch Logs"
        " does not know: not portable"
    ]


def test_a_log_route_takes_extensions_as_well(examined: Examine) -> None:
    """With the same words."""

    def with_route(options: str) -> str:
        routes = f"routes: [{{match: '{IN}', drop: true{options}}}]"
        return MINIMAL.replace("}\n", f", {routes}}}\n")

    refused = examined(with_route(""))
    taken = examined(with_route(", extensions: true"))

    assert lines(refused) == [
        f"relay.yaml:4: logs.routes[0].match: {IN!r} uses IN, which CloudWatch Logs"
        " does not know; extensions: true would allow it"
    ]
    assert taken.loaded is not None
    assert taken.loaded.log_matches[0].matches('{"sourceIPAddress": "10.1.2.3"}')
    assert taken.loaded.warnings == (
        "relay.yaml:4: logs.routes[0].match: uses IN, which CloudWatch Logs does not"
        " know: not portable",
    )


def test_a_portable_pattern_stays_so(examined: Examine) -> None:
    """That it might use extensions is no warning."""
    report = examined(rules=filter_file("{ $.a = 1 }", "    extensions: true\n"))

    assert lines(report) == []
    assert list(report.warnings) == []


def test_all_warnings_about_a_pattern_are_told(examined: Examine) -> None:
    """They stand at one place, but none follows from another."""
    pattern = "{ $.a EXISTS || $.b = true && $.c = 1 }"
    report = examined(rules=filter_file(pattern, "    extensions: true\n"))

    assert len(report.warnings) >= 3
    assert {each.option for each in report.warnings} == {"metric_filters[0].pattern"}


def test_what_no_extension_would_allow_is_refused_as_ever(examined: Examine) -> None:
    """And a broken switch is one problem, not two."""
    assert "extensions" not in lines(examined(rules=filter_file("{ $.a == b }")))[0]
    assert [
        line.split(" ")[1]
        for line in lines(examined(rules=filter_file(IN, "    extensions: x\n")))
    ] == ["metric_filters[0].extensions:"]


def test_python_code_may_compile_patterns_itself() -> None:
    """They are taken as they are, and so are criteria."""
    pattern = compile_pattern(IN, extensions=True)
    criteria = parse_criteria('@aws.region = "x"')
    entry = FilterEntry(name="f", pattern=pattern, field_selection_criteria=criteria)

    assert entry.pattern is pattern
    assert entry.field_selection_criteria is criteria
