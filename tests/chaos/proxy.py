"""A proxy between the daemon and AWS that breaks single calls, each fault counted.

It knows every call by service and operation, answers errors in the service's own
format, and draws from a seeded generator: the same calls meet the same faults. It also
shortens waiting that would only lengthen a run: long polls, and how long a message that
is returned stays hidden.
"""

import io
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import NoReturn

import aiohttp
import anyio
import msgspec
from aiohttp import web
from yarl import URL

from tests.chaos.faults import Fault, seeded
from tests.chaos.logs_service import ANSWER_LOST
from tests.chaos.receipts import Receipts, receipt_of
from tests.chaos.wire import Call, Service, error_of, identify, response

LONGEST_POLL_SECS = 1
LONGEST_RETURN_SECS = 1
"""A message that is returned for longer than the visibility timeout comes then."""
VISIBILITY_TIMEOUT_SECS = 10

HANG_SECS = 45.0
"""Longer than any client of the daemon's waits."""
SLOW_SECS = 2.0
_SLOW_PIECES = 8
_RECEIVE = Call(service=Service.SQS, operation="ReceiveMessage")
_DELETE = Call(service=Service.SQS, operation="DeleteMessageBatch")
_RETURN = Call(service=Service.SQS, operation="ChangeMessageVisibilityBatch")
_OF_RECEIVE = {Fault.DUPLICATE, Fault.OUT_OF_ORDER, Fault.EXPIRED_RECEIPT}
_OF_ERRORS = {
    Fault.THROTTLING,
    Fault.SERVER_ERROR,
    Fault.WRONG_REGION,
    Fault.KMS_DENIED,
}
_NOT_PASSED_ON = {
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "server",
    "date",
}
_NOT_PASSED_ON |= {"transfer-encoding", "expect"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Calls that ``fault`` can happen to meet it with ``probability``."""

    fault: Fault
    probability: float
    service: Service | None = None

    def fits(self, call: Call) -> bool:
        """Return whether ``call`` can meet the fault."""
        if self.service not in (None, call.service):
            return False
        if self.fault in _OF_RECEIVE:
            return call == _RECEIVE
        if self.fault in _OF_ERRORS:
            return error_of(self.fault, call.service) is not None
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class _ConnectionBrokenError(Exception):
    """The call ends here: its connection is gone."""


class Proxy:
    """Passes calls on, or breaks them by the rules in force."""

    def __init__(
        self,
        *,
        upstreams: Mapping[Service, str],
        http: aiohttp.ClientSession,
        show: Callable[[Sequence[str]], Awaitable[None]],
        seed: object,
        slow_secs: float = SLOW_SECS,
    ) -> None:
        self.fired: Counter[Fault] = Counter()
        self.receipts = Receipts(seeded("receipts", seed))
        self._upstreams = upstreams
        self._http = http
        self._show = show
        self._seed = seed
        self._slow_secs = slow_secs
        self._rules: list[tuple[Rule, Random]] = []
        self._released = anyio.Event()

    def inject(self, rules: Sequence[Rule]) -> None:
        """Put ``rules`` in force in the place of the earlier ones."""
        self._rules = [
            (rule, seeded("rule", self._seed, rule.fault, rule.service))
            for rule in rules
        ]

    def heal(self) -> None:
        """Break nothing more, and end the calls that hang."""
        self._rules = []
        self._released.set()
        self._released = anyio.Event()

    async def show_all(self) -> None:
        """Have the time pass after which the messages of a dead daemon come again."""
        await self._show(self.receipts.outstanding)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        try:
            body = await request.read()
            call = identify(request, body)
            fault = self._draw(call)
            if fault is not None and fault not in _OF_RECEIVE:
                self.fired[fault] += 1
            return await self._answer(request, call, _hurried(call, body), fault)
        except (_ConnectionBrokenError, aiohttp.ClientError, ConnectionError):
            # Broken on purpose, or by a caller that was killed in the middle.
            if request.transport is not None:
                request.transport.close()  # what is written is sent, and no more
            return web.Response()  # nobody is there to read it

    def _draw(self, call: Call) -> Fault | None:
        drawn = [
            rule.fault
            for rule, random in self._rules
            if rule.fits(call) and random.random() < rule.probability
        ]
        return drawn[0] if drawn else None

    async def _answer(
        self, request: web.Request, call: Call, body: bytes, fault: Fault | None
    ) -> web.StreamResponse:
        if fault is None or fault in _OF_RECEIVE:
            return await self._pass_on(request, call, body, fault)
        error = error_of(fault, call.service)
        if error is not None:
            return response(error, call.service)
        if fault in (Fault.TIMEOUT, Fault.RESET):
            return await self._silence(request, call, body, fault)
        is_lost = fault is not Fault.SLOW_BODY
        answer = await self._forward(request, call, body, is_lost=is_lost)
        if fault is Fault.CORRUPT_BODY:
            return _response(answer, _corrupt(answer.body))
        if fault is Fault.TRUNCATED_BODY:
            return await _truncated(request, answer)
        return await _slow(request, answer, self._slow_secs)

    async def _silence(
        self, request: web.Request, call: Call, body: bytes, fault: Fault
    ) -> NoReturn:
        """Give no answer, every other time after the call was carried out."""
        released = self._released
        if self.fired[fault] % 2:
            await self._forward(request, call, body, is_lost=True)
        if fault is Fault.TIMEOUT:
            with anyio.move_on_after(HANG_SECS):
                await released.wait()
        elif request.transport is not None:
            request.transport.abort()
        raise _ConnectionBrokenError

    async def _pass_on(
        self, request: web.Request, call: Call, body: bytes, fault: Fault | None
    ) -> web.StreamResponse:
        answer = await self._forward(request, call, body)
        if call != _RECEIVE or answer.status != 200:
            return _response(answer, answer.body)
        messages = self.receipts.delivered(answer.body)
        if request.transport is None or request.transport.is_closing():
            await self._show([receipt_of(message) for message in messages])
            raise _ConnectionBrokenError
        given, is_changed = self.receipts.arrange(messages, fault)
        if fault is Fault.EXPIRED_RECEIPT and given:
            is_changed = True
            await self._show([receipt_of(message) for message in given])
        if is_changed and fault is not None:
            self.fired[fault] += 1
        return _response(answer, msgspec.json.encode({"Messages": given}))

    async def _forward(
        self, request: web.Request, call: Call, body: bytes, *, is_lost: bool = False
    ) -> _Answer:
        headers = _passed_on(request.headers) | ({ANSWER_LOST: "1"} if is_lost else {})
        async with self._http.request(
            request.method,
            URL(self._upstreams[call.service] + request.raw_path, encoded=True),
            headers=headers,
            # A file, for aiohttp warns of large bytes: they are copied in the loop.
            data=io.BytesIO(body) if body else None,
        ) as answer:
            found = _Answer(
                status=answer.status,
                headers=_passed_on(answer.headers),
                body=await answer.read(),
            )
        if call == _DELETE:
            self.receipts.deleted(body)
        elif call == _RECEIVE and is_lost:
            self.receipts.delivered(found.body)
        return found


def _hurried(call: Call, body: bytes) -> bytes:
    """Return ``body`` without waiting that would only lengthen the run."""
    if call not in (_RECEIVE, _RETURN):
        return body
    asked = msgspec.json.decode(body)
    if call == _RECEIVE:
        wanted_secs = asked.get("WaitTimeSeconds", LONGEST_POLL_SECS)
        asked["WaitTimeSeconds"] = min(LONGEST_POLL_SECS, wanted_secs)
    for entry in asked.get("Entries", ()):
        if entry["VisibilityTimeout"] > VISIBILITY_TIMEOUT_SECS:
            entry["VisibilityTimeout"] = LONGEST_RETURN_SECS
    return msgspec.json.encode(asked)


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in _NOT_PASSED_ON
    }


def _response(answer: _Answer, body: bytes) -> web.Response:
    return web.Response(status=answer.status, headers=answer.headers, body=body)


def _corrupt(body: bytes) -> bytes:
    middle = len(body) // 2
    return (
        body[:middle]
        + bytes(byte ^ 0xFF for byte in body[middle : middle + 8])
        + (body[middle + 8 :])
    )


async def _begun(request: web.Request, answer: _Answer) -> web.StreamResponse:
    begun = web.StreamResponse(status=answer.status, headers=answer.headers)
    begun.content_length = len(answer.body)
    await begun.prepare(request)
    return begun


async def _slow(
    request: web.Request, answer: _Answer, secs: float
) -> web.StreamResponse:
    begun = await _begun(request, answer)
    size = len(answer.body) // _SLOW_PIECES + 1
    for start in range(0, len(answer.body), size):
        await anyio.sleep(secs / _SLOW_PIECES)  # slowness is the fault
        await begun.write(answer.body[start : start + size])
    return begun


async def _truncated(request: web.Request, answer: _Answer) -> NoReturn:
    begun = await _begun(request, answer)
    await begun.write(answer.body[: len(answer.body) // 2])
    raise _ConnectionBrokenError
