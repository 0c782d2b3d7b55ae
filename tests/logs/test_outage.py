"""An outage is logged when it starts and when it ends, not for every failure."""

from structlog.testing import capture_logs

from relay.errors import Reason, TransientError
from relay.logs.outage import Outage
from tests.logs.support import GROUP, HERE, STREAM
from tests.support.clock import FakeClock

THROTTLED = TransientError("slow down", reason=Reason.THROTTLED)
DENIED = TransientError("no", reason=Reason.ACCESS_DENIED)


def test_each_reason_is_logged_once() -> None:
    """Repeated failures are silent; another reason is news, maybe an error."""
    outage = Outage(HERE, FakeClock())

    with capture_logs() as logs:
        for _ in range(3):
            outage.failed("a", THROTTLED, needs_operator=False)
            outage.failed("b", DENIED, needs_operator=True)

    assert [
        {
            "event": "log events held back",
            "log_level": level,
            "stage": "logs",
            "group": GROUP,
            "stream": STREAM,
            "reason": reason,
            "cause": cause,
        }
        for level, reason, cause in [
            ("warning", "throttled", "slow down"),
            ("error", "access_denied", "no"),
        ]
    ] == logs


def test_recovery_is_logged_when_nothing_waits_for_a_retry() -> None:
    """The first success says so only after the other failed calls have ended too."""
    clock = FakeClock()
    outage = Outage(HERE, clock)
    outage.failed("a", THROTTLED, needs_operator=False)
    outage.failed("b", THROTTLED, needs_operator=False)
    clock.advance(2.5)

    with capture_logs() as logs:
        outage.ended("a", succeeded=True)
        assert logs == []
        outage.ended("b", succeeded=True)

    (line,) = logs
    assert (
        line["event"],
        line["failures"],
        line["secs"],
    ) == ("log events flow again", 2, 2.5)


def test_a_second_outage_is_logged_again() -> None:
    """After recovery the same reason is news."""
    outage = Outage(HERE, FakeClock())

    with capture_logs() as logs:
        for _ in range(2):
            outage.failed("a", THROTTLED, needs_operator=False)
            outage.ended("a", succeeded=True)

    assert [line["event"] for line in logs] == [
        "log events held back",
        "log events flow again",
    ] * 2


def test_success_without_failure_and_giving_up_are_silent() -> None:
    """Neither an ordinary success nor an abandoned call is a recovery."""
    outage = Outage(HERE, FakeClock())

    with capture_logs() as logs:
        outage.ended("a", succeeded=True)
        outage.failed("b", THROTTLED, needs_operator=False)
        outage.ended("b", succeeded=False)

    assert [line["event"] for line in logs] == ["log events held back"]
