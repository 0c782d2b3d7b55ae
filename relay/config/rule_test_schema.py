"""What may stand in a rule test file: events, and what rules are to make of them."""

from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from relay.clock import parse_isoformat
from relay.config.metric_schema import RuleSection
from relay.config.pattern_text import CompiledSelector
from relay.config.refusal import refusal
from relay.config.scalars import Duration, Switch, Text, Whole, matching
from relay.config.units import format_duration
from relay.model import AlarmState

DEFAULT_ACCOUNT = "111122223333"
"""An account of AWS's own examples."""
DEFAULT_REGION = "us-east-1"
DEFAULT_START = parse_isoformat("2026-01-05T12:00:00Z")
"""A Monday noon; any fixed time would do, so that no test depends on today."""

_DAY_SECS = 86_400
_LONGEST_SECS = 3_650 * _DAY_SECS
_MOST_REPETITIONS = 100_000
_EARLIEST, _LATEST = "1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"


def _instant(value: object) -> float:
    if not isinstance(value, str):
        raise refusal("is no text; write a time as 2026-01-05T12:00:00Z, in quotes")
    try:
        at = parse_isoformat(value)
    except ValueError as error:
        raise refusal("is no time; write it as 2026-01-05T12:00:00Z") from error
    if not parse_isoformat(_EARLIEST) <= at <= parse_isoformat(_LATEST):
        raise refusal(f"is not between {_EARLIEST} and {_LATEST}")
    return at


Instant = Annotated[
    float,
    PlainValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""Epoch seconds, written as an ISO 8601 time."""
Offset = Annotated[Duration, Field(le=_LONGEST_SECS)]
"""Seconds since the start of the test."""
Account = Annotated[
    str, matching(r"[0-9]{12}", "is no account; write its 12 digits, in quotes")
]
Region = Annotated[
    str, matching(r"[a-z]{2,}(-[a-z0-9]+)+", "is no region; write it as eu-west-1")
]
Count = Annotated[Whole, Field(ge=0)]


def _json_record(record: dict[str, object]) -> dict[str, object]:
    if not _is_json(record):
        raise refusal("holds .nan or .inf, which JSON does not know")
    return record


def _is_json(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_is_json, value.values()))
    if isinstance(value, list):
        return all(map(_is_json, value))
    return not isinstance(value, float) or abs(value) < float("inf")


PartialRecord = Annotated[dict[str, object], AfterValidator(_json_record)]
"""Members of a CloudTrail record, to lie over a default one."""


class Defaults(RuleSection):
    """What lies under every event of the file."""

    account: Account = DEFAULT_ACCOUNT
    region: Region = DEFAULT_REGION
    record: PartialRecord = Field(default={})


class Repeat(RuleSection):
    """How often an event happens, and in which distance."""

    times: Whole = Field(ge=1, le=_MOST_REPETITIONS)
    every: Offset = 0.0


class EventEntry(RuleSection):
    """One CloudTrail record, or as many as it is repeated, and which filters match."""

    at: Offset = 0.0
    """When it happens, since the start of the test."""
    repeat: Repeat | None = None
    """In a repeated event, {n} in a text of the record stands for 1, 2, 3 ..."""
    arrives: Offset | None = None
    """When relay sees it, all repetitions at once; without it, when it happens."""
    delay: Offset | None = None
    """Instead of arrives: how long after it happens relay sees each repetition."""
    id: Text | None = None
    """Its eventID; without one, each has its own."""
    account: Account | None = None
    """recipientAccountId, and the account of userIdentity and of the log file."""
    region: Region | None = None
    """awsRegion, and the region of the log file."""
    record: PartialRecord = Field(default={})
    """Merged deeply over a default record."""
    remove: tuple[CompiledSelector, ...] = ()
    """Members that the record does not have."""
    matches: tuple[str, ...] | None = Field(default=None, min_length=1)
    """Metric filters that match it; others may, too."""
    matches_not: tuple[str, ...] = ()
    """Metric filters that do not match it."""
    matches_only: tuple[str, ...] | None = None
    """The metric filters that match it, all of them; [] for none."""

    @property
    def times(self) -> int:
        """How often it happens."""
        return 1 if self.repeat is None else self.repeat.times

    @property
    def has_expectation(self) -> bool:
        """Whether it says which filters match it."""
        return bool(self.matches or self.matches_not) or self.matches_only is not None

    @field_validator("delay")
    @classmethod
    def _excludes_arrives(
        cls, delay: float | None, info: ValidationInfo
    ) -> float | None:
        if delay is not None and info.data.get("arrives") is not None:
            raise refusal("stands beside arrives; write one of them")
        return delay

    @field_validator("arrives")
    @classmethod
    def _is_not_before_it_happens(
        cls, arrives: float | None, info: ValidationInfo
    ) -> float | None:
        at, repeat = info.data.get("at"), info.data.get("repeat")
        if arrives is None or at is None:
            return arrives
        last = at if repeat is None else at + (repeat.times - 1) * repeat.every
        if arrives < last:
            happens = format_duration(last)
            raise refusal(
                f"is before it happens (the last time), which is at {happens}"
            )
        return arrives

    @field_validator("remove")
    @classmethod
    def _names_members(
        cls, selectors: tuple[CompiledSelector, ...]
    ) -> tuple[CompiledSelector, ...]:
        for selector in selectors:
            if selector.has_wildcard:
                raise refusal(f"has {selector.text}, which stands for many values")
        return selectors


class ExpectedNotification(RuleSection):
    """Notifications that were sent; what is not named may be anything."""

    alarm: str
    state: AlarmState
    group: dict[str, str] | None = None
    """Selectors of the alarm's group_by with their values: all of them."""
    receiver: str | None = None
    """Needs config; without it, a notification to several receivers is one."""
    reminder: Switch = False
    times: Count = 1


class Expectation(RuleSection):
    """What is so at one time: the state of an alarm, or what has been sent by then."""

    at: Offset
    """Since the start of the test; what arrives then has been counted."""
    alarm: str | None = None
    group: dict[str, str] | None = None
    """Selectors of the alarm's group_by with their values: all of them."""
    state: AlarmState | None = None
    """Without a group, of an alarm that has them: ALARM when any group is."""
    evidence: tuple[str, ...] | None = None
    """The events that the last transition shows: $1, $2.3 (a repetition), or ids."""
    total: Count | None = None
    """How many datapoints the last transition counts."""
    reason: Text | None = None
    """A part of the last transition's reason."""
    notifications: tuple[ExpectedNotification, ...] | None = None
    """All that has been sent since the start of the test, in any order."""

    @property
    def is_about_transition(self) -> bool:
        """Whether it says more of the alarm than its state."""
        return not (self.evidence is None and self.total is None and not self.reason)

    @model_validator(mode="after")
    def _has_one_subject(self) -> Self:
        if (self.alarm is None) == (self.notifications is None):
            raise refusal("has to say something of either alarm or notifications")
        details = (self.state, self.evidence, self.total, self.reason)
        given = [each for each in details if each is not None]
        if self.alarm is not None and not given:
            raise refusal("does not say which state the alarm is in")
        if self.notifications is not None and (given or self.group is not None):
            raise refusal("says of notifications what only an alarm has")
        return self


class RuleTest(RuleSection):
    """One test: what happens, and what is to come of it."""

    name: Text
    start: Instant | None = None
    """What 0s is, instead of the file's."""
    events: tuple[EventEntry, ...] = ()
    matches: dict[str, Count] = Field(default={})
    """How many events each metric filter has counted."""
    expect: tuple[Expectation, ...] = ()
    """In the order of time."""

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        says_matches = any(event.has_expectation for event in self.events)
        if not (self.matches or self.expect or says_matches):
            raise refusal("expects nothing, so it cannot fail")
        return self


class RuleTestFile(RuleSection):
    """A rule test file, for relay test."""

    rule_files: tuple[Text, ...] = Field(min_length=1)
    """The rules that are tested, as globs relative to this file."""
    config: Text | None = None
    """A relay.yaml whose routes decide who is told."""
    start: Instant | None = None
    """What 0s is in every test; a Monday noon in 2026 without it."""
    defaults: Defaults = Defaults()
    tests: tuple[RuleTest, ...] = Field(min_length=1)
