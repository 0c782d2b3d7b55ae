"""Messages that are too old to be worth processing: told by when they were sent."""

from relay.errors import Reason, RejectedError
from relay.model import Message


def check_age(message: Message, max_age_secs: float | None) -> None:
    """Raise RejectedError (TOO_OLD) for a message sent longer ago; None: never.

    The age is the one at the receive: a message is not too old for having waited here.
    """
    if max_age_secs is None:
        return
    age_secs = message.received_at - message.sent_at
    if age_secs > max_age_secs:
        raise RejectedError(
            f"message was sent {age_secs:.0f} s ago,"
            f" source.max_age is {max_age_secs:.0f} s",
            reason=Reason.TOO_OLD,
        )
