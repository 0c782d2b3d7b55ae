"""Tests of the notification tree's consistency."""

import pytest

from tests.config.conftest import Examine, lines

RULES = "metric_filters: [{name: f, pattern: '{ $.a = b }', alarm: {severity: high}}]\n"


@pytest.mark.parametrize(
    ("notify", "expected"),
    [
        (
            "{receivers: [{name: a}, {name: a}], route: {receiver: a}}",
            "receivers[1].name: 'a' is the name of another receiver as well, on line 1",
        ),
        (
            "{receivers: [{name: security}], route: {receiver: securty}}",
            "route.receiver: 'securty' is no receiver; did you mean security?",
        ),
        (
            "{receivers: [{name: a}, {name: b}], route: {receiver: xyz}}",
            "route.receiver: 'xyz' is no receiver; known are a, b",
        ),
        (
            "{route: {receiver: a}}",
            "route.receiver: 'a' is no receiver; there are none",
        ),
        (
            "{receivers: [{name: a}], route: {receiver: a,"
            " routes: [{}, {routes: [{receiver: pq}]}]}}",
            "route.routes[1].routes[0].receiver: 'pq' is no receiver; known are a",
        ),
        (
            "{receivers: [{name: a}]}",
            "route: is missing; without it no receiver is told of anything",
        ),
    ],
)
def test_routes_lead_to_known_receivers(
    examined: Examine, notify: str, expected: str
) -> None:
    """A typo in a receiver's name must not swallow notifications."""
    assert lines(examined(f"notify: {notify}\n")) == [
        f"relay.yaml:1: notify.{expected}"
    ]


def test_the_tree_is_checked_though_other_sections_are_broken(
    examined: Examine,
) -> None:
    """All problems come at once."""
    report = examined("notify: {route: {receiver: a}}\naws: 3\n")

    assert [each.option for each in report.problems] == ["notify.route.receiver", "aws"]


def test_a_broken_tree_is_not_checked_further(examined: Examine) -> None:
    """What cannot be read has no names to compare; nor has what is not there."""
    report = examined("notify: {route: {receiver: 3}}\naws: 3\n")
    assert [each.option for each in report.problems] == ["notify.route.receiver", "aws"]

    report = examined("aws: 3\n")
    assert [each.option for each in report.problems] == ["aws"]


@pytest.mark.parametrize(
    ("notify", "expected"),
    [
        ("{}", ["notify: tells nobody of the 1 alarms"]),
        (
            "{receivers: [{name: a}, {name: b}], route: {receiver: a}}",
            ["notify.receivers[1].name: no route leads to this receiver"],
        ),
        (
            "{receivers: [{name: a}], route: {receiver: a, routes:"
            " [{match: {severity: low, alarm: f}, routes: [{match: {sevrity: x}}]}]}}",
            [
                "notify.route.routes[0].routes[0].match.sevrity:"
                " no alarm has a label of this name"
            ],
        ),
        (
            "{receivers: [{name: a}], route: {receiver: a, routes:"
            " [{matchers: ['account=~1.*', 'tem=x']}]}}",
            ["notify.route.routes[0].matchers[1]: no alarm has a label of this name"],
        ),
        (
            "{receivers: [{name: a}], route: {receiver: a}, inhibit_rules:"
            " [{source_matchers: ['alarm=x'], target_matchers: ['x=y'], equal: [z]}]}",
            [
                "notify.inhibit_rules[0].target_matchers[0]:"
                " no alarm has a label of this name",
                "notify.inhibit_rules[0].equal[0]: no alarm has a label of this name",
            ],
        ),
        (
            "{receivers: [{name: a}], route: {receiver: a},"
            " time_intervals: [{name: t, time_intervals: [{}]}]}",
            ["notify.time_intervals[0].name: no route refers to these intervals"],
        ),
        (
            "{receivers: [{name: a}], route: {receiver: a, routes: ["
            "{match: {alarm: f}, continue: true}, {match: {alarm: f}},"
            " {matchers: ['severity=high', 'alarm=\"f\"'], routes: [{}, {}]}]}}",
            [
                "notify.route.routes[2]: is never reached:"
                " routes[1] takes all of it and does not continue",
                "notify.route.routes[2].routes[1]: is never reached:"
                " routes[0] takes all of it and does not continue",
            ],
        ),
    ],
)
def test_what_can_never_be_reached_is_a_warning(
    examined: Examine, notify: str, expected: list[str]
) -> None:
    """It is valid, and hardly what its author wants."""
    report = examined(f"notify: {notify}\n", rules=RULES)

    assert report.problems == ()
    assert [str(each) for each in report.warnings] == [
        f"relay.yaml:1: {text}" for text in expected
    ]


def test_without_alarms_nobody_needs_to_be_told(examined: Examine) -> None:
    """A relay that only feeds CloudWatch Logs is no mistake."""
    assert examined().warnings == []


def test_a_route_without_a_receiver_has_its_parents(examined: Examine) -> None:
    """It may only change how often to remind."""
    report = examined(
        "notify: {receivers: [{name: a}], route: {receiver: a, routes:"
        " [{match: {alarm: f}, repeat_interval: 1h}]}}\n",
        rules=RULES,
    )

    assert report.loaded is not None
    assert report.warnings == []
