"""What the groups of all these conditions have in common: a state, and what led to it.

A condition says what a group has in mind (``_body``), what new datapoints do to it, and
what the passing of time does. A breach that was seen *holds* the group in ALARM for one
period, in processing time: late bursts do not flap.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from relay.alarms.reason import Explanation
from relay.alarms.saved import Change
from relay.config.rules import AlarmDefinition
from relay.errors import StateError
from relay.model import (
    AlarmState,
    Datapoint,
    Evidence,
    Group,
    SavedAlarm,
    Transition,
)

_encoder = msgspec.msgpack.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a transition shows: how many records speak for it, and the newest of them.

    More evidence may be given than the alarm's definition lets through.
    """

    total: int = 0
    evidence: tuple[Evidence, ...] = ()


NOTHING = Shown()


class Head(msgspec.Struct, array_like=True):
    """What is kept of any group.

    ``born_at`` is when counting began. ``is_new``: nobody has looked at it yet.
    ``hold_until`` is when it may calm down; None when nothing holds it.
    """

    state: AlarmState
    born_at: float
    turn: int = 0
    is_new: bool = False
    hold_until: float | None = None
    change: Change | None = None


class Body(msgspec.Struct, array_like=True):
    """The document of a group; each condition adds members of its own, with defaults.

    Members may be added at the end, so that a new version reads old state.
    """

    head: Head


B = TypeVar("B", bound=Body)


def decode_body(saved: SavedAlarm, kind: type[B]) -> B:
    """Return what was saved; raises StateError when the document cannot be read."""
    try:
        return msgspec.msgpack.decode(saved.body, type=kind)
    except msgspec.DecodeError as error:
        raise StateError(
            f"the saved state of alarm {saved.alarm.name!r} cannot be read: {error}"
        ) from error


class ConditionGroup(ABC):
    """The state of one group of one alarm; time and datapoints are arguments."""

    __slots__ = (
        "_born_at",
        "_definition",
        "_hold_until",
        "_is_new",
        "alarm",
        "change",
        "change",
        "group",
        "is_unsaved",
        "state",
        "turn",
    )

    def __init__(self, definition: AlarmDefinition, group: Group, head: Head) -> None:
        self._definition = definition
        self.alarm = definition.key
        self.group = group
        self._born_at = head.born_at
        self._hold_until = head.hold_until
        self.state = head.state
        self.turn = head.turn
        self.is_unsaved = False
        self._is_new = head.is_new
        self.change = head.change

    @property
    def last_transition(self) -> Transition | None:
        """The transition that led to the present state, if there was one."""
        if self.change is None:
            return None
        return self.change.transition(self.alarm, self.group, self.state)

    @property
    @abstractmethod
    def is_spent(self) -> bool:
        """Whether it could as well begin anew, with nothing to remember."""

    @abstractmethod
    def add(
        self, points: Sequence[Datapoint], *, now: float, until: float
    ) -> list[Transition]:
        """Add datapoints that came at ``now``, with time passed ``until`` then."""

    @abstractmethod
    def _body(self) -> Body:
        """Return all that the further state depends on."""

    @abstractmethod
    def _calm_down(self, at: float) -> list[Transition]:
        """Nothing holds the group any more, or ``at`` it is looked at first."""

    @abstractmethod
    def _next_due(self) -> float | None:
        """Return when ``_pass_time`` has something to do."""

    @abstractmethod
    def _pass_time(self, at: float) -> list[Transition]:
        """Do what was due ``at``; something else must be due then, or nothing."""

    def evictions(self) -> int:
        """Return how many values lacked room since this was asked last."""
        return 0

    def due(self) -> float | None:
        """Return when ``advance`` has something to do, if nothing comes before."""
        if self._is_new:
            return self._born_at
        times = (self._hold_until, self._next_due())
        return min((at for at in times if at is not None), default=None)

    def advance(self, until: float) -> list[Transition]:
        """Let time pass; return the transitions, each at its time, in order."""
        transitions: list[Transition] = []
        while (due := self.due()) is not None and due <= until:
            if self._is_new:
                # So that it is saved; it counts from its birth on, restart or not.
                self._is_new, self.is_unsaved = False, True
                if self._hold_until is None:
                    transitions += self._calm_down(due)
            elif due == self._hold_until:
                self._hold_until, self.is_unsaved = None, True
                transitions += self._calm_down(due)
            else:
                transitions += self._pass_time(due)
        return transitions

    def save(self) -> SavedAlarm:
        """Return all that a restart needs, and note that it is saved."""
        self.is_unsaved = False
        document = _encoder.encode(self._body())
        return SavedAlarm(alarm=self.alarm, group=self.group, body=document)

    def _head(self) -> Head:
        """Return what is kept of any group."""
        return Head(
            state=self.state,
            born_at=self._born_at,
            turn=self.turn,
            is_new=self._is_new,
            hold_until=self._hold_until,
            change=self.change,
        )

    def _hold(self, since: float) -> None:
        """Stay in ALARM for one period."""
        until = since + self._definition.period_secs
        self._hold_until = max(until, self._hold_until or until)
        self.is_unsaved = True

    def _move(
        self,
        new: AlarmState,
        explanation: Explanation,
        *,
        at: float,
        received_at: float | None = None,
        shown: Shown = NOTHING,
    ) -> list[Transition]:
        """Go over to ``new``; return the transition, or nothing if it is there."""
        if new is self.state:
            return []
        if self.change is not None:
            # While a backlog is read, what was due may have been overtaken by it.
            at = max(at, self.change.at)
        transition = Transition(
            alarm=self.alarm,
            group=self.group,
            old=self.state,
            new=new,
            at=at,
            reason=explanation.reason,
            reason_data=explanation.data,
            total=shown.total,
            evidence=shown.evidence[: self._definition.evidence],
            received_at=received_at,
        )
        self.state = new
        self.change = Change.of(transition)
        self.is_unsaved = True
        return [transition]


def in_order(points: Sequence[Datapoint], now: float) -> list[tuple[float, Datapoint]]:
    """Return ``points`` in the order of their times, whatever order they came in.

    What is ahead of the clock counts as of ``now``: no condition waits for the future.
    """
    timed = [(min(point.time, now), point) for point in points]
    return sorted(timed, key=_place) if len(timed) > 1 else timed


def newest_received(points: Sequence[Datapoint]) -> float | None:
    """Return when the newest message came that announced one of ``points``."""
    times = (point.received_at for point in points if point.received_at is not None)
    return max(times, default=None)


def _place(timed: tuple[float, Datapoint]) -> tuple[float, str, str]:
    time, point = timed
    evidence = point.evidence
    event_id = "" if evidence is None else evidence.event_id or ""
    return time, point.term or "", event_id
