"""relay.clock: the system's clock and CloudTrail's way of writing a time."""

import anyio
import pytest

from relay.clock import SystemClock, isoformat, parse_isoformat


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-09-14T05:42:40Z", 1_789_364_560.0),
        ("2026-09-14T05:42:40.250Z", 1_789_364_560.25),
        ("2026-09-14T07:42:40+02:00", 1_789_364_560.0),
        ("2026-09-14T05:42:40", 1_789_364_560.0),
    ],
)
def test_iso_times_are_read_as_utc(text: str, at: float) -> None:
    """An offset is honoured; without one the time is UTC."""
    assert parse_isoformat(text) == at


def test_time_is_written_as_cloudtrail_does() -> None:
    """To the second, with a Z."""
    assert isoformat(1_789_364_560.9) == "2026-09-14T05:42:40Z"


def test_no_time_is_an_error() -> None:
    """Text that is no time raises ValueError, as documented."""
    with pytest.raises(ValueError, match="yesterday"):
        parse_isoformat("yesterday")


async def test_system_clock_moves_on() -> None:
    """The monotonic clock advances over a sleep, and now() is a recent time."""
    clock = SystemClock()
    before = clock.monotonic()

    with anyio.fail_after(5):
        await clock.sleep(0.001)

    assert clock.monotonic() - before >= 0.001
    assert clock.now() > 1_700_000_000
