"""relay.self_watch.rules: built-in alarms as alarms like any other."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from relay.alarms.engine import AlarmEngine
from relay.alarms.outcome import Outcome
from relay.config.rules import RuleSet
from relay.config.schema import Loaded
from relay.config.self_watch_section import SelfWatchRule
from relay.model import (
    AlarmKey,
    Datapoint,
    FileKind,
    Group,
    LogFileKey,
    LogObject,
    Record,
)
from relay.rules.compiled import CompiledRules
from relay.self_watch.rules import (
    SelfWatchAlarms,
    built_in,
    count_built_in,
    count_own,
    self_watch_alarms,
    with_self_watch,
)
from relay.trail.records import split_records
from tests.self_watch.examples import alarms, config, loaded

T0 = 1_700_000_100.0
HOUR, DAY = 3_600.0, 86_400.0


def names(**self_watch: object) -> list[str]:
    """Return the names of all built-in alarms that are on."""
    return [alarm.name for alarm in loaded(**self_watch).rules.alarms]


def test_all_are_on_by_default() -> None:
    """Without a word about it in the configuration."""
    assert names() == [
        "self-watch-trail",
        "self-watch-bucket",
        "self-watch-topic",
        "self-watch-queue",
        "self-watch-log-group",
        "self-watch-silent",
        "self-watch-cloudtrail-late",
        "self-watch-relay-late",
    ]


def test_each_can_be_off() -> None:
    """Each by its name; the others stay."""
    all_names = names()
    for rule in SelfWatchRule:
        name = f"self-watch-{rule.replace('_', '-')}"

        assert names(disable=[rule]) == [each for each in all_names if each != name]


def test_all_can_be_off() -> None:
    """One switch; nothing is fed then either."""
    assert built_in(config(self_watch={"enabled": False})) == ((), ())
    assert alarms(enabled=False) == SelfWatchAlarms()


def test_own_rules_stay() -> None:
    """The built-in ones come behind them; the rest of the rule set is as it was."""
    before = Loaded(config=config(), rules=RuleSet(log_group="/g"))

    after = with_self_watch(with_self_watch(before))

    assert after.rules.log_group == "/g"
    assert before.rules.alarms == ()


def test_labels_route_them() -> None:
    """Severity as of all alarms, and where they come from."""
    labels = [dict(alarm.labels) for alarm in loaded().rules.alarms]

    assert {each["origin"] for each in labels} == {"self"}
    assert {each["severity"] for each in labels} == {"critical", "high", "medium"}
    assert [each["alarm"] for each in labels] == names()


def test_changed_option_is_another_definition() -> None:
    """State goes by what is counted: another topic, threshold or time starts anew."""
    topic_arn = "arn:aws:sns:eu-west-1:123456789012:trail"
    changed = loaded(topic_arn=topic_arn, silent_after=HOUR, relay_late=60.0)

    pairs = zip(loaded().rules.alarms, changed.rules.alarms, strict=True)
    anew = {old.name for old, new in pairs if old.key != new.key}

    assert anew == {"self-watch-topic", "self-watch-silent", "self-watch-relay-late"}


def test_change_alarms_at_once_with_evidence() -> None:
    """StopLogging goes through filter, feed and engine as any record does."""
    rules = loaded().rules
    engine = AlarmEngine(rules.alarms, now=T0)
    compiled = CompiledRules(rules)
    record = json.dumps(
        {
            "eventTime": "2023-11-14T22:14:00Z",
            "eventID": "id-1",
            "eventSource": "cloudtrail.amazonaws.com",
            "eventName": "StopLogging",
            "requestParameters": {"name": "org"},
        }
    )
    text = f'{{"Records":[{record}]}}'.encode()
    records: Sequence[Record] = split_records(
        text, compiled.projection, max_records=9
    ).records
    source = LogObject(bucket="b", key="k", etag="e", last_modified=T0, body=b"")
    key = LogFileKey(kind=FileKind.EVENTS, account="1", region="r")

    (match,) = compiled.evaluate(records, source, key).matches
    points = [
        Datapoint(
            alarm=feed.alarm,
            group=feed.group,
            time=T0,
            value=1.0,
            evidence=match.evidence,
        )
        for feed in match.feeds
    ]
    transitions = engine.apply(points, now=T0).transitions

    (transition,) = [each for each in transitions if each.new == "ALARM"]
    assert transition.alarm.name == "self-watch-trail"
    assert transition.evidence[0].event_id == "id-1"


class Watch:
    """The engine with the built-in alarms, and time that passes."""

    def __init__(self) -> None:
        self.keys = self_watch_alarms(loaded())
        self.engine = AlarmEngine(loaded().rules.alarms, now=T0)
        self.told: list[tuple[str, str, Group, float]] = []

    def see(
        self, alarm: AlarmKey | None, value: float, group: Group, at: float
    ) -> None:
        """Count one datapoint of its own time."""
        assert alarm is not None
        point = Datapoint(alarm=alarm, group=group, time=at, value=value)
        self._note(self.engine.apply([point], now=at))

    def pass_until(self, at: float) -> None:
        """Judge whatever comes due."""
        while (due := self.engine.next_deadline()) is not None and due <= at:
            self._note(self.engine.tick(now=due))

    def _note(self, outcome: Outcome) -> None:
        for each in outcome.transitions:
            told = (each.alarm.name, str(each.new), each.group, each.at - T0)
            # That there was nothing to judge at the start is told to nobody either.
            if each.new == "ALARM" or each.old == "ALARM":
                self.told.append(told)


def test_silent_region_alarms_alone_and_recovers() -> None:
    """One is heard of every hour, the other one not for a day; then it is again."""
    watch = Watch()
    here, there = ("1", "eu-west-1"), ("1", "us-east-1")
    watch.see(watch.keys.silent, 1.0, there, T0)
    for hour in range(30):
        at = T0 + hour * HOUR
        watch.pass_until(at)
        watch.see(watch.keys.silent, 1.0, here, at)
    watch.see(watch.keys.silent, 1.0, there, T0 + 30 * HOUR)

    silent = [told[1:3] for told in watch.told if told[0] == "self-watch-silent"]
    assert silent == [("ALARM", there), ("OK", there)]


@pytest.mark.parametrize(
    ("lags", "alarms_at"),
    [
        pytest.param([1.0] * 40, None, id="in time"),
        pytest.param([1.0] * 5 + [900.0] + [1.0] * 30, None, id="one hiccup"),
        pytest.param([301.0 + n for n in range(20)], 6 * 60.0, id="backlog"),
    ],
)
def test_relay_is_late_when_it_stays_so(
    lags: list[float], alarms_at: float | None
) -> None:
    """In three periods of five minutes in a row; a single late minute is none."""
    watch = Watch()
    for minute, lag in enumerate(lags):
        at = T0 + 60 * minute
        watch.pass_until(at)
        watch.see(watch.keys.relay_late, lag, (), at)

    told = [each for each in watch.told if each[0] == "self-watch-relay-late"]
    expected = [] if alarms_at is None else [("ALARM", alarms_at)]
    assert [(each[1], each[3]) for each in told] == expected


@pytest.mark.parametrize(
    ("delays", "is_late"),
    [
        pytest.param([2_000.0], True, id="all are late"),
        pytest.param([2_000.0, 200.0], False, id="some are in time"),
    ],
)
def test_cloudtrail_is_late_when_everything_is(
    delays: list[float], *, is_late: bool
) -> None:
    """As long as something comes in time, a late object is the ordinary case."""
    watch = Watch()
    for minute in range(40):
        at = T0 + 60 * minute
        watch.pass_until(at)
        for delay in delays:
            watch.see(watch.keys.cloudtrail_late, delay, (), at)

    told = [each for each in watch.told if each[0] == "self-watch-cloudtrail-late"]
    assert [each[1] for each in told] == (["ALARM"] if is_late else [])


def test_relay_is_late_fires_although_nothing_is_judged() -> None:
    """A source that has not caught up holds back all judgement but this one."""
    watch = Watch()
    key = watch.keys.relay_late
    assert key is not None
    states: list[str] = []
    for minute in range(12):
        at = T0 + 60 * minute
        point = Datapoint(alarm=key, group=(), time=at, value=900.0)
        outcome = watch.engine.apply([point], now=at, seen_until=T0 - 900)
        states += [each.new for each in outcome.transitions if each.alarm == key]

    assert states == ["ALARM"]


def test_relay_is_late_is_over_when_it_has_caught_up() -> None:
    """A quarter of an hour after the last late minute."""
    watch = Watch()
    for minute in range(40):
        at = T0 + 60 * minute
        watch.pass_until(at)
        watch.see(watch.keys.relay_late, 900.0 if minute < 10 else 1.0, (), at)

    told = [each[1] for each in watch.told if each[0] == "self-watch-relay-late"]
    assert told == ["ALARM", "OK"]


def test_built_in_rules_are_told_from_own_ones() -> None:
    """Status and log count what somebody wrote, and beside it what is built in."""
    rules = loaded().rules
    own = replace(rules.filters[0], name="own", origin="rules.yaml:1")

    assert count_built_in(rules.alarms) == 8
    assert count_own((*rules.filters, own)) == 1
