"""Which transitions are told to whom: transitions in, outbox entries out; pure.

An alarm's ``notify_on`` names the states whose beginning is told. Out of ALARM that is
the end of the matter, told as OK to the receivers that want ``send_resolved``, also
where it leads to INSUFFICIENT_DATA. Between OK and INSUFFICIENT_DATA only alarms that
tell the latter tell anything. A ``staged`` alarm tells nothing. While an alarm stays in
ALARM its receivers are reminded every ``repeat_interval``.

Ids are hashes of what they name. So a transition that is decided again after a crash,
or by another replica, gives the entries that are there already.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from relay.config.notify_section import Notify
from relay.config.rules import AlarmDefinition
from relay.config.statistics import Percentile
from relay.model import (
    AlarmKey,
    AlarmState,
    Evidence,
    Group,
    Notification,
    OutboxEntry,
    Transition,
    Trigger,
)
from relay.notify.plain import well_formed
from relay.notify.route import RoutedReceiver, Router
from relay.notify.targets import targets_by_receiver
from relay.state.store import Notified

Told = Mapping[tuple[str, Group, str], float]
"""When (alarm name, group, receiver) was last told, as the store keeps it."""

TICK_SECS = 1e-6
"""Between the entries of one plan: a store gives them back by ``created_at``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What goes into the commit that makes the transitions durable."""

    entries: tuple[OutboxEntry, ...] = ()
    notified: tuple[Notified, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """One receiver's next reminder of one alarm group."""

    transition: Transition
    definition: AlarmDefinition
    routed: RoutedReceiver
    at: float


class Planner:
    """Plans by one configuration; a reload builds another one.

    ``account`` and ``region`` are the relay's own, and ``configured_at`` is when the
    configuration was loaded: all three are said in the notification.
    """

    def __init__(
        self,
        notify: Notify,
        definitions: Iterable[AlarmDefinition],
        *,
        account: str,
        region: str,
        configured_at: float,
    ) -> None:
        self._router = Router(notify.route)
        self._targets = targets_by_receiver(notify.receivers)
        self._definitions = {each.key: each for each in definitions}
        self._account = account
        self._region = region
        self._configured_at = configured_at

    def plan(self, transitions: Iterable[Transition], *, now: float) -> Plan:
        """Return the entries for ``transitions``, in their order.

        A transition of an alarm that this configuration does not have is passed over.
        """
        entries: list[OutboxEntry] = []
        notified: list[Notified] = []
        for position, transition in enumerate(transitions):
            definition = self._active_definition(transition.alarm)
            if definition is None or not _is_news(transition, definition):
                continue
            notification = self._notification(transition, definition)
            for routed in self._told(transition, definition):
                created_at = now + position * TICK_SECS
                entries += self._entries(notification, routed.receiver, created_at)
                if transition.new is AlarmState.ALARM:
                    notified.append(_notified(transition, routed.receiver, now))
        return Plan(entries=tuple(entries), notified=tuple(notified))

    def reminders(
        self, active: Iterable[Transition], told: Told, *, now: float
    ) -> Plan:
        """Return the reminders that are due at ``now``: one each, however late.

        ``active`` holds, for every alarm group in ALARM, the transition that led there.
        A receiver that was never told of it (the route is new) counts as told then.
        """
        entries: list[OutboxEntry] = []
        notified: list[Notified] = []
        for due in self._due(active, told):
            if due.at > now:
                continue
            reminder = self._notification(due.transition, due.definition, due_at=due.at)
            entries += self._entries(reminder, due.routed.receiver, now)
            notified.append(_notified(due.transition, due.routed.receiver, now))
        return Plan(entries=tuple(entries), notified=tuple(notified))

    def next_reminder(self, active: Iterable[Transition], told: Told) -> float | None:
        """Return when ``reminders`` must be asked next, or None when nobody waits."""
        return min((due.at for due in self._due(active, told)), default=None)

    def _due(self, active: Iterable[Transition], told: Told) -> Iterator[_Due]:
        for transition in active:
            definition = self._active_definition(transition.alarm)
            if definition is None or AlarmState.ALARM not in definition.notify_on:
                continue
            for routed in self._router.route(dict(definition.labels)):
                if routed.repeat_interval_secs <= 0:
                    continue
                key = (transition.alarm.name, transition.group, routed.receiver)
                # What is older than this transition was said of an earlier one.
                last = max(told.get(key, transition.at), transition.at)
                yield _Due(
                    transition=transition,
                    definition=definition,
                    routed=routed,
                    at=last + routed.repeat_interval_secs,
                )

    def _told(
        self, transition: Transition, definition: AlarmDefinition
    ) -> Sequence[RoutedReceiver]:
        routed = self._router.route(dict(definition.labels))
        if transition.new is AlarmState.OK or transition.old is AlarmState.ALARM:
            return [each for each in routed if each.send_resolved]
        return routed

    def _active_definition(self, key: AlarmKey) -> AlarmDefinition | None:
        definition = self._definitions.get(key)
        if definition is None or definition.staged or not definition.actions_enabled:
            return None
        return definition

    def _entries(
        self, notification: Notification, receiver: str, created_at: float
    ) -> Iterator[OutboxEntry]:
        for target in self._targets.get(receiver, ()):
            yield OutboxEntry(
                id=_hash(notification.id, receiver, target),
                receiver=receiver,
                target=target,
                notification=notification,
                created_at=created_at,
            )

    def _notification(
        self,
        transition: Transition,
        definition: AlarmDefinition,
        *,
        due_at: float | None = None,
    ) -> Notification:
        """Say what happened; a reminder has a ``due_at``, which makes its id unique."""
        selectors = [selector.text for selector in definition.group_by]
        group = map(well_formed, transition.group)
        return Notification(
            id=_hash(
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
            account=self._account,
            region=self._region,
            configured_at=self._configured_at,
            description=definition.description,
            severity=definition.severity,
            runbook_url=definition.runbook_url,
            group=dict(zip(selectors, group, strict=False)),
            labels=dict(definition.labels),
            total=transition.total,
            evidence=tuple(map(_well_formed_evidence, transition.evidence)),
            # A reminder is late on purpose: it must not count as a delay.
            received_at=transition.received_at if due_at is None else None,
            repeat=due_at is not None,
            notify_on=tuple(sorted(definition.notify_on)),
        )


def _is_news(transition: Transition, definition: AlarmDefinition) -> bool:
    told = definition.notify_on
    if transition.old is AlarmState.ALARM:
        return transition.new in told or AlarmState.OK in told
    if transition.new is AlarmState.ALARM:
        return AlarmState.ALARM in told
    return {transition.new, AlarmState.INSUFFICIENT_DATA} <= told


def _notified(transition: Transition, receiver: str, now: float) -> Notified:
    return Notified(
        alarm=transition.alarm.name, group=transition.group, receiver=receiver, at=now
    )


def _trigger(definition: AlarmDefinition) -> Trigger:
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
    )


def _well_formed_evidence(evidence: Evidence) -> Evidence:
    """Make the entry encodable: a record's JSON may hold lone surrogates."""
    texts = msgspec.structs.asdict(evidence).items()
    return Evidence(**{name: text and well_formed(text) for name, text in texts})


def _hash(*parts: str) -> str:
    """Return the SHA-256 of ``parts``, in hexadecimal; their borders count."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:%b" % (len(encoded), encoded))
    return digest.hexdigest()


def _milliseconds(at: float) -> str:
    return str(round(at * 1000))
