"""A strict CloudWatch Logs over HTTP: keeps what AWS would keep, refuses what it would.

In a test:  ``async with running_fake_logs(clock) as fake: ... fake.url``
By itself:  ``python -m tests.support.fake_logs --port 9001`` (0: a free port; the
            address is printed). ``GET /_fake/state`` counts, ``POST /_fake/faults``
            takes ``{"operation": "PutLogEvents", "fault": "throttle", "times": 3}``.

An operation, member or value that it does not know is an error, never ignored.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

import anyio
import msgspec
from aiohttp import web

from relay.clock import Clock, SystemClock
from tests.support.fake_logs_operations import Operations, decode
from tests.support.fake_logs_store import LogsStore, PutRequest, ServiceError

_TARGET = "Logs_20140328."
_JSON = "application/x-amz-json-1.1"
_CREDENTIAL = re.compile(r"Credential=([^/]+)/")


class Fault(StrEnum):
    """What a call can be made to suffer instead of its answer."""

    THROTTLE = "throttle"
    SERVER_ERROR = "server_error"
    UNAVAILABLE = "unavailable"
    ACCESS_DENIED = "access_denied"
    EXPIRED_TOKEN = "expired_token"
    OPERATION_ABORTED = "operation_aborted"
    ALREADY_ACCEPTED = "already_accepted"
    GROUP_NOT_FOUND = "group_not_found"
    """As while a group that was just made is not known everywhere."""
    HANG = "hang"
    DROP = "drop"
    """The connection breaks before anything is done."""
    DROP_ANSWER = "drop_answer"
    """The connection breaks after the call was carried out."""


_ERRORS = {
    Fault.THROTTLE: ("ThrottlingException", "Rate exceeded", 400),
    Fault.SERVER_ERROR: ("InternalFailure", "Internal failure", 500),
    Fault.UNAVAILABLE: ("ServiceUnavailableException", "Service unavailable", 503),
    Fault.ACCESS_DENIED: (
        "AccessDeniedException",
        "User is not authorized to perform this action",
        400,
    ),
    Fault.EXPIRED_TOKEN: (
        "ExpiredTokenException",
        "The security token included in the request is expired",
        400,
    ),
    Fault.OPERATION_ABORTED: (
        "OperationAbortedException",
        "A conflicting operation is currently in progress against this resource.",
        400,
    ),
    Fault.ALREADY_ACCEPTED: (
        "DataAlreadyAcceptedException",
        "The given batch of log events has already been accepted.",
        400,
    ),
    Fault.GROUP_NOT_FOUND: (
        "ResourceNotFoundException",
        "The specified log group does not exist.",
        400,
    ),
}


class _ConnectionBrokenError(Exception):
    """The call ends here: its connection is gone."""


@dataclass(slots=True)
class _Planned:
    operation: str
    fault: Fault
    times: int
    stream: str | None


class FakeLogs:
    """The service: its store, the faults to come, and what was called."""

    def __init__(self, clock: Clock, *, keep_events: bool = True) -> None:
        self.url = ""
        self.store = LogsStore(clock.now, keep_events=keep_events)
        self.calls: Counter[str] = Counter()
        self.gzipped_calls = 0
        """How many of them came with Content-Encoding: gzip."""
        self.gzip_refusal: ServiceError | None = None
        """What such a call is answered with, if they are not taken."""
        self.access_keys: list[str] = []
        """The access key that signed each call."""
        self.poison: str | None = None
        """A batch with a message that contains this is refused."""
        self.on_put: Callable[[PutRequest], None] = lambda request: None
        """Is shown every PutLogEvents before it is judged."""
        self._planned: list[_Planned] = []
        self._hanging = 0
        self._hangs = anyio.Event()
        self._released = anyio.Event()
        self._operations = Operations(self.store)

    def fail(
        self, operation: str, fault: Fault, *, times: int = 1, stream: str | None = None
    ) -> None:
        """Make the next calls of ``operation`` (to ``stream``) suffer ``fault``."""
        self._planned.append(_Planned(operation, fault, times, stream))

    def heal(self) -> None:
        """Forget all faults to come and let hanging calls go on."""
        self._planned.clear()
        self._released.set()
        self._released = anyio.Event()

    async def until_hanging(self, calls: int) -> None:
        """Wait until so many calls hang at once."""
        while self._hanging < calls:
            await self._hangs.wait()

    def messages(self, group: str, stream: str | None = None) -> list[str]:
        """Return the messages that were kept, by time and then by arrival."""
        streams = None if stream is None else [stream]
        return [event.message for event in self.store.events(group, streams, None)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one API call."""
        operation = request.headers.get("X-Amz-Target", "").removeprefix(_TARGET)
        body = await request.read()
        self.calls[operation] += 1
        try:
            self.access_keys.append(_signed_by(request))
            self._check_encoding(request)
            answer = await self._perform(operation, body, request)
        except ServiceError as error:
            return _response(
                {"__type": error.code, "message": error.text}, status=error.status
            )
        except _ConnectionBrokenError:
            return _response({})  # nobody is there to read it
        return _response(answer)

    async def state(self, request: web.Request) -> web.Response:
        """Answer with the calls so far, and each stream's calls and events."""
        groups = {
            name: {
                stream_name: {"puts": stream.puts, "events": stream.accepted}
                for stream_name, stream in group.streams.items()
            }
            for name, group in self.store.groups.items()
        }
        return _response({"calls": dict(self.calls), "groups": groups})

    async def plan_fault(self, request: web.Request) -> web.Response:
        """Take the arguments of ``fail`` as JSON."""
        given = msgspec.json.decode(await request.read())
        self.fail(
            given["operation"],
            Fault(given["fault"]),
            times=given.get("times", 1),
            stream=given.get("stream"),
        )
        return _response({})

    def _check_encoding(self, request: web.Request) -> None:
        # aiohttp has undone the encoding, and refused a body that is not in it.
        encoding = request.headers.get("Content-Encoding", "identity")
        if encoding == "identity":
            return
        if encoding != "gzip":
            raise ServiceError("SerializationException", f"unknown: {encoding}")
        self.gzipped_calls += 1
        if self.gzip_refusal is not None:
            raise self.gzip_refusal

    async def _perform(
        self, operation: str, body: bytes, request: web.Request
    ) -> dict[str, object]:
        arguments = decode(operation, body)
        fault = self._next_fault(operation, arguments)
        if fault in _ERRORS:
            code, text, status = _ERRORS[fault]
            raise ServiceError(code, text, status=status)
        if fault is Fault.HANG:
            await self._hang()
        if fault is Fault.DROP:
            _break_connection(request)
        if isinstance(arguments, PutRequest):
            self._refuse_poison(arguments)
            self.on_put(arguments)
            answer = self.store.put(arguments)
        else:
            answer = self._operations.perform(operation, arguments)
        if fault is Fault.DROP_ANSWER:
            _break_connection(request)
        return answer

    def _next_fault(
        self, operation: str, arguments: PutRequest | dict[str, Any]
    ) -> Fault | None:
        stream = (
            arguments.log_stream_name
            if isinstance(arguments, PutRequest)
            else arguments.get("logStreamName")
        )
        for planned in self._planned:
            if planned.operation == operation and planned.stream in (None, stream):
                planned.times -= 1
                if planned.times == 0:
                    self._planned.remove(planned)
                return planned.fault
        return None

    async def _hang(self) -> None:
        self._hanging += 1
        self._hangs.set()
        self._hangs = anyio.Event()
        try:
            await self._released.wait()
        finally:
            self._hanging -= 1

    def _refuse_poison(self, request: PutRequest) -> None:
        for position, event in enumerate(request.log_events, start=1):
            if self.poison is not None and self.poison in event.message:
                raise ServiceError(
                    "InvalidParameterException",
                    f"1 validation error detected: Value '{event.message}' at "
                    f"'logEvents.{position}.member.message' failed to satisfy "
                    "constraint: Member must not be poison",
                )


@asynccontextmanager
async def running_fake_logs(
    clock: Clock, *, port: int = 0, keep_events: bool = True
) -> AsyncIterator[FakeLogs]:
    """Serve a fake on the loopback interface for as long as the block runs."""
    fake = FakeLogs(clock, keep_events=keep_events)
    app = web.Application(client_max_size=16 * 2**20)
    app.router.add_post("/", fake.answer)
    app.router.add_get("/_fake/state", fake.state)
    app.router.add_post("/_fake/faults", fake.plan_fault)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        fake.url = "http://{}:{}".format(*runner.addresses[0])
        yield fake
    finally:
        fake.heal()
        await runner.cleanup()


def _signed_by(request: web.Request) -> str:
    found = _CREDENTIAL.search(request.headers.get("Authorization", ""))
    if found is None:
        raise ServiceError(
            "MissingAuthenticationTokenException", "Missing Authentication Token"
        )
    return found[1]


def _break_connection(request: web.Request) -> NoReturn:
    if request.transport is not None:
        request.transport.abort()
    raise _ConnectionBrokenError


def _response(answer: dict[str, object], *, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(answer), status=status, content_type=_JSON
    )


async def _serve(port: int, *, keep_events: bool) -> None:
    async with running_fake_logs(
        SystemClock(), port=port, keep_events=keep_events
    ) as fake:
        sys.stdout.write(f"{fake.url}\n")
        sys.stdout.flush()
        await anyio.sleep_forever()


def _main() -> None:
    parser = argparse.ArgumentParser(description="A strict fake CloudWatch Logs.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument(
        "--discard", action="store_true", help="count log events without keeping them"
    )
    arguments = parser.parse_args()
    anyio.run(lambda: _serve(arguments.port, keep_events=not arguments.discard))


if __name__ == "__main__":
    _main()
