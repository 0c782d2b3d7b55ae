"""Make a missing log stream, and its log group when that is missing too."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

import anyio

from relay.aws.errors import PASSING, AlreadyExistsError, translated
from relay.config.logs_section import Create
from relay.errors import Reason, RejectedError, TransientError
from relay.logs.client import LogsClient
from relay.model import Destination
from relay.telemetry import get_log

log = get_log("logs")

_OUTCOME_UNKNOWN = frozenset({Reason.NETWORK, Reason.TIMEOUT})
"""The call may have been carried out; only its answer is certain to be missing."""


class Streams:
    """Creates what PutLogEvents says is missing, each name once at a time."""

    def __init__(self, client: LogsClient, create: Create) -> None:
        self._client = client
        self._create = create
        self._once = _Once()
        self._retention_owed: set[str] = set()
        """Groups made here, as far as is known, that have no retention yet."""

    async def ensure(self, destination: Destination) -> None:
        """Make ``destination``; return when it exists, whoever made it.

        Called when PutLogEvents found no group or no stream. AWS tells the two apart in
        the text of the error only, so the text is not looked at: the stream is tried
        first, and a group that is missing makes that fail.

        Raises TransientError, or RejectedError when a person must act: the group is
        missing and may not be made, a permission, the KMS key, a name.
        """
        await self._once.do(destination, lambda: self._make(destination))

    async def _make(self, destination: Destination) -> None:
        await self._pay_retention(destination.group)
        if await self._make_stream(destination):
            return
        if not self._create.group:
            raise RejectedError(
                f"log group {destination.group} does not exist and logs.create.group "
                "is off",
                reason=Reason.NOT_FOUND,
            )
        group = destination.group
        await self._once.do(group, lambda: self._make_group(group))
        if not await self._make_stream(destination):
            raise TransientError(
                f"log group {group} was made but is not there yet",
                reason=Reason.UNAVAILABLE,
            )

    async def _make_stream(self, destination: Destination) -> bool:
        """Return whether the stream exists now; False when its group does not."""
        group, stream = destination.group, destination.stream
        try:
            with translated(f"CreateLogStream {group} {stream}"):
                await self._client.create_log_stream(
                    logGroupName=group, logStreamName=stream
                )
        except AlreadyExistsError:
            return True
        except RejectedError as error:
            if error.reason is not Reason.NOT_FOUND:
                raise
            return False
        log.info("log stream created", group=group, stream=stream)
        return True

    async def _make_group(self, group: str) -> None:
        arguments: dict[str, object] = {"logGroupName": group}
        if self._create.tags:
            arguments["tags"] = dict(self._create.tags)
        if self._create.kms_key is not None:
            arguments["kmsKeyId"] = self._create.kms_key
        try:
            with translated(f"CreateLogGroup {group}"):
                await self._client.create_log_group(**arguments)
        except AlreadyExistsError:
            return  # somebody else made it, and chose its retention
        except TransientError as error:
            if error.reason in _OUTCOME_UNKNOWN:
                self._owe_retention(group)
            raise
        log.info("log group created", group=group)
        self._owe_retention(group)
        await self._pay_retention(group)

    def _owe_retention(self, group: str) -> None:
        if self._create.retention_days is not None:
            self._retention_owed.add(group)

    async def _pay_retention(self, group: str) -> None:
        """Set the retention of a group that was made here, unless that is done.

        Done before the group has its stream: if it fails, the stream is missing still,
        so PutLogEvents fails and leads back to here.
        """
        if group not in self._retention_owed:
            return
        try:
            with translated(f"PutRetentionPolicy {group}"):
                await self._client.put_retention_policy(
                    logGroupName=group, retentionInDays=self._create.retention_days
                )
        except (TransientError, RejectedError) as error:
            if error.reason in PASSING:
                raise
            if error.reason is Reason.NOT_FOUND:
                return  # the group was not made after all
            # A missing permission for the retention must not keep the events back.
            _report_no_retention(group, error)
        self._retention_owed.discard(group)


def _report_no_retention(group: str, error: TransientError | RejectedError) -> None:
    log.error(
        "log group keeps its events for ever",
        group=group,
        reason=error.reason,
        cause=str(error),
    )


@dataclass(slots=True)
class _Flight:
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    successes: int = 0


class _Once:
    """Lets one of several concurrent callers work; the others wait and do nothing.

    When the working one fails or is cancelled, the next takes over.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight] = {}

    async def do(self, key: Hashable, work: Callable[[], Awaitable[None]]) -> None:
        """Run ``work``, unless a run of somebody else succeeds while this one waits."""
        flight = self._flights.setdefault(key, _Flight())
        seen = flight.successes
        try:
            async with flight.lock:
                if flight.successes == seen:
                    await work()
                    flight.successes += 1
        finally:
            statistics = flight.lock.statistics()
            if not statistics.locked and not statistics.tasks_waiting:
                self._flights.pop(key, None)
