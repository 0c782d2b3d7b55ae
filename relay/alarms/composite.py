"""The state of one composite alarm: what its rule says of the alarms that it names.

An alarm with groups is in ALARM as a whole when any of its groups is, else in
INSUFFICIENT_DATA when any is, else OK. ``relay.alarms.composites`` knows these states,
and says when one has changed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from relay.alarms.reason import json_timestamp
from relay.alarms.saved import Change
from relay.alarms.suppression import Hold, Suppression
from relay.config.rules import CompositeDefinition
from relay.errors import StateError
from relay.model import (
    AlarmState,
    Child,
    Datapoint,
    Evidence,
    Group,
    SavedAlarm,
    Transition,
)

MAX_TRIGGERS = 10
"""Children that a transition names; CloudWatch's mail lists as many."""

_SUPPRESSED = frozenset({Hold.WAIT_PERIOD, Hold.EXTENSION_PERIOD, Hold.ALARM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What a transition into ALARM shows of the children that are in ALARM."""

    total: int = 0
    evidence: tuple[Evidence, ...] = ()


class CompositeBody(msgspec.Struct, array_like=True):
    """Everything that a composite alarm's further state depends on.

    ``seen`` are the states of its children when it was last judged. ``by`` and
    ``until`` are how far the suppression by ``suppressor`` had come.
    """

    state: AlarmState = AlarmState.INSUFFICIENT_DATA
    turn: int = 0
    seen: dict[str, AlarmState] = {}
    change: Change | None = None
    suppressor: str | None = None
    by: Hold | None = None
    until: float | None = None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CompositeBody)


class CompositeState:
    """One composite alarm; pure, time and its children's states are arguments."""

    __slots__ = (
        "_seen",
        "alarm",
        "change",
        "definition",
        "group",
        "is_unsaved",
        "state",
        "suppression",
        "turn",
    )

    def __init__(self, definition: CompositeDefinition, body: CompositeBody) -> None:
        self.definition = definition
        self.alarm = definition.key
        self.group: Group = ()
        self.state = body.state
        self.turn = body.turn
        self.change = body.change
        self.is_unsaved = False
        self._seen = body.seen
        suppressor = definition.suppressor
        self.suppression: Suppression | None = None
        if suppressor is not None:
            # Another suppressor discards what is under way.
            is_same = suppressor.alarm == body.suppressor
            self.suppression = Suppression(
                wait_secs=suppressor.wait_secs,
                extension_secs=suppressor.extension_secs,
                by=body.by if is_same else None,
                until=body.until if is_same else None,
            )

    @property
    def is_new(self) -> bool:
        """Whether it was never judged."""
        return self.change is None

    @property
    def last_transition(self) -> Transition | None:
        """The transition that led to the present state, if there was one."""
        if self.change is None:
            return None
        return self.change.transition(self.alarm, self.group, self.state)

    @property
    def suppressed_by(self) -> Hold | None:
        """What keeps its actions back now, a mute rule apart."""
        return None if self.suppression is None else self.suppression.by

    @property
    def is_kept_back(self) -> bool:
        """Whether the newest transition's actions wait for what suppresses them."""
        return self.change is not None and self.change.held in _SUPPRESSED

    @property
    def is_spent(self) -> bool:
        """Never: it has one state, which stays."""
        return False

    def due(self) -> float | None:
        """Return None: only its children move it."""
        return None

    def advance(self, _until: float) -> list[Transition]:
        """Do nothing: only its children move it."""
        return []

    def add(
        self, _points: Sequence[Datapoint], *, now: float, until: float
    ) -> list[Transition]:
        """Do nothing: no metric feeds it."""
        del now, until
        return []

    def evictions(self) -> int:
        """Return 0: it remembers its children only."""
        return 0

    def judge(
        self, states: Mapping[str, AlarmState], at: float, cause: Callable[[], Cause]
    ) -> Transition | None:
        """Return the transition that its children's ``states`` lead to, if one.

        ``cause`` tells what is to be shown, if it is ALARM.
        """
        rule = self.definition.rule
        changed = [
            name for name in rule.children if states[name] != self._seen.get(name)
        ]
        if changed:
            self._seen = {name: states[name] for name in rule.children}
            self.is_unsaved = True
        new = AlarmState.ALARM if rule.is_true(states) else AlarmState.OK
        if new is self.state:
            return None
        children = [Child(alarm=name, state=states[name], at=at) for name in changed]
        shown = cause() if new is AlarmState.ALARM else Cause()
        transition = Transition(
            alarm=self.alarm,
            group=self.group,
            old=self.state,
            new=new,
            at=at,
            reason=self._reason(new, children, at),
            reason_data=_reason_data(children[:MAX_TRIGGERS]),
            total=shown.total,
            evidence=shown.evidence,
            children=tuple(children[:MAX_TRIGGERS]),
        )
        self.state = new
        self.change = Change.of(transition)
        self.is_unsaved = True
        return transition

    def save(self) -> SavedAlarm:
        """Return all that a restart needs, and note that it is saved."""
        self.is_unsaved = False
        suppressor, suppression = self.definition.suppressor, self.suppression
        body = CompositeBody(
            state=self.state,
            turn=self.turn,
            seen=self._seen,
            change=self.change,
            suppressor=None if suppressor is None else suppressor.alarm,
            by=None if suppression is None else suppression.by,
            until=None if suppression is None else suppression.until,
        )
        return SavedAlarm(
            alarm=self.alarm, group=self.group, body=_encoder.encode(body)
        )

    def _reason(self, new: AlarmState, children: Sequence[Child], at: float) -> str:
        """Say why in CloudWatch's words; it has an ARN in place of the name."""
        if self.is_new or not children:
            name = self.definition.name
            return f"{name} was created and its alarm rule evaluates to {new}"
        moment = datetime.fromtimestamp(at, UTC)
        return (
            f"{children[0].alarm} transitioned to {children[0].state} at"
            f" {moment:%A %d %B, %Y %H:%M:%S} UTC"
        )


class CompositeKind:
    """Composite alarms: one state each, moved by the states of other alarms."""

    def __init__(self, definition: CompositeDefinition) -> None:
        self._definition = definition

    def holds(self, group: Group) -> bool:
        """Return whether the alarm can have this group: only the one without values."""
        return not group

    def begin(self, *, now: float) -> Sequence[CompositeState]:
        """Begin in INSUFFICIENT_DATA, until it is judged for the first time."""
        del now
        state = CompositeState(self._definition, CompositeBody())
        state.is_unsaved = True
        return (state,)

    def begin_group(self, group: Group, *, now: float, until: float) -> CompositeState:
        """Begin the only one there is."""
        del group, now, until
        return CompositeState(self._definition, CompositeBody())

    def restore(self, saved: SavedAlarm) -> CompositeState:
        """Return the alarm as it was saved.

        Raises StateError when that cannot be read.
        """
        try:
            body = _decoder.decode(saved.body)
        except msgspec.DecodeError as error:
            raise StateError(
                f"the saved state of alarm {saved.alarm.name!r} cannot be read: {error}"
            ) from error
        return CompositeState(self._definition, body)


def _reason_data(children: Sequence[Child]) -> str:
    """Return CloudWatch's document, with names in place of ARNs."""
    document = {
        "triggeringAlarms": [
            {
                "name": child.alarm,
                "state": {"value": child.state, "timestamp": json_timestamp(child.at)},
            }
            for child in children
        ]
    }
    return msgspec.json.encode(document).decode()
