"""The options that say what an alarm tells, whatever it is an alarm on."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from relay.config.metric_schema import RuleSection
from relay.config.names import LabelName
from relay.config.refusal import refusal
from relay.config.scalars import Switch, Text, Whole
from relay.model import AlarmState


def _each_once(states: tuple[AlarmState, ...]) -> tuple[AlarmState, ...]:
    if len(set(states)) < len(states):
        raise refusal("names a state twice")
    return states


def _own_label(labels: dict[str, str]) -> dict[str, str]:
    if "alarm" in labels:
        raise refusal("has the label 'alarm', which is always the alarm's name")
    return labels


class ActionOptions(RuleSection):
    """What alarms of all kinds have in common."""

    evidence: Whole = Field(default=5, ge=0, le=50)
    """How many records a notification carries."""
    actions_enabled: Switch = True
    notify_on: Annotated[tuple[AlarmState, ...], AfterValidator(_each_once)] = (
        AlarmState.ALARM,
        AlarmState.OK,
    )
    """Which states are told when they begin; OK only when it ends an ALARM, unless
    INSUFFICIENT_DATA is told as well."""
    staged: Switch = False
    """Evaluated, counted and shown, but told to nobody."""
    severity: Text | None = None
    description: Annotated[str, Field(max_length=1024)] | None = None
    runbook_url: Text | None = None
    runbook: Annotated[str, Field(max_length=4000)] | None = None
    """What to do, in as many lines as it takes; shown in notifications."""
    labels: Annotated[dict[LabelName, str], AfterValidator(_own_label)] = Field(
        default={}
    )
    """What notification routes match on, beside alarm and severity."""

    @property
    def resolved_severity(self) -> str | None:
        """The severity, whichever way it is written."""
        return self.severity or self.labels.get("severity")

    def resolved_labels(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return the labels of an alarm of that name, its own two included."""
        severity = self.resolved_severity
        own = {"alarm": name, **({"severity": severity} if severity else {})}
        return tuple((own | self.labels).items())

    @field_validator("labels")
    @classmethod
    def _have_one_severity(
        cls, labels: dict[str, str], info: ValidationInfo
    ) -> dict[str, str]:
        severity = info.data.get("severity")
        if severity is not None and labels.get("severity", severity) != severity:
            raise refusal("has another severity than the option severity")
        return labels
