"""Write log events to CloudWatch Logs; return when each is accounted for."""

from collections.abc import Iterable, Mapping, Sequence

import anyio
from anyio.abc import TaskGroup, TaskStatus

from relay.clock import Clock
from relay.config.logs_section import Logs
from relay.errors import Reason, TransientError
from relay.logs.client import LogsClient
from relay.logs.encode import install_fast_encoding
from relay.logs.lane import Lane
from relay.logs.put import Put
from relay.logs.sender import Sender
from relay.logs.streams import Streams
from relay.logs.ticket import Ticket
from relay.logs.way import Way
from relay.model import Destination, LogEvent, WriteResult
from relay.telemetry import Telemetry


class LogWriter:
    """Shares batches between concurrent callers, one lane for each destination.

    It holds nothing but what callers wait for: their bound is the bound on memory.
    """

    def __init__(
        self, client: LogsClient, logs: Logs, telemetry: Telemetry, clock: Clock
    ) -> None:
        install_fast_encoding(client.meta.events)
        self._logs = logs
        self._telemetry = telemetry
        self._clock = clock
        self._sender = Sender(
            Put(client, telemetry, is_gzip_wanted=logs.compression == "gzip"),
            Streams(client, logs.create),
            telemetry=telemetry,
            clock=clock,
        )
        self._lanes: dict[Destination, Lane] = {}
        self._tickets: set[Ticket] = set()
        self._tasks: TaskGroup | None = None

    @property
    def lanes(self) -> int:
        """How many destinations have log events under way."""
        return len(self._lanes)

    async def run(
        self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Send what ``write`` is given, until cancelled; then fail those who wait."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            task_status.started()
            try:
                await anyio.sleep_forever()
            finally:
                self._tasks = None
                self._lanes.clear()
                for ticket in self._tickets:
                    ticket.fail(RuntimeError("the log writer was stopped"))

    async def write(
        self, events: Mapping[Destination, Sequence[LogEvent]]
    ) -> WriteResult:
        """Return when every event is acknowledged, or rejected with its reason.

        Waits as long as that takes: while CloudWatch Logs cannot be reached or refuses
        the relay as a whole, this does not return. When the caller is cancelled, what
        has not been sent is forgotten; what is under way may still arrive.

        Raises TransientError when ``run`` is not running, or failed.
        """
        tasks = self._tasks
        if tasks is None:
            raise TransientError(
                "the log writer is not running", reason=Reason.INTERNAL
            )
        ticket = Ticket(sum(map(len, events.values())))
        self._tickets.add(ticket)
        try:
            for destination, log_events in events.items():
                lane = self._lane(destination, tasks)
                refused = lane.add(ticket, log_events)
                if refused:
                    self._sender.report(destination, refused, cause="over the limits")
                    ticket.settle(0, refused)
            return await ticket.result()
        finally:
            self._tickets.discard(ticket)
            if ticket.is_open:
                self._abandon(ticket, events)

    def _lane(self, destination: Destination, tasks: TaskGroup) -> Lane:
        lane = self._lanes.get(destination)
        if lane is None:
            way = Way(
                destination,
                most_calls=self._logs.max_parallel_puts,
                telemetry=self._telemetry,
                clock=self._clock,
            )
            lane = self._lanes[destination] = Lane(
                way,
                sender=self._sender,
                tasks=tasks,
                clock=self._clock,
                linger_secs=self._logs.linger,
                on_idle=lambda idle: self._lanes.pop(idle, None),
            )
        return lane

    def _abandon(self, ticket: Ticket, destinations: Iterable[Destination]) -> None:
        ticket.is_abandoned = True
        for destination in destinations:
            lane = self._lanes.get(destination)
            if lane is not None:
                lane.withdraw(ticket)
