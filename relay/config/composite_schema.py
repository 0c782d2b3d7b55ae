"""What may stand under ``composite_alarms`` of a rule file.

The limits are those of CloudWatch's PutCompositeAlarm.
"""

from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from relay.config.action_schema import ActionOptions
from relay.config.composite_rule import MAX_LENGTH, CompositeRule, parse_composite_rule
from relay.config.metric_schema import RuleSection
from relay.config.names import AlarmName, OwnAlarmName
from relay.config.refusal import refusal
from relay.config.scalars import Duration
from relay.patterns import PatternError

DAY_SECS = 86_400


def _rule(value: object) -> CompositeRule:
    if not isinstance(value, str):
        raise refusal("is no text; a rule looks like ALARM(one) AND NOT ALARM(other)")
    try:
        return parse_composite_rule(value)
    except PatternError as error:
        raise refusal("is no rule of a composite alarm", detail=str(error)) from error


class SuppressorEntry(RuleSection):
    """An alarm that keeps the actions back while it is in ALARM."""

    alarm: AlarmName
    wait_period: Duration = Field(default=60.0, le=DAY_SECS)
    """How long actions wait for it to go into ALARM."""
    extension_period: Duration = Field(default=60.0, le=DAY_SECS)
    """How long actions wait after it has left ALARM."""


class CompositeEntry(ActionOptions):
    """An alarm on the states of other alarms."""

    name: OwnAlarmName
    rule: Annotated[
        CompositeRule,
        PlainValidator(_rule),
        WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}),
    ]
    """ALARM(), OK(), INSUFFICIENT_DATA(), AT_LEAST(), AND, OR, NOT, TRUE, FALSE."""
    actions_suppressor: SuppressorEntry | None = None
