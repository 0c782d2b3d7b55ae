"""Failing SQS calls: each one counted, the first and the recovery logged."""

from relay.aws.errors import PASSING
from relay.errors import RejectedError, TransientError
from relay.telemetry import Telemetry, get_log

log = get_log("source")


class Outage:
    """The failures of one kind of call since it last succeeded."""

    def __init__(self, call: str, *, telemetry: Telemetry) -> None:
        self._call = call
        self._telemetry = telemetry
        self._failures = 0
        self._last: TransientError | RejectedError | None = None

    def failed(self, error: TransientError | RejectedError) -> None:
        """Count a failure; log it when it is the first, or has another reason."""
        self._telemetry.source_errors.labels(error.reason).inc()
        self._failures += 1
        if self._last is None or self._last.reason is not error.reason:
            # What does not pass by itself waits for a person: no queue, no permission.
            write = log.warning if error.reason in PASSING else log.error
            write(
                "SQS call fails",
                call=self._call,
                reason=error.reason,
                error=str(error),
            )
        self._last = error

    def retrying(self, error: TransientError, _attempt: int, _wait_secs: float) -> None:
        """Do as ``failed``; an ``on_failure`` of ``relay.backoff.retry``."""
        self.failed(error)

    def over(self) -> None:
        """Log that the call succeeds again, if it had failed."""
        if self._last is not None:
            log.info(
                "SQS call succeeds again", call=self._call, failures=self._failures
            )
        self._failures, self._last = 0, None
