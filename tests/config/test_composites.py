"""Composite alarms and mute rules in rule files: what they come to, what is refused."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from relay.config.composite_rule import parse_composite_rule
from relay.config.rules import CompositeDefinition, MuteRule, RuleSet, Suppressor
from relay.config.schedule import Once, parse_schedule
from relay.model import AlarmState
from tests.config.conftest import Examine, lines

FILTERS = """\
metric_filters:
  - {name: cpu, pattern: '{ $.a = b }', alarm: {}}
  - {name: disk, pattern: '{ $.a = c }', alarm: {}}
"""


def rules_of(examined: Examine, text: str) -> RuleSet:
    """Return the rule set of a rule file without problems."""
    report = examined(rules=FILTERS + text)
    assert lines(report) == []
    assert report.loaded is not None
    return report.loaded.rules


def composites(*entries: str) -> str:
    """Return ``composite_alarms`` with these entries, from line 4 on."""
    return "composite_alarms:\n" + "".join(f"  - {{{each}}}\n" for each in entries)


def at(text: str) -> float:
    """Return the seconds of a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_a_composite_alarm_with_its_defaults(examined: Examine) -> None:
    """A name and a rule are enough."""
    rules = rules_of(
        examined, composites("name: both, rule: ALARM(cpu) AND ALARM(disk)")
    )

    (found,) = rules.composites
    assert found == CompositeDefinition(
        name="both",
        rule=parse_composite_rule("ALARM(cpu) AND ALARM(disk)"),
        fingerprint=found.fingerprint,
        labels=(("alarm", "both"),),
        origin="rules.yaml:5",
    )
    assert len(found.fingerprint) == 16
    assert found.key.name == "both"
    assert (found.group_by, found.max_groups) == ((), 1)
    assert [each.name for each in rules.all_alarms] == ["cpu", "disk", "both"]


def test_every_option_of_a_composite_alarm(examined: Examine) -> None:
    """Those of all alarms, and the suppressor."""
    text = """\
composite_alarms:
  - name: both
    rule: ALARM("cpu") OR TRUE
    description: D
    severity: high
    labels: {team: t}
    runbook_url: U
    runbook: |
      Look.
      Then act.
    evidence: 7
    actions_enabled: false
    notify_on: [ALARM]
    staged: true
    actions_suppressor: {alarm: disk, wait_period: 2m, extension_period: 0s}
"""

    (found,) = rules_of(examined, text).composites

    assert replace(found, fingerprint="") == CompositeDefinition(
        name="both",
        rule=parse_composite_rule('ALARM("cpu") OR TRUE'),
        fingerprint="",
        suppressor=Suppressor(alarm="disk", wait_secs=120, extension_secs=0),
        evidence=7,
        actions_enabled=False,
        notify_on=frozenset({AlarmState.ALARM}),
        staged=True,
        description="D",
        severity="high",
        runbook_url="U",
        runbook="Look.\nThen act.\n",
        labels=(("alarm", "both"), ("severity", "high"), ("team", "t")),
        origin="rules.yaml:5",
    )


def test_a_suppressor_waits_a_minute_by_default(examined: Examine) -> None:
    """What AWS suggests for both periods."""
    entry = "name: both, rule: ALARM(cpu), actions_suppressor: {alarm: disk}"

    (found,) = rules_of(examined, composites(entry)).composites

    assert found.suppressor == Suppressor(alarm="disk", wait_secs=60, extension_secs=60)


def test_the_fingerprint_is_the_rules(examined: Examine) -> None:
    """State goes with the rule, whatever else changes."""
    first, same, other = rules_of(
        examined,
        composites(
            "name: a, rule: ALARM(cpu)",
            "name: b, rule: ALARM(cpu), severity: high, actions_suppressor: {alarm: a}",
            "name: c, rule: OK(cpu)",
        ),
    ).composites

    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_composite_alarms_may_be_about_each_other(examined: Examine) -> None:
    """In any order, over files and with ARNs."""
    arn = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:inner"
    rules = rules_of(
        examined,
        composites(
            f'name: outer, rule: "ALARM({arn}) AND OK(cpu)"',
            "name: inner, rule: 'TRUE'",
        ),
    )

    assert [each.rule.children for each in rules.composites] == [("inner", "cpu"), ()]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (
            ["name: x, rule: ALARM(cpx)"],
            "5: composite_alarms[0].rule: refers to 'cpx', which is no alarm;"
            " did you mean cpu?",
        ),
        (
            ["name: x, rule: ALARM(nothing-like-it)"],
            "5: composite_alarms[0].rule: refers to 'nothing-like-it',"
            " which is no alarm",
        ),
        (
            ["name: x, rule: ALARM(cpu), actions_suppressor: {alarm: dsk}"],
            "5: composite_alarms[0].actions_suppressor.alarm: 'dsk' is no alarm;"
            " did you mean disk?",
        ),
        (
            ["name: x, rule: ALARM(cpu), actions_suppressor: {alarm: x}"],
            "5: composite_alarms[0].actions_suppressor.alarm: 'x' cannot be"
            " suppressed by itself",
        ),
        (
            ["name: x, rule: ALARM(x)"],
            "5: composite_alarms[0].rule: is a cycle: x -> x;"
            " no alarm may depend on itself",
        ),
        (
            [
                "name: before, rule: ALARM(a)",
                "name: a, rule: ALARM(b) OR ALARM(cpu)",
                "name: b, rule: NOT OK(c)",
                "name: c, rule: ALARM(disk) AND ALARM(a)",
            ],
            "6: composite_alarms[1].rule: is a cycle: a -> b -> c -> a;"
            " no alarm may depend on itself",
        ),
        (
            ["name: cpu, rule: ALARM(disk)"],
            "5: composite_alarms[0].name: 'cpu' is the name of another alarm as well:"
            " rules.yaml:2",
        ),
        (
            ["name: x, rule: ALARM(cpu"],
            "5: composite_alarms[0].rule: 'ALARM(cpu' is no rule of a composite alarm:"
            " expected ')', found the end of the rule\n  ALARM(cpu\n           ^",
        ),
        (
            ["name: x, rule: 5"],
            "5: composite_alarms[0].rule: 5 is no text;"
            " a rule looks like ALARM(one) AND NOT ALARM(other)",
        ),
        (
            ["name: x"],
            "5: composite_alarms[0].rule: is missing; it has no default",
        ),
        (
            ["name: x, rule: 'TRUE', threshold: 1"],
            "5: composite_alarms[0].threshold: is no known key; known are evidence,"
            " actions_enabled, notify_on, staged, severity, description, runbook_url,"
            " runbook, labels, name, rule, actions_suppressor",
        ),
        (
            ["name: x, rule: 'TRUE', runbook: " + "x" * 4001],
            "5: composite_alarms[0].runbook: '" + "x" * 80 + "'... is too long;"
            " at most 4000 characters",
        ),
    ],
)
def test_wrong_composite_alarms_are_told_with_their_place(
    examined: Examine, entries: list[str], expected: str
) -> None:
    """One problem each, at its own line."""
    found = lines(examined(rules=FILTERS + composites(*entries)))

    assert found == [f"rules.yaml:{expected}"]


def test_each_cycle_is_told_once(examined: Examine) -> None:
    """Also where there are several, and alarms in two of them."""
    found = lines(
        examined(
            rules=FILTERS
            + composites(
                "name: a, rule: ALARM(b)",
                "name: b, rule: ALARM(a)",
                "name: c, rule: ALARM(d)",
                "name: d, rule: ALARM(c) OR ALARM(a)",
            )
        )
    )

    assert [each.partition("is a cycle: ")[2] for each in found] == [
        "a -> b -> a; no alarm may depend on itself",
        "c -> d -> c; no alarm may depend on itself",
    ]


def test_what_may_be_in_a_broken_file_is_no_problem(examined: Examine) -> None:
    """Only its own problem is told, not what follows from it."""
    text = composites("name: x, rule: ALARM(disc)").replace("cpu", "x")

    found = lines(
        examined(rules=FILTERS.replace("{ $.a = c }", "{ $.a") + text + MUTE_DISC)
    )

    assert len(found) == 1
    assert "metric_filters[1].pattern" in found[0]


MUTE_DISC = "mute_rules: [{name: m, alarms: [disc], schedule: at(2026-01-01T00:00), duration: 1h}]\n"  # noqa: E501 - one line of a file


def test_more_parents_than_aws_takes(examined: Examine) -> None:
    """A warning: relay itself has no such limit."""
    many = [f"name: n{number}, rule: ALARM(cpu)" for number in range(152)]

    report = examined(rules=FILTERS + composites(*many))

    assert lines(report) == []
    (warning,) = [each for each in report.warnings if "150" in each.message]
    assert str(warning) == (
        "rules.yaml:155: composite_alarms[150].rule: 'cpu' is a child of more than 150"
        " composite alarms; AWS takes no more"
    )


# --- mute rules -----------------------------------------------------------------------


def mute(options: str) -> str:
    """Return ``mute_rules`` with one entry, on line 5."""
    return f"mute_rules:\n  - {{name: m, {options}}}\n"


def test_a_mute_rule_of_a_recurring_window(examined: Examine) -> None:
    """Names, and patterns of them: over alarms of all kinds."""
    (found,) = rules_of(
        examined,
        composites("name: disk-and-cpu, rule: ALARM(cpu)")
        + mute("alarms: [cpu, 'disk*'], schedule: cron(0 2 * * SUN), duration: 4h"),
    ).mute_rules

    assert found == MuteRule(
        name="m",
        alarms=frozenset({"cpu", "disk", "disk-and-cpu"}),
        schedule=parse_schedule("cron(0 2 * * SUN)"),
        duration_secs=4 * 3600,
        origin="rules.yaml:7",
    )


def test_every_option_of_a_mute_rule(examined: Examine) -> None:
    """The zone is that of the schedule."""
    (found,) = rules_of(
        examined,
        mute(
            "alarms: [cpu], description: D, timezone: Europe/Berlin,"
            " schedule: at(2026-07-01T08:00), duration: PT30M,"
            " start: 2026-06-01, expire: '2026-08-01T00:00:00+02:00'"
        ),
    ).mute_rules

    assert found == MuteRule(
        name="m",
        alarms=frozenset({"cpu"}),
        schedule=Once(start=at("2026-07-01T06:00")),
        duration_secs=1800,
        start=at("2026-06-01T00:00"),
        expire=at("2026-07-31T22:00"),
        origin="rules.yaml:5",
    )


@pytest.mark.parametrize(
    ("text", "secs"),
    [
        ("PT1M", 60),
        ("1m", 60),
        ("P15D", 15 * 86_400),
        ("15d", 15 * 86_400),
        ("P2DT12H", 60 * 3600),
        ("PT1H30M", 5400),
        ("1h30m", 5400),
    ],
)
def test_how_long_a_window_lasts(examined: Examine, text: str, secs: float) -> None:
    """As everywhere here, or as AWS writes it."""
    options = f"alarms: [cpu], schedule: at(2026-07-01T08:00), duration: {text}"

    (found,) = rules_of(examined, mute(options)).mute_rules

    assert found.duration_secs == secs


AT = "schedule: at(2026-07-01T08:00)"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            f"alarms: [cpx], {AT}, duration: 1h",
            "alarms: 'cpx' is no alarm; did you mean cpu?",
        ),
        (
            f"alarms: [], {AT}, duration: 1h",
            "alarms: a list has too few entries; at least 1",
        ),
        (
            f"alarms: [{', '.join(['cpu'] * 101)}], {AT}, duration: 1h",
            "alarms: a list has too many entries; at most 100",
        ),
        (
            f"alarms: [cpu], {AT}, duration: 59s",
            "duration: '59s' is too small; at least 1m",
        ),
        (
            f"alarms: [cpu], {AT}, duration: P16D",
            "duration: 'P16D' is too large; at most 1296000",
        ),
        (
            f"alarms: [cpu], {AT}, duration: P",
            "duration: 'P' is no duration; write it as 90s, 5m or 1h30m",
        ),
        (
            f"alarms: [cpu], {AT}, duration: 60",
            "duration: 60 has no unit; write 60s, or another of ms s m h d w",
        ),
        (
            "alarms: [cpu], schedule: cron(0 2 * *), duration: 1h",
            "schedule: 'cron(0 2 * *)' is no schedule: cron has 5 fields (minute, hour,"
            " day of month, month, day of week), not 4",
        ),
        (
            "alarms: [cpu], schedule: 5, duration: 1h",
            "schedule: 5 is no text; write cron(0 2 * * SUN) or at(2026-12-24T18:00)",
        ),
        (
            f"alarms: [cpu], {AT}, duration: 1h, timezone: Mars",
            "timezone: 'Mars' is no time zone; it looks like Europe/Berlin",
        ),
        (
            f"alarms: [cpu], {AT}, duration: 1h, timezone: 1",
            "timezone: 1 is no text; a time zone looks like Europe/Berlin",
        ),
        (
            f"alarms: [cpu], {AT}, duration: 1h, start: soon",
            "start: 'soon' is no time; it looks like 2026-04-15T08:00:00Z",
        ),
        (
            f"alarms: [cpu], {AT}, duration: 1h, start: 2026-01-02, expire: 2026-01-02",
            "expire: '2026-01-02' is not after the start",
        ),
    ],
)
def test_wrong_mute_rules_are_told_with_their_place(
    examined: Examine, options: str, expected: str
) -> None:
    """One problem each, at its own line."""
    found = lines(examined(rules=FILTERS + mute(options)))

    assert found == [f"rules.yaml:5: mute_rules[0].{expected}"]


def test_mute_rules_have_different_names(examined: Examine) -> None:
    """But may be called like an alarm."""
    text = mute(f"alarms: [cpu], {AT}, duration: 1h").replace("name: m", "name: cpu")
    rules_of(examined, text)
    twice = text + text.splitlines(keepends=True)[1]

    found = lines(examined(rules=FILTERS + twice))

    assert found == [
        "rules.yaml:6: mute_rules[1].name: 'cpu' is the name of another mute rule as"
        " well: rules.yaml:5"
    ]


def test_a_pattern_that_fits_nothing_is_a_warning(examined: Examine) -> None:
    """Its alarms may be yet to come."""
    report = examined(rules=FILTERS + mute(f"alarms: ['x*', 'c*'], {AT}, duration: 1h"))

    assert lines(report) == []
    assert [str(each) for each in report.warnings if "fits" in each.message] == [
        "rules.yaml:5: mute_rules[0].alarms: 'x*' fits no alarm's name"
    ]
