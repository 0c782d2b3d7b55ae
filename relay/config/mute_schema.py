"""What may stand under ``mute_rules`` of a rule file.

The limits are those of CloudWatch's PutAlarmMuteRule.
"""

import re
from datetime import UTC, tzinfo
from typing import Annotated

from pydantic import (
    BeforeValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from relay.clock import parse_isoformat
from relay.config.metric_schema import RuleSection
from relay.config.names import AlarmName
from relay.config.refusal import refusal
from relay.config.scalars import DURATION_PATTERN, Duration
from relay.config.schedule import Schedule, parse_schedule, parse_zone

MAX_ALARMS = 100
SHORTEST_SECS, LONGEST_SECS = 60, 15 * 86_400

_ISO_PATTERN = r"^P([0-9]{1,2}D)?(T([0-9]{1,3}H)?([0-9]{1,5}M)?)?$"
_ISO = re.compile(_ISO_PATTERN)
_ISO_SECS = (86_400, 3_600, 60)


def _iso_duration(value: object) -> object:
    """Return in seconds, with their unit, what is written as ``P1DT2H30M``."""
    found = _ISO.fullmatch(value) if isinstance(value, str) else None
    parts = [found[group] for group in (1, 3, 4)] if found else []
    if not any(parts):
        return value
    secs = sum(
        int(part[:-1]) * unit
        for part, unit in zip(parts, _ISO_SECS, strict=True)
        if part
    )
    return f"{secs}s"


def _zone(value: object) -> tzinfo:
    if not isinstance(value, str):
        raise refusal("is no text; a time zone looks like Europe/Berlin")
    try:
        return parse_zone(value)
    except ValueError as error:
        raise refusal("is no time zone; it looks like Europe/Berlin") from error


def _moment(value: object) -> float:
    try:
        return parse_isoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        raise refusal("is no time; it looks like 2026-04-15T08:00:00Z") from error


_Moment = Annotated[
    float,
    PlainValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class MuteEntry(RuleSection):
    """Windows in which the actions of some alarms wait."""

    name: AlarmName
    description: Annotated[str, Field(max_length=1024)] | None = None
    alarms: Annotated[tuple[AlarmName, ...], Field(min_length=1, max_length=MAX_ALARMS)]
    """Names of alarms; * stands for any run of characters."""
    timezone: Annotated[
        tzinfo, PlainValidator(_zone), WithJsonSchema({"type": "string"})
    ] = Field(default="UTC", validate_default=True)
    """Whose clock the schedule is about, such as Europe/Berlin."""
    schedule: Annotated[
        Schedule, WithJsonSchema({"type": "string", "pattern": r"^(cron|at)\("})
    ]
    """When a window begins: cron(0 2 * * SUN) or at(2026-12-24T18:00)."""
    duration: Annotated[
        Duration,
        BeforeValidator(_iso_duration),
        Field(ge=SHORTEST_SECS, le=LONGEST_SECS),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "pattern": DURATION_PATTERN},
                    {"type": "string", "pattern": _ISO_PATTERN},
                ]
            }
        ),
    ]
    """How long a window lasts: 4h, or as AWS writes it PT4H; 1m to 15d."""
    start: _Moment | None = None
    """Nothing is muted before; ISO 8601, UTC where it has no offset."""
    expire: _Moment | None = None
    """Nothing is muted from then on."""

    @field_validator("schedule", mode="plain")
    @classmethod
    def _is_a_schedule(cls, value: object, info: ValidationInfo) -> Schedule:
        if not isinstance(value, str):
            raise refusal("is no text; write cron(0 2 * * SUN) or at(2026-12-24T18:00)")
        try:
            # Absent when the option itself is refused: then its problem is the one.
            return parse_schedule(value, info.data.get("timezone", UTC))
        except ValueError as error:
            raise refusal("is no schedule", detail=str(error)) from error

    @field_validator("expire")
    @classmethod
    def _comes_after_the_start(
        cls, expire: float | None, info: ValidationInfo
    ) -> float | None:
        start = info.data.get("start")
        if expire is not None and start is not None and expire <= start:
            raise refusal("is not after the start")
        return expire
