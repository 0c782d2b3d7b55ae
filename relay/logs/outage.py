"""Say that a destination fails once, and once that it works again."""

from relay.clock import Clock
from relay.errors import Reason, TransientError
from relay.model import Destination
from relay.telemetry import get_log

log = get_log("logs")


class Outage:
    """The failures of one destination, from the first one to recovery.

    Several calls to a destination may be retried at once; it has recovered when one of
    them succeeds and no other waits for its next try.
    """

    def __init__(self, destination: Destination, clock: Clock) -> None:
        self._destination = destination
        self._clock = clock
        self._logged: set[Reason] = set()
        self._failures = 0
        self._since = 0.0
        self._retrying: set[object] = set()

    def failed(
        self, call: object, error: TransientError, *, needs_operator: bool
    ) -> None:
        """Note that ``call`` failed and will be tried again; log each reason once."""
        self._retrying.add(call)
        if not self._failures:
            self._since = self._clock.monotonic()
        self._failures += 1
        if error.reason in self._logged:
            return
        self._logged.add(error.reason)
        report = log.error if needs_operator else log.warning
        report(
            "log events held back",
            group=self._destination.group,
            stream=self._destination.stream,
            reason=error.reason,
            cause=str(error),
        )

    def ended(self, call: object, *, succeeded: bool) -> None:
        """Note that ``call`` will not be tried again."""
        self._retrying.discard(call)
        if self._retrying or not self._failures or not succeeded:
            return
        log.info(
            "log events flow again",
            group=self._destination.group,
            stream=self._destination.stream,
            failures=self._failures,
            secs=round(self._clock.monotonic() - self._since, 3),
        )
        self._logged.clear()
        self._failures = 0
