"""What is kept of an alarm group across restarts: one msgpack document.

Members may be added at the end with a default, so that a new version reads old state.
"""

import msgspec

from relay.alarms.suppression import Hold
from relay.alarms.windows import Bucket
from relay.errors import StateError
from relay.model import (
    AlarmKey,
    AlarmState,
    Child,
    Evidence,
    Group,
    SavedAlarm,
    Transition,
)


class Sighting(msgspec.Struct, array_like=True, frozen=True):
    """One record that became a datapoint: its time, when it came, its Evidence."""

    time: float
    came_at: float
    evidence: msgspec.Raw


class Change(msgspec.Struct, array_like=True, frozen=True):
    """The newest transition of a group, without what its place in the store says.

    ``held`` is the engine's: why the actions of this transition have not run yet.
    """

    old: AlarmState
    at: float
    reason: str
    reason_data: str
    total: int
    evidence: tuple[Evidence, ...]
    received_at: float | None
    children: tuple[Child, ...] = ()
    held: Hold | None = None

    @classmethod
    def of(cls, transition: Transition) -> "Change":
        """Keep what is worth keeping of ``transition``."""
        return cls(
            old=transition.old,
            at=transition.at,
            reason=transition.reason,
            reason_data=transition.reason_data,
            total=transition.total,
            evidence=transition.evidence,
            received_at=transition.received_at,
            children=transition.children,
        )

    def transition(self, alarm: AlarmKey, group: Group, new: AlarmState) -> Transition:
        """Return the transition again that this was made of."""
        return Transition(
            alarm=alarm,
            group=group,
            old=self.old,
            new=new,
            at=self.at,
            reason=self.reason,
            reason_data=self.reason_data,
            total=self.total,
            evidence=self.evidence,
            received_at=self.received_at,
            children=self.children,
        )


class Body(msgspec.Struct, array_like=True):
    """Everything that a group's further state depends on.

    ``born_at`` is when counting began; ``turn`` orders the groups of an alarm by their
    newest datapoint or transition; ``hold_until`` and ``judged`` (the newest judged
    end) are explained in ``relay.alarms.state``.
    """

    state: AlarmState
    born_at: float
    turn: int
    hold_until: float | None
    judged: int
    change: Change | None = None
    buckets: list[Bucket] = []
    sightings: list[Sighting] = []


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Body)


def encode_body(body: Body) -> bytes:
    """Return the document of ``body``."""
    return _encoder.encode(body)


def decode_body(saved: SavedAlarm) -> Body:
    """Return what was saved.

    Raises StateError when the document cannot be read.
    """
    try:
        return _decoder.decode(saved.body)
    except msgspec.DecodeError as error:
        raise StateError(
            f"the saved state of alarm {saved.alarm.name!r} cannot be read: {error}"
        ) from error
