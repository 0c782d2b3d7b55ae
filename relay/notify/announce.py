"""From an alarm's transition to the notification that tells of it; pure."""

import hashlib

import msgspec

from relay.config.rules import AlarmDefinition, AnyAlarm, CompositeDefinition
from relay.config.statistics import Percentile
from relay.model import CompositeTrigger, Evidence, Notification, Transition, Trigger
from relay.notify.mute import Labels
from relay.notify.plain import well_formed


class Announcer:
    """Says what happened; the arguments are what is the same in all notifications."""

    def __init__(self, *, account: str, region: str, configured_at: float) -> None:
        self._account = account
        self._region = region
        self._configured_at = configured_at

    def notification(
        self,
        transition: Transition,
        definition: AnyAlarm,
        labels: Labels,
        *,
        due_at: float | None = None,
    ) -> Notification:
        """Say what happened; a reminder has a ``due_at``, which makes its id unique."""
        selectors = [selector.text for selector in definition.group_by]
        group = map(well_formed, transition.group)
        return Notification(
            id=hash_of(
                transition.alarm.name,
                transition.alarm.fingerprint,
                *transition.group,
                transition.new,
                _milliseconds(transition.at),
                "" if due_at is None else _milliseconds(due_at),
            ),
            alarm=definition.name,
            state=transition.new,
            old_state=transition.old,
            at=transition.at,
            reason=transition.reason,
            reason_data=transition.reason_data,
            trigger=_trigger(definition),
            composite=_composite(definition, transition),
            account=self._account,
            region=self._region,
            configured_at=self._configured_at,
            description=definition.description,
            severity=definition.severity,
            runbook_url=definition.runbook_url,
            runbook=definition.runbook,
            group=dict(zip(selectors, group, strict=False)),
            labels=dict(labels),
            total=transition.total,
            evidence=tuple(map(_well_formed_evidence, transition.evidence)),
            received_at=transition.received_at,
            after_mute=transition.after_mute,
            repeat=due_at is not None,
            notify_on=tuple(sorted(definition.notify_on)),
        )


def hash_of(*parts: str) -> str:
    """Return the SHA-256 of ``parts``, in hexadecimal; their borders count."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:%b" % (len(encoded), encoded))
    return digest.hexdigest()


def _composite(definition: AnyAlarm, transition: Transition) -> CompositeTrigger | None:
    if not isinstance(definition, CompositeDefinition):
        return None
    return CompositeTrigger(rule=definition.rule.text, children=transition.children)


def _trigger(definition: AnyAlarm) -> Trigger | None:
    if not isinstance(definition, AlarmDefinition):
        return None
    return Trigger(
        namespace=definition.metric.namespace,
        metric_name=definition.metric.name,
        statistic=str(definition.statistic),
        comparison_operator=definition.comparison,
        threshold=definition.threshold,
        period_secs=definition.period_secs,
        evaluation_periods=definition.evaluation_periods,
        datapoints_to_alarm=definition.datapoints_to_alarm,
        treat_missing_data=definition.treat_missing_data,
        unit=definition.unit,
        dimensions=dict(definition.metric.dimensions),
        low_samples=(
            definition.low_samples
            if isinstance(definition.statistic, Percentile)
            else None
        ),
        condition=(
            None
            if definition.condition is None
            else definition.condition.describe(definition.period_secs)
        ),
    )


def _well_formed_evidence(evidence: Evidence) -> Evidence:
    """Make the entry encodable: a record's JSON may hold lone surrogates."""
    texts = msgspec.structs.asdict(evidence).items()
    return Evidence(**{name: text and well_formed(text) for name, text in texts})


def _milliseconds(at: float) -> str:
    return str(round(at * 1000))
