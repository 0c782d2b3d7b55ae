"""Which transitions are told to whom: transitions in, outbox entries out; pure.

An alarm's ``notify_on`` names the states whose beginning is told. Out of ALARM that is
the end of the matter, told as OK to the receivers that want ``send_resolved``, also
where it leads to INSUFFICIENT_DATA. Between OK and INSUFFICIENT_DATA only alarms that
tell the latter tell anything. A ``staged`` alarm tells nothing. While an alarm stays in
ALARM its receivers are reminded every ``repeat_interval``, and who could not be told
before is told as soon as nothing keeps it mute.

Ids are hashes of what they name. So a transition that is decided again after a crash,
or by another replica, gives the entries that are there already.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from relay.alarms.mute_rules import Mutes as MutedAlarms
from relay.config.notify_section import Notify
from relay.config.rules import AnyAlarm, MuteRule
from relay.model import (
    AlarmKey,
    AlarmState,
    Notification,
    OutboxEntry,
    Suppression,
    Transition,
)
from relay.notify.announce import Announcer, hash_of
from relay.notify.inhibit import Sides
from relay.notify.labels import labels_of
from relay.notify.mute import Labels, Mute, Mutes, MutesNow
from relay.notify.route import RoutedReceiver, Router
from relay.notify.silences import Silences
from relay.notify.targets import targets_by_receiver
from relay.notify.told import Ended, GroupKey, Told
from relay.state.store import Notified

TICK_SECS = 1e-6
"""Between the entries of one plan: a store gives them back by ``created_at``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What goes into the commit that makes the transitions durable."""

    entries: tuple[OutboxEntry, ...] = ()
    changes: tuple[Notified | Ended, ...] = ()
    """Who was told of an alarm, and which alarms ended, in their order."""
    suppressed: tuple[Suppression, ...] = ()
    """Why a receiver was not told; one for each that was not."""

    @property
    def notified(self) -> tuple[Notified, ...]:
        """What the store keeps of ``changes``."""
        return tuple(each for each in self.changes if isinstance(each, Notified))


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a plan depends on beside the transitions.

    ``active`` holds, for every alarm group in ALARM, the transition that led there. It
    is gone through once at most, and often not at all.
    """

    told: Told
    active: Iterable[Transition] = ()
    silences: Silences = field(default_factory=Silences)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Concern:
    """A transition, and what follows from it by this configuration alone."""

    transition: Transition
    definition: AnyAlarm
    labels: Labels
    sides: Sides
    routes: tuple[RoutedReceiver, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """When one receiver is told of one alarm group next, for the first time or not."""

    concern: _Concern
    receiver: str
    at: float
    is_first: bool


class Planner:
    """Plans by one configuration; a reload builds another one.

    ``account`` and ``region`` are the relay's own, and ``configured_at`` is when the
    configuration was loaded: all three are said in the notification.
    """

    def __init__(
        self,
        notify: Notify,
        definitions: Iterable[AnyAlarm],
        *,
        mute_rules: Iterable[MuteRule] = (),
        account: str,
        region: str,
        configured_at: float,
    ) -> None:
        self._router = Router(notify.route)
        self._mutes = Mutes(notify)
        self._known: dict[GroupKey, _Concern] = {}
        self._muted_alarms = MutedAlarms(mute_rules)
        self._targets = targets_by_receiver(notify.receivers)
        self._definitions = {each.key: each for each in definitions}
        self._announcer = Announcer(
            account=account, region=region, configured_at=configured_at
        )

    def plan(
        self, transitions: Iterable[Transition], situation: Situation, *, now: float
    ) -> Plan:
        """Return the entries for ``transitions``, in their order.

        A transition of an alarm that this configuration does not have is passed over.
        """
        transitions = tuple(transitions)
        if not transitions:
            return Plan()
        told = situation.told.part(map(_key, transitions))
        mutes = self._mutes_at(now, situation)
        entries: list[OutboxEntry] = []
        changes: list[Notified | Ended] = []
        suppressed: list[Suppression] = []
        for position, transition in enumerate(transitions):
            changed: list[Notified | Ended] = []
            for routed, notification, mute in self._news(transition, told, mutes):
                if mute is not None:
                    suppressed.append(mute.reason)
                    continue
                created_at = now + position * TICK_SECS
                entries += self._entries(notification, routed.receiver, created_at)
                if transition.new is AlarmState.ALARM:
                    changed.append(_notified(transition, routed.receiver, now))
            if transition.old is AlarmState.ALARM:
                changed = [Ended(alarm=transition.alarm.name, group=transition.group)]
            told.take(changed)
            changes += changed
        return Plan(
            entries=tuple(entries),
            changes=tuple(changes),
            suppressed=tuple(suppressed),
        )

    def reminders(self, situation: Situation, *, now: float) -> Plan:
        """Return what is due at ``now`` while alarms last: one each, however late.

        That is reminders, and the first word to whoever was not told before: the route
        is new, or what kept it mute has ended.
        """
        entries: list[OutboxEntry] = []
        notified: list[Notified] = []
        for due in self._due(situation, now):
            if due.at > now:
                continue
            concern = due.concern
            late = self._announcer.notification(
                concern.transition,
                concern.definition,
                concern.labels,
                due_at=None if due.is_first else due.at,
            )
            # It is late on purpose: that must not count as a delay.
            late = msgspec.structs.replace(late, received_at=None)
            entries += self._entries(late, due.receiver, now)
            notified.append(_notified(concern.transition, due.receiver, now))
        return Plan(entries=tuple(entries), changes=tuple(notified))

    def next_reminder(self, situation: Situation, *, now: float) -> float | None:
        """Return when ``reminders`` must be asked next, or None when nobody waits.

        What inhibition holds back waits for another transition.
        """
        return min((due.at for due in self._due(situation, now)), default=None)

    def _due(self, situation: Situation, now: float) -> Iterator[_Due]:
        concerns = self._concerns(situation.active)
        silences = situation.silences
        mutes = self._mutes.at(now, silences, (each.sides for each in concerns))
        for concern in concerns:
            if AlarmState.ALARM not in concern.definition.notify_on:
                continue
            transition = concern.transition
            told = situation.told.receivers(*_key(transition))
            for routed in concern.routes:
                # What is older than this transition was said of an earlier one.
                last = told.get(routed.receiver, -1.0)
                is_first = last < transition.at
                if not is_first and routed.repeat_interval_secs <= 0:
                    continue
                at = transition.at if is_first else last + routed.repeat_interval_secs
                if at <= now:
                    alarm = transition.alarm.name
                    at = self._muted_alarms.muted_until(alarm, now) or at
                if at <= now and (
                    mute := mutes.find(concern.labels, concern.sides, routed)
                ):
                    if mute.until is None:
                        continue
                    at = mute.until
                yield _Due(
                    concern=concern, receiver=routed.receiver, at=at, is_first=is_first
                )

    def _mutes_at(self, now: float, situation: Situation) -> MutesNow:
        """Return what is mute; what is in ALARM matters only to inhibition."""
        silences = situation.silences
        if not self._mutes.inhibition:
            return self._mutes.at(now, silences)
        concerns = self._concerns(situation.active)
        return self._mutes.at(now, silences, (each.sides for each in concerns))

    def _concerns(self, active: Iterable[Transition]) -> list[_Concern]:
        """Return ``active`` as routes see them; found out once for each of them."""
        before, self._known = self._known, {}
        for transition in active:
            key = _key(transition)
            concern = before.get(key)
            if concern is None or concern.transition is not transition:
                concern = self._concern(transition)
            if concern is not None:
                self._known[key] = concern
        return list(self._known.values())

    def _concern(self, transition: Transition) -> _Concern | None:
        definition = self._active_definition(transition.alarm)
        if definition is None:
            return None
        labels = labels_of(transition, definition)
        return _Concern(
            transition=transition,
            definition=definition,
            labels=labels,
            sides=self._mutes.inhibition.sides(labels),
            routes=self._router.route(labels),
        )

    def _news(
        self, transition: Transition, told: Told, mutes: MutesNow
    ) -> Iterator[tuple[RoutedReceiver, Notification, Mute | None]]:
        """Yield who is to be told of ``transition``, and what keeps them from it."""
        concern = self._concern(transition)
        if concern is None or not _is_news(transition, concern.definition):
            return
        notification = self._announcer.notification(
            transition, concern.definition, concern.labels
        )
        routes = concern.routes
        is_end = _is_end_of_told(transition, concern.definition)
        if is_end:
            by_name = {routed.receiver: routed for routed in routes}
            # Without its records, an end may have too few labels for its own route.
            names = told.receivers(*_key(transition))
            found = (by_name.get(name) or self._router.first_to(name) for name in names)
            routes = tuple(routed for routed in found if routed is not None)
        is_resolved = AlarmState.ALARM is transition.old or (
            AlarmState.OK is transition.new
        )
        for routed in routes:
            if routed.send_resolved or not is_resolved:
                mute = None
                if not is_end:
                    mute = mutes.find(concern.labels, concern.sides, routed)
                yield routed, notification, mute

    def _active_definition(self, key: AlarmKey) -> AnyAlarm | None:
        definition = self._definitions.get(key)
        if definition is None or definition.staged or not definition.actions_enabled:
            return None
        return definition

    def _entries(
        self, notification: Notification, receiver: str, created_at: float
    ) -> Iterator[OutboxEntry]:
        for target in self._targets.get(receiver, ()):
            yield OutboxEntry(
                id=hash_of(notification.id, receiver, target),
                receiver=receiver,
                target=target,
                notification=notification,
                created_at=created_at,
            )


def _is_news(transition: Transition, definition: AnyAlarm) -> bool:
    told = definition.notify_on
    if transition.old is AlarmState.ALARM:
        return transition.new in told or AlarmState.OK in told
    if transition.new is AlarmState.ALARM:
        return AlarmState.ALARM in told
    return {transition.new, AlarmState.INSUFFICIENT_DATA} <= told


def _is_end_of_told(transition: Transition, definition: AnyAlarm) -> bool:
    """Tell whether it ends what was told: that is told to the same receivers.

    Even while they are mute: nobody waits for the end of what has ended.
    """
    return (
        transition.old is AlarmState.ALARM and AlarmState.ALARM in definition.notify_on
    )


def _key(transition: Transition) -> GroupKey:
    return transition.alarm.name, transition.group


def _notified(transition: Transition, receiver: str, now: float) -> Notified:
    return Notified(
        alarm=transition.alarm.name, group=transition.group, receiver=receiver, at=now
    )
