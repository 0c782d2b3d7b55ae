"""relay.faults: each fault counts and is told once, however often it comes back."""

import pytest
from structlog.testing import capture_logs

from relay.errors import Reason, RejectedError, TransientError
from relay.faults import Failure, Faults, Once
from relay.model import Delivery, DeliveryKind, Message
from relay.telemetry import Telemetry

DELIVERY = Delivery(bucket="b", key="k", kind=DeliveryKind.CLOUDTRAIL)
MESSAGE = Message(
    id="m", receipt_handle="r", body="{", sent_at=1.0, received_at=2.0, receive_count=1
)


@pytest.fixture
def telemetry() -> Telemetry:
    """Return series that start at 0."""
    return Telemetry()


def errors(telemetry: Telemetry, reason: Reason) -> float | None:
    """Return how many object errors were counted for ``reason``."""
    return telemetry.registry.get_sample_value(
        "relay_object_errors_total", {"reason": reason}
    )


def test_once_forgets_the_oldest() -> None:
    """The memory is bounded; what was asked about lately stays."""
    once = Once(most=2)
    asked = [once.first(name) for name in "abacab"]

    assert asked == [True, True, False, True, False, True]


def test_rejected_object_is_told_once(telemetry: Telemetry) -> None:
    """Redelivered four times, it is still one error and one line."""
    faults = Faults(telemetry)
    error = RejectedError("s3://b/k: cut short", reason=Reason.TRUNCATED)

    with capture_logs() as logged:
        for _ in range(5):
            faults.rejected(DELIVERY, error)

    assert errors(telemetry, Reason.TRUNCATED) == 1
    assert [(line["log_level"], line["error"]) for line in logged] == [
        ("error", "s3://b/k: cut short")
    ]


def test_every_transient_failure_counts(telemetry: Telemetry) -> None:
    """The rate of errors shows how bad it is; the log shows it once."""
    faults = Faults(telemetry)
    error = TransientError("s3://b/k: SlowDown", reason=Reason.THROTTLED)

    with capture_logs() as logged:
        faults.transient(DELIVERY, error)
        faults.transient(DELIVERY, error)

    assert errors(telemetry, Reason.THROTTLED) == 2
    assert [line["log_level"] for line in logged] == ["warning"]


def test_another_reason_is_another_fault(telemetry: Telemetry) -> None:
    """An object that fails in a new way is news."""
    faults = Faults(telemetry)

    with capture_logs() as logged:
        faults.transient(DELIVERY, TransientError("slow", reason=Reason.THROTTLED))
        faults.rejected(DELIVERY, RejectedError("gone", reason=Reason.NO_SUCH_KEY))

    assert len(logged) == 2


def test_unreadable_message_is_named_without_its_body(telemetry: Telemetry) -> None:
    """The message's id finds it in the dead-letter queue; its content is not logged."""
    faults = Faults(telemetry)
    error = RejectedError("not JSON", reason=Reason.NOT_JSON)

    with capture_logs() as logged:
        faults.unreadable(MESSAGE, error)
        faults.unreadable(MESSAGE, error)

    assert [line["message_id"] for line in logged] == ["m"]
    assert "body" not in logged[0]


def test_fault_that_is_not_told_still_counts(telemetry: Telemetry) -> None:
    """Of thousands of bad keys a few are told; the metrics know them all."""
    faults = Faults(telemetry)

    with capture_logs() as logged:
        faults.transient(
            DELIVERY, TransientError("slow", reason=Reason.THROTTLED), is_told=False
        )
        faults.rejected(
            DELIVERY, RejectedError("gone", reason=Reason.NO_SUCH_KEY), is_told=False
        )

    assert errors(telemetry, Reason.THROTTLED) == 1
    assert errors(telemetry, Reason.NO_SUCH_KEY) == 1
    assert logged == []


def test_rejected_object_that_was_not_told_is_no_news_later(
    telemetry: Telemetry,
) -> None:
    """When its message comes again it is neither counted nor told."""
    faults = Faults(telemetry)
    error = RejectedError("gone", reason=Reason.NO_SUCH_KEY)

    with capture_logs() as logged:
        faults.rejected(DELIVERY, error, is_told=False)
        faults.rejected(DELIVERY, error)

    assert errors(telemetry, Reason.NO_SUCH_KEY) == 1
    assert logged == []


def test_many_faults_of_a_message_are_summed_up_once(telemetry: Telemetry) -> None:
    """One line says how many there are, however often the message comes back."""
    faults = Faults(telemetry)

    with capture_logs() as logged:
        faults.many(MESSAGE, 2_000)
        faults.many(MESSAGE, 2_000)

    assert [(line["message_id"], line["failures"]) for line in logged] == [("m", 2_000)]


def value(telemetry: Telemetry, series: str, reason: Reason) -> float | None:
    """Return what a series shows for ``reason``."""
    return telemetry.registry.get_sample_value(series, {"reason": reason})


def test_quarantined_message_counts_with_its_objects(telemetry: Telemetry) -> None:
    """The message by its first reason, each object by its own; one line tells it."""
    faults = Faults(telemetry)
    reasons = (Reason.TRUNCATED, Reason.KMS, Reason.KMS)
    failures = [
        Failure(delivery=DELIVERY, error=RejectedError("x", reason=reason))
        for reason in reasons
    ]

    with capture_logs() as logged:
        faults.quarantined(MESSAGE, failures)

    messages, objects = (
        f"relay_{what}_quarantined_total" for what in ("messages", "objects")
    )
    assert value(telemetry, messages, Reason.TRUNCATED) == 1
    assert value(telemetry, messages, Reason.KMS) == 0
    assert value(telemetry, objects, Reason.TRUNCATED) == 1
    assert value(telemetry, objects, Reason.KMS) == 2
    assert [(line["message_id"], line["objects"]) for line in logged] == [("m", 3)]


def test_quarantine_that_fails_is_told_once_a_reason(telemetry: Telemetry) -> None:
    """Every message counts; after a success the same failure is news again."""
    faults = Faults(telemetry)
    denied = TransientError("q: AccessDenied", reason=Reason.ACCESS_DENIED)
    missing = RejectedError("q: NoSuchQueue", reason=Reason.NOT_FOUND)
    kept = Failure(delivery=None, error=RejectedError("{", reason=Reason.NOT_JSON))

    with capture_logs() as logged:
        for error in (denied, denied, missing, missing):
            faults.not_quarantined(MESSAGE, error)
        faults.quarantined(MESSAGE, [kept])
        faults.not_quarantined(MESSAGE, missing)

    errors_total = "relay_quarantine_errors_total"
    assert value(telemetry, errors_total, Reason.ACCESS_DENIED) == 2
    assert value(telemetry, errors_total, Reason.NOT_FOUND) == 3
    assert [line.get("error") for line in logged] == [
        "q: AccessDenied",
        "q: NoSuchQueue",
        None,
        "q: NoSuchQueue",
    ]
