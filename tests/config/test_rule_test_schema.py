"""Tests of what may stand in a rule test file."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from relay.config.export import tests_schema as schema_of_tests
from relay.config.refusal import Reading
from relay.config.rule_test_schema import RuleTestFile
from relay.config.source_map import parse_document
from relay.config.validation import validate

WHOLE = """\
rule_files: [rules.yaml]
config: relay.yaml
start: "2026-01-05T12:00:00Z"
defaults: {account: "444455556666", region: eu-west-1, record: {a: 1}}
tests:
  - name: t
    start: "2026-01-05T12:00:00+02:00"
    events:
      - {at: 1s, repeat: {times: 3, every: 1m}, arrives: 5m, id: x, remove: [$.a]}
      - {delay: 1s, account: "444455556666", region: us-gov-east-1, record: {b: [1.5]}}
      - {matches: [a], matches_not: [b], matches_only: [a]}
    matches: {a: 1}
    expect:
      - {at: 0s, alarm: a, group: {$.a: b}, state: ALARM, evidence: [$1], total: 1}
      - {at: 0s, alarm: a, reason: Threshold}
      - at: 1h
        notifications: [{alarm: a, state: OK, group: {$.a: b}, receiver: c,
          reminder: true, times: 2}]
"""


def problems(text: str) -> tuple[RuleTestFile | None, list[str]]:
    """Return what ``text`` is read as, and what is said of it."""
    document, faults = parse_document(text, file="f")
    assert document is not None
    assert faults == []
    context = Reading(folder=Path())
    file, faults = validate(RuleTestFile, document, context)
    return file, [f"{each.option}: {each.message}" for each in faults]


def test_everything_at_once() -> None:
    """All that the format has, and what it comes to."""
    file, found = problems(WHOLE)

    assert found == []
    assert file is not None
    (test,) = file.tests
    assert (file.start, test.start) == (1767614400, 1767614400 - 7200)
    assert test.events[0].times == 3
    assert [event.times for event in test.events[1:]] == [1, 1]
    assert [event.has_expectation for event in test.events] == [False, False, True]
    assert [each.is_about_transition for each in test.expect] == [True, True, False]


def event(text: str) -> str:
    """Return a file with one event."""
    test = f"name: t, matches: {{a: 1}}, events: [{text}]"
    return f"{{rule_files: [a], tests: [{{{test}}}]}}"


def expect(text: str) -> str:
    """Return a file with one expectation."""
    return f"{{rule_files: [a], tests: [{{name: t, expect: [{text}]}}]}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            event("{at: 10}"),
            "at: 10 has no unit; write 10s, or another of ms s m h d w",
        ),
        (event("{at: 4000d}"), "at: '4000d' is too large; at most 3650d"),
        (event("{repeat: {times: 0}}"), "repeat.times: 0 is too small; at least 1"),
        (event("{repeat: {}}"), "repeat.times: is missing; it has no default"),
        (
            event("{arrives: 1m, delay: 1s}"),
            "delay: '1s' stands beside arrives; write one of them",
        ),
        (
            event("{at: 1m, repeat: {times: 3, every: 1m}, arrives: 2m}"),
            "arrives: '2m' is before it happens (the last time), which is at 3m",
        ),
        (
            event("{at: 1m, arrives: 59s}"),
            "arrives: '59s' is before it happens (the last time), which is at 1m",
        ),
        (
            event("{at: 1 s, arrives: 5s}"),
            "at: '1 s' is no duration; write it as 90s, 5m or 1h30m",
        ),
        (
            event("{account: 444455556666}"),
            "account: 444455556666 is no text; put it in quotes",
        ),
        (
            event("{account: '1'}"),
            "account: '1' is no account; write its 12 digits, in quotes",
        ),
        (
            event("{region: Ireland}"),
            "region: 'Ireland' is no region; write it as eu-west-1",
        ),
        (
            event("{record: {a: [{b: -.inf}]}}"),
            "record: holds .nan or .inf, which JSON does not know",
        ),
        (
            event("{remove: ['$.a[*]']}"),
            "remove: has $.a[*], which stands for many values",
        ),
        (event("{matches: []}"), "matches: a list has too few entries; at least 1"),
    ],
)
def test_events_that_are_refused(text: str, expected: str) -> None:
    """Each in the words of the option."""
    assert problems(text) == (None, [f"tests[0].events[0].{expected}"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{at: 0s}", ": has to say something of either alarm or notifications"),
        (
            "{at: 0s, alarm: a, state: OK, notifications: []}",
            ": has to say something of either alarm or notifications",
        ),
        ("{at: 0s, alarm: a}", ": does not say which state the alarm is in"),
        (
            "{at: 0s, notifications: [], total: 0}",
            ": says of notifications what only an alarm has",
        ),
        (
            "{at: 0s, notifications: [], group: {}}",
            ": says of notifications what only an alarm has",
        ),
        ("{alarm: a, state: OK}", ".at: is missing; it has no default"),
        (
            "{at: 0s, alarm: a, state: Ok}",
            ".state: 'Ok' is not allowed; write 'OK', 'ALARM' or 'INSUFFICIENT_DATA'",
        ),
        ("{at: 0s, alarm: a, total: -1}", ".total: -1 is too small; at least 0"),
    ],
)
def test_expectations_that_are_refused(text: str, expected: str) -> None:
    """Each is about one thing, and says something of it."""
    assert problems(expect(text)) == (None, [f"tests[0].expect[0]{expected}"])


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("yesterday", "'yesterday' is no time; write it as 2026-01-05T12:00:00Z"),
        ("5", "5 is no text; write a time as 2026-01-05T12:00:00Z, in quotes"),
        (
            "'1969-01-01'",
            "'1969-01-01' is not between 1970-01-01T00:00:00Z and 2100-01-01T00:00:00Z",
        ),
    ],
)
def test_a_start_is_a_time(start: str, expected: str) -> None:
    """In the years that CloudTrail's times are from."""
    text = (
        f"{{rule_files: [a], start: {start}, tests: [{{name: t, matches: {{a: 1}}}}]}}"
    )

    assert problems(text) == (None, [f"start: {expected}"])


@pytest.mark.parametrize("events", ["", ", events: [{at: 1s}]"])
def test_a_test_expects_something(events: str) -> None:
    """One that cannot fail is a slip."""
    text = f"{{rule_files: [a], tests: [{{name: t{events}}}]}}"

    assert problems(text) == (None, ["tests[0]: expects nothing, so it cannot fail"])


def test_the_schema_takes_what_is_read() -> None:
    """What an editor says of a good file is nothing."""
    document, _ = parse_document(WHOLE, file="f")
    assert document is not None
    value: Any = document.value
    validator = Draft202012Validator(schema_of_tests())

    assert validator.is_valid(value)
    assert not validator.is_valid(value | {"strat": "x"})
