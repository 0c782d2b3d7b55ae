"""relay.source.outage: every failure counts, only its beginning and end are logged."""

from structlog.testing import capture_logs

from relay.errors import Reason, TransientError
from relay.source.outage import Outage
from relay.telemetry import Telemetry


def fault(reason: Reason) -> TransientError:
    """Return a failure."""
    return TransientError(f"queue: {reason}", reason=reason)


def test_first_failure_and_recovery_are_logged() -> None:
    """What lies between is in the counter alone."""
    telemetry = Telemetry()
    outage = Outage("receive", telemetry=telemetry)
    with capture_logs() as logs:
        outage.over()
        for _ in range(3):
            outage.failed(fault(Reason.NETWORK))
        outage.over()
        outage.over()

    count = telemetry.registry.get_sample_value(
        "relay_source_errors_total", {"reason": "network"}
    )
    assert count == 3
    assert [each["event"] for each in logs] == [
        "SQS call fails",
        "SQS call succeeds again",
    ]
    assert logs[1]["failures"] == 3


def test_another_reason_is_logged_again() -> None:
    """A failure that changes its cause is news."""
    outage = Outage("receive", telemetry=Telemetry())
    with capture_logs() as logs:
        outage.failed(fault(Reason.NETWORK))
        outage.retrying(fault(Reason.ACCESS_DENIED), 1, 0.5)

    assert [each["reason"] for each in logs] == ["network", "access_denied"]


def test_failure_for_a_person_is_an_error() -> None:
    """What passes by itself is a warning; what somebody must repair is an error."""
    levels = []
    for reason in (Reason.THROTTLED, Reason.NOT_FOUND):
        with capture_logs() as logs:
            Outage("receive", telemetry=Telemetry()).failed(fault(reason))
        levels.append(logs[0]["log_level"])

    assert levels == ["warning", "error"]
