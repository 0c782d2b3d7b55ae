"""What is kept of a group across restarts."""

import msgspec
import pytest

from relay.alarms.saved import Body, Change, Sighting, decode_body, encode_body
from relay.alarms.windows import Bucket
from relay.errors import StateError
from relay.model import AlarmKey, AlarmState, Evidence, SavedAlarm, Transition

KEY = AlarmKey(name="failures", fingerprint="f1")


def test_a_body_comes_back_as_it_was() -> None:
    """Everything survives, also what is None."""
    transition = Transition(
        alarm=KEY,
        group=("ann",),
        old=AlarmState.OK,
        new=AlarmState.ALARM,
        at=1.5,
        reason="because",
        reason_data="{}",
        total=3,
        evidence=(Evidence(event_id="e1"),),
    )
    body = Body(
        state=AlarmState.ALARM,
        born_at=0.25,
        turn=7,
        hold_until=None,
        judged=3,
        change=Change.of(transition),
        buckets=[Bucket(1, 2, 0.1, -1, 1.1, 9, 2, {-1.0: 1, 1.1: 1})],
        sightings=[Sighting(1.0, 2.0, msgspec.Raw(msgspec.msgpack.encode({"key": 1})))],
    )

    again = decode_body(SavedAlarm(alarm=KEY, group=("ann",), body=encode_body(body)))

    assert again == body
    assert again.change is not None
    assert again.change.transition(KEY, ("ann",), AlarmState.ALARM) == transition


def test_what_an_older_version_saved_is_read() -> None:
    """Buckets without the members that came later, all numbers as floats."""
    old = [AlarmState.OK, 0.25, 7, None, 3, None, [[1, 2, 3.0, 1.0, 2.0, 9.5]], []]

    body = decode_body(
        SavedAlarm(alarm=KEY, group=(), body=msgspec.msgpack.encode(old))
    )

    assert body.buckets == [Bucket(1, 2, 3, 1, 2, 9.5, 0, None)]


@pytest.mark.parametrize("body", [b"", b"\xc1", b"nonsense"])
def test_what_cannot_be_read_is_said(body: bytes) -> None:
    """A damaged body is a fault of the store, and names its alarm."""
    with pytest.raises(StateError, match="'failures' cannot be read"):
        decode_body(SavedAlarm(alarm=KEY, group=(), body=body))
