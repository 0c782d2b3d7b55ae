"""What may stand in a rule file for a condition other than a threshold.

An alarm has at most one of them; it looks at the matches of its metric filter.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from relay.config.conditions import (
    Absent,
    AnyCondition,
    Cardinality,
    NewValue,
    RateChange,
)
from relay.config.metric_schema import RuleSection
from relay.config.pattern_text import CompiledSelector
from relay.config.refusal import refusal
from relay.config.scalars import Duration, Number, Whole
from relay.config.units import format_duration
from relay.model import Group
from relay.patterns import Selector

MAX_EXPECTED: Final = 10_000
_DAY_SECS: Final = 86_400
_MINUTE_SECS: Final = 60
_MAX_WITHIN_SECS: Final = 400 * _DAY_SECS
_MAX_VALUES: Final = 100_000


def _single(selector: Selector) -> Selector:
    if selector.has_wildcard:
        raise refusal("stands for many values")
    return selector


def _group(value: object) -> Group:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise refusal("is neither a text nor a list of texts; put numbers in quotes")


def _each_once(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    if len(set(groups)) < len(groups):
        raise refusal("names a group twice")
    return groups


_ExpectedGroup = Annotated[
    Group,
    PlainValidator(_group),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
            ]
        }
    ),
]
_Subject = Annotated[CompiledSelector, AfterValidator(_single)]
_LongTime = Annotated[Duration, Field(ge=_MINUTE_SECS, le=_MAX_WITHIN_SECS)]
_MaxValues = Annotated[Whole, Field(ge=1, le=_MAX_VALUES)]


class AbsentEntry(RuleSection):
    """No match for so long: in all, or of a group that should be heard of."""

    for_: Annotated[Duration, Field(ge=1, le=30 * _DAY_SECS)] = Field(alias="for")
    """How long without a match; judged when lateness has passed as well."""
    expected: Annotated[tuple[_ExpectedGroup, ...], AfterValidator(_each_once)] = Field(
        default=(), max_length=MAX_EXPECTED
    )
    """The groups to be heard of, and no others: values of group_by, or lists of them
    where it has several fields."""
    seen_within: Duration | None = Field(default=None, le=_MAX_WITHIN_SECS)
    """Instead: all groups are, that have been heard of within this time; 7d."""

    @field_validator("seen_within")
    @classmethod
    def _is_longer(cls, within: float | None, info: ValidationInfo) -> float | None:
        if within is not None and info.data.get("expected"):
            raise refusal("plays no part beside expected, which names the groups")
        silence = info.data.get("for_", 0.0)
        if within is not None and within <= silence:
            raise refusal(f"is no longer than for, which is {format_duration(silence)}")
        return within

    def resolved(self, *, is_grouped: bool) -> Absent:
        """Return the condition of an alarm."""
        seen_within = self.seen_within
        if is_grouped and not self.expected and seen_within is None:
            seen_within = max(7 * _DAY_SECS, 2 * self.for_)
        return Absent(
            for_secs=self.for_, expected=self.expected, seen_within_secs=seen_within
        )


class NewValueEntry(RuleSection):
    """A value that was not seen before, in so long a time."""

    of: _Subject
    """The field whose value it is; records without it do not count."""
    within: _LongTime = 30.0 * _DAY_SECS
    """How long a value is remembered since it was seen last."""
    learn: Duration = 7.0 * _DAY_SECS
    """How long values are only learned, at first; 0s raises the alarm from the start.
    A group learns from its own beginning on."""
    max_values: _MaxValues = 10_000
    """Values that a group remembers; those not seen for the longest time go first."""

    @field_validator("learn")
    @classmethod
    def _is_remembered(cls, learn: float, info: ValidationInfo) -> float:
        within = info.data.get("within")
        if within is not None and learn > within:
            raise refusal(f"is longer than within, which is {format_duration(within)}")
        return learn

    def resolved(self) -> NewValue:
        """Return the condition."""
        return NewValue(
            of=self.of,
            within_secs=self.within,
            learn_secs=self.learn,
            max_values=self.max_values,
        )


class CardinalityEntry(RuleSection):
    """More different values within one period than there should be."""

    of: _Subject
    """The field whose values they are; records without it do not count."""
    more_than: Annotated[Whole, Field(ge=1, le=_MAX_VALUES // 2)]
    max_values: _MaxValues | None = None
    """Values that a group remembers; those not seen for the longest time go first.
    10 000, or ten times more_than where that is more."""

    @field_validator("max_values")
    @classmethod
    def _has_room(cls, most: int | None, info: ValidationInfo) -> int | None:
        more_than = info.data.get("more_than")
        if most is not None and more_than is not None and most < 2 * more_than:
            raise refusal(f"is too small; at least {2 * more_than}, twice more_than")
        return most

    def resolved(self) -> Cardinality:
        """Return the condition."""
        most = self.max_values or min(_MAX_VALUES, max(10_000, 10 * self.more_than))
        return Cardinality(of=self.of, more_than=self.more_than, max_values=most)


class RateChangeEntry(RuleSection):
    """A multiple of the matches of the same window before."""

    times: Annotated[Number, Field(gt=1)]
    """How many times as many."""
    at_least: Annotated[Whole, Field(ge=1)]
    """How many matches in any case; all that counts where there were none before."""
    against: Annotated[Duration, Field(le=14 * _DAY_SECS)] | None = None
    """How long ago, such as 1d or 7d; without it, the period before."""

    @field_validator("against")
    @classmethod
    def _is_whole_minutes(cls, against: float | None) -> float | None:
        if against is not None and (against % _MINUTE_SECS or not against):
            raise refusal("is not in whole minutes")
        return against

    def resolved(self, period_secs: int) -> RateChange:
        """Return the condition of an alarm with this period."""
        return RateChange(
            times=self.times,
            at_least=self.at_least,
            against_secs=int(self.against or period_secs),
        )


class ConditionOptions(RuleSection):
    """The conditions that an alarm may have instead of a threshold; one at most."""

    absent: AbsentEntry | None = None
    """No match of the filter for so long."""
    new_value: NewValueEntry | None = None
    """A value that was not seen before."""
    cardinality: CardinalityEntry | None = None
    """Many different values within the period."""
    rate_change: RateChangeEntry | None = None
    """Many more matches than in the period before."""

    @field_validator("new_value", "cardinality", "rate_change")
    @classmethod
    def _stand_alone(
        cls, condition: RuleSection | None, info: ValidationInfo
    ) -> RuleSection | None:
        other = condition_name(info.data)
        if condition is not None and other is not None:
            raise refusal(f"cannot stand beside {other}; an alarm has one condition")
        return condition

    def resolved_condition(
        self, *, is_grouped: bool, period_secs: int
    ) -> AnyCondition | None:
        """Return the condition, or None for a threshold."""
        if self.absent is not None:
            return self.absent.resolved(is_grouped=is_grouped)
        if self.rate_change is not None:
            return self.rate_change.resolved(period_secs)
        entry = self.new_value or self.cardinality
        return None if entry is None else entry.resolved()


def is_without_condition(data: Mapping[str, object]) -> bool:
    """Tell whether ``data``, an alarm's valid options, has no condition.

    One that is refused is missing there, and one after all.
    """
    return all(name in data for name in ConditionOptions.model_fields) and (
        condition_name(data) is None
    )


def condition_name(data: Mapping[str, object]) -> str | None:
    """Return which condition ``data``, an alarm's valid options, has; None: none."""
    names = ConditionOptions.model_fields
    return next((name for name in names if data.get(name) is not None), None)


def refuse_beside_a_condition(info: ValidationInfo) -> None:
    """Refuse an option that only a threshold has; conditions stand before it."""
    name = condition_name(info.data)
    if name is not None:
        raise refusal(f"plays no part in an alarm with {name}")


def check_condition(
    options: ConditionOptions, *, period_secs: float, fields: int, room: int
) -> None:
    """Refuse what does not fit the rest of an alarm.

    That is, its period, the number of ``fields`` that it groups by, and the ``room``
    for its groups.
    """
    if options.absent is not None:
        _check_absent(options.absent, fields=fields, room=room)
    if options.rate_change is not None:
        against = options.rate_change.against
        if period_secs < _MINUTE_SECS:
            raise refusal("has rate_change, which needs a period of whole minutes")
        if against is not None and against < period_secs:
            raise refusal(
                f"has rate_change.against of {format_duration(against)}, which is"
                f" shorter than the period of {format_duration(period_secs)}"
            )


def _check_absent(absent: AbsentEntry, *, fields: int, room: int) -> None:
    if not fields and (absent.expected or absent.seen_within is not None):
        option = "expected" if absent.expected else "seen_within"
        raise refusal(f"has absent.{option}, but no group_by")
    wrong = next((each for each in absent.expected if len(each) != fields), None)
    if wrong is not None:
        raise refusal(
            f"has the absent.expected group {', '.join(wrong)!r}, but groups by"
            f" {fields} fields"
        )
    if len(absent.expected) > room:
        raise refusal(f"expects more groups than max_groups, which is {room}")
