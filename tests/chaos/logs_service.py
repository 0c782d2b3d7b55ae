"""The strict CloudWatch Logs in a process of its own, which keeps counts alone.

``python -m tests.chaos.logs_service`` prints its address. ``GET /_chaos/stored`` tells
how often each event id was stored, and how often with an answer that the proxy did not
let through: then the caller has to send it again.
"""

import sys
from collections import Counter

import anyio
import msgspec
from aiohttp import web

from relay.clock import SystemClock
from tests.support.fake_logs import FakeLogs
from tests.support.fake_logs_store import InputLogEvent, PutRequest

PUT = "Logs_20140328.PutLogEvents"
ANSWER_LOST = "X-Chaos-Answer-Lost"
"""The header by which the proxy says that it will not pass the answer on."""
GROUP = "/relay/chaos"

_MAX_REQUEST_BYTES = 16 * 2**20


class Stored(msgspec.Struct):
    """What CloudWatch Logs was given, by event id."""

    times: dict[str, int]
    answers_lost: dict[str, int]


class _Rejections(msgspec.Struct, rename="camel", frozen=True):
    too_old_log_event_end_index: int = 0
    expired_log_event_end_index: int = 0
    too_new_log_event_start_index: int | None = None


class _Answer(msgspec.Struct, rename="camel"):
    rejected_log_events_info: _Rejections = _Rejections()


class _Event(msgspec.Struct, rename={"event_id": "eventID"}):
    event_id: str


class LogsService:
    """The fake, and a count of all that it stores."""

    def __init__(self) -> None:
        self._fake = FakeLogs(SystemClock(), keep_events=False)
        self._times: Counter[str] = Counter()
        self._answers_lost: Counter[str] = Counter()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer an API call as the fake does, and count what it stored."""
        answer = await self._fake.answer(request)
        if request.headers.get("X-Amz-Target") == PUT and answer.status == 200:
            assert isinstance(answer, web.Response)
            assert isinstance(answer.body, bytes)
            ids = _stored_ids(await request.read(), answer.body)
            self._times.update(ids)
            if ANSWER_LOST in request.headers:
                self._answers_lost.update(ids)
        return answer

    async def stored(self, request: web.Request) -> web.Response:
        """Answer with ``Stored``."""
        stored = Stored(times=self._times, answers_lost=self._answers_lost)
        return web.Response(body=msgspec.json.encode(stored))


def _stored_ids(request: bytes, answer: bytes) -> list[str]:
    events = msgspec.json.decode(request, type=PutRequest).log_events
    rejected = msgspec.json.decode(answer, type=_Answer).rejected_log_events_info
    first = max(
        rejected.too_old_log_event_end_index, rejected.expired_log_event_end_index
    )
    return list(map(_id, events[first : rejected.too_new_log_event_start_index]))


def _id(event: InputLogEvent) -> str:
    return msgspec.json.decode(event.message, type=_Event).event_id


async def _serve() -> None:
    service = LogsService()
    app = web.Application(client_max_size=_MAX_REQUEST_BYTES)
    app.router.add_get("/_chaos/stored", service.stored)
    app.router.add_post("/", service.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write("http://{}:{}\n".format(*runner.addresses[0]))
    sys.stdout.flush()
    await anyio.sleep_forever()


if __name__ == "__main__":
    anyio.run(_serve)
