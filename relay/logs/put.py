"""One PutLogEvents call: made, measured, and its errors told apart."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from relay.aws.errors import translated
from relay.errors import Reason, RejectedError
from relay.failpoints import Failpoint, failpoint
from relay.logs.client import LogsClient
from relay.logs.encode import Gzipped
from relay.logs.way import Way
from relay.model import LogEvent
from relay.telemetry import Telemetry, get_log

log = get_log("logs")

_NOT_THE_EVENTS: Final = re.compile(
    r"log ?(group|stream)|\bkms\b|\bkey\b", re.IGNORECASE
)
"""A wrong group, stream or key is an InvalidParameterException as well; blaming the
events for it would throw all of them away for a typing error in the configuration."""

Answer = Mapping[str, object]


class BatchRefusedError(RejectedError):
    """The service dislikes the events themselves."""


class Put:
    """Makes PutLogEvents calls, with gzip while that is wanted and taken.

    The API Reference does not say that CloudWatch Logs takes gzip, so an endpoint that
    takes a body only without it is believed: from then on it gets none with it.
    """

    def __init__(
        self, client: LogsClient, telemetry: Telemetry, *, is_gzip_wanted: bool
    ) -> None:
        self._client = client
        self._telemetry = telemetry
        self._is_gzip = is_gzip_wanted

    async def __call__(self, way: Way, events: Sequence[LogEvent]) -> Answer:
        """Send ``events`` in one call; return the answer.

        Raises BatchRefusedError, RejectedError and TransientError.
        """
        if not self._is_gzip:
            return await self._call(way, events, events)
        try:
            return await self._call(way, events, Gzipped(events))
        except RejectedError as refusal:
            if refusal.reason is not Reason.INVALID:
                raise
            self._telemetry.put_errors.labels(refusal.reason).inc()
            # Refused for what it says, or for how? Without gzip we shall know.
            answer = await self._call(way, events, events)
            self._do_without_gzip(refusal)
            return answer

    def _do_without_gzip(self, refusal: RejectedError) -> None:
        if self._is_gzip:
            self._is_gzip = False
            log.warning(
                "gzip turned off: the endpoint takes log events only without",
                cause=str(refusal),
            )

    async def _call(
        self, way: Way, events: Sequence[LogEvent], body: Sequence[LogEvent] | Gzipped
    ) -> Answer:
        to = way.destination
        what = f"PutLogEvents {to.group} {to.stream}"
        errors = self._client.exceptions
        size_bytes = sum(event.size_bytes for event in events)
        async with way.call(size_bytes):
            failpoint(Failpoint.BEFORE_PUT)
            with translated(what):
                try:
                    answer: Answer = await self._client.put_log_events(
                        logGroupName=to.group, logStreamName=to.stream, logEvents=body
                    )
                except errors.DataAlreadyAcceptedException:
                    answer = {}  # AWS's own word for "this very batch is stored"
                except errors.InvalidParameterException as error:
                    text = _without_quotation(str(error))
                    if _NOT_THE_EVENTS.search(text):
                        raise
                    raise BatchRefusedError(
                        f"{what}: {text}", reason=Reason.INVALID
                    ) from error
            failpoint(Failpoint.AFTER_PUT)
        return answer


def _without_quotation(text: str) -> str:
    """Return the fault that ``text`` states, less the value: it may be a record.

    AWS's form is "... Value '<value>' at '<member>' failed to satisfy constraint: ...".
    """
    _, quotation, fault = text.rpartition("' at '")
    return f"'{fault}" if quotation else text
