"""Tests of the names in test files: each must stand for something."""

from pathlib import Path

import pytest

from relay.config.rules import AlarmDefinition, MetricName
from relay.model import Group
from relay.patterns import parse_selector
from relay.ruletest.load import load_suite
from relay.ruletest.names import event_ids, group_of
from relay.ruletest.records import Occurrence

CONFIG = "notify: {receivers: [{name: pager}], route: {receiver: pager}}"


def told(body: str, *, config: bool = False) -> list[str]:
    """Return what is said of a test with ``body`` in it: place and message."""
    Path("relay.yaml").write_text(CONFIG)
    top = "config: relay.yaml\n" if config else ""
    Path("x.yaml").write_text(
        f"rule_files: [rules.yaml]\n{top}tests:\n  - {{name: t, {body}}}\n"
    )
    _, problems = load_suite(Path("x.yaml"), environment={})
    return [
        f"{each.option.removeprefix('tests[0].')}: {each.message}" for each in problems
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "events: [{matches_not: [failures, failure]}]",
            "events[0].matches_not[1]: 'failure' is no metric filter that is tested"
            " here; did you mean failures?",
        ),
        (
            "events: [{matches_only: [zzz]}]",
            "events[0].matches_only[0]: 'zzz' is no metric filter that is tested here",
        ),
        (
            "matches: {zzz: 1}",
            "matches.zzz: 'zzz' is no metric filter that is tested here",
        ),
        (
            "expect: [{at: 0s, alarm: silense, state: OK}]",
            "expect[0].alarm: 'silense' is no alarm that is tested here; did you mean"
            " silence?",
        ),
        (
            "expect: [{at: 0s, alarm: silence, group: {$.a: b}, state: OK}]",
            "expect[0].group: silence has no group_by",
        ),
        (
            "expect: [{at: 0s, alarm: failures, group: {$.a: b}, state: OK}]",
            "expect[0].group: is no group of failures; name the values of"
            " $.userIdentity.userName",
        ),
        (
            "expect: [{at: 0s, alarm: failures, group: {a: b}, state: OK}]",
            "expect[0].group: is no group of failures; name the values of"
            " $.userIdentity.userName",
        ),
        (
            "expect: [{at: 0s, alarm: failures, total: 1}]",
            "expect[0]: is about one transition: name the group that it is of",
        ),
        (
            "events: [{}], expect: [{at: 0s, alarm: silence, evidence: [$1, $1.1]}]",
            "expect[0].evidence[1]: '$1.1' is no event of this test",
        ),
        (
            "expect: [{at: 0s, notifications: [{alarm: no, state: OK}]}]",
            "expect[0].notifications[0].alarm: 'no' is no alarm that is tested here",
        ),
        (
            "expect: [{at: 2s, alarm: silence, state: OK},"
            " {at: 1s, alarm: silence, state: OK}]",
            "expect[1].at: is earlier than what stands before it",
        ),
        (
            "expect: [{at: 0s, notifications:"
            " [{alarm: silence, state: OK, receiver: pager}]}]",
            "expect[0].notifications[0].receiver: needs config, a relay.yaml that has"
            " receivers",
        ),
    ],
)
def test_a_wrong_name_is_told(rules: Path, body: str, expected: str) -> None:
    """With its place, and with what may have been meant."""
    assert told(body) == [expected]


def test_receivers_are_those_of_the_configuration(rules: Path) -> None:
    """Where there is one."""
    body = "expect: [{{at: 0s, notifications: [{{alarm: silence, state: OK, {}}}]}}]"

    assert told(body.format("receiver: pager"), config=True) == []
    assert told(body.format("receiver: page"), config=True) == [
        "expect[0].notifications[0].receiver: 'page' is no receiver that is tested"
        " here; did you mean pager?"
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"$.a": "1", "$.b": "2"}, ("2", "1")),
        ({"$['a']": "1", "$.b": "2"}, None),
        ({"$.['a']": "1", "$.b": "2"}, ("2", "1")),
        ({"$.a": "1"}, None),
        ({"$.a": "1", "$.b": "2", "$.c": "3"}, None),
    ],
)
def test_a_group_is_named_selector_by_selector(
    given: dict[str, str], expected: Group | None
) -> None:
    """In any order and any spelling, but all of them and no other."""
    definition = AlarmDefinition(
        name="x",
        metric=MetricName(namespace="relay", name="x"),
        fingerprint="",
        group_by=(parse_selector("$.b"), parse_selector("$.a")),
    )

    assert group_of(definition, given) == expected


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("$1", ["a"]),
        ("$2", ["b", "c"]),
        ("$2.2", ["c"]),
        ("$2.3", []),
        ("$3", []),
        ("$4", []),
        ("b", ["b"]),
        ("$10", []),
    ],
)
def test_references_to_events(reference: str, expected: list[str]) -> None:
    """By number, with all repetitions or one of them, or by id."""
    events = [(1, "$1", "a"), (2, "$2.1", "b"), (2, "$2.2", "c"), (3, "$3", None)]
    happening = [
        Occurrence(
            number=number,
            reference=name,
            arrives_at=0.0,
            event_id=event_id,
            name="",
            account="",
            region="",
            record=b"",
        )
        for number, name, event_id in events
    ]

    assert event_ids(reference, happening) == expected
