"""relay.source.age: what was sent too long ago is set aside, by its time of sending."""

import pytest

from relay.errors import Reason, RejectedError
from relay.model import Message
from relay.source.age import check_age


def message(age_secs: float) -> Message:
    """Return a message that had been sent so long before it was received."""
    return Message(
        id="m",
        receipt_handle="r",
        body="",
        sent_at=1_000_000.0 - age_secs,
        received_at=1_000_000.0,
    )


@pytest.mark.parametrize(
    ("age_secs", "max_age_secs"), [(3600, 3600), (-5, 3600), (1_209_600, None)]
)
def test_message_is_young_enough(age_secs: float, max_age_secs: float | None) -> None:
    """Up to the limit; clocks that differ make nothing old; no limit is no limit."""
    check_age(message(age_secs), max_age_secs)


def test_older_message_is_refused() -> None:
    """The reason says so, and the text how old it is."""
    with pytest.raises(RejectedError, match=r"7200 s ago.*3600 s") as caught:
        check_age(message(7200), 3600)

    assert caught.value.reason is Reason.TOO_OLD
