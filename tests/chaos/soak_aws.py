"""SQS, S3 and CloudWatch Logs that announce records at a steady rate, for hours.

Runs as a process of its own: ``python -m tests.chaos.soak_aws --rate 5000`` prints its
address; ``GET /_soak/state`` tells what was handed out and what came back. Every object
has event ids of its own. It keeps the numbers of messages in flight and nothing else,
so that its own memory is flat.
"""

import argparse
import hashlib
import json
import sys
from email.utils import formatdate

import anyio
import msgspec
from aiohttp import web
from isal import igzip

from benchmarks.material import BUCKET, RECORDS_PER_OBJECT, log_file, object_key
from relay.clock import SystemClock

_TEXTS = 8
_MARK = b"@@@@@@@@"
"""Stands in for the part of the event ids that is the object's number."""
_ID_MEMBER = b'"eventID":"'
_EMPTY_POLL_SECS = 1.0
_MAX_REQUEST_BYTES = 16 * 2**20
_JSON = "application/x-amz-json-1.1"

clock = SystemClock()


class State(msgspec.Struct):
    """How far it is, in objects, and what CloudWatch Logs has taken."""

    announced: int
    deleted: int
    log_events: int
    puts: int


class SteadyAws:
    """The three services; objects become available as time passes."""

    def __init__(self, *, records_per_sec: int) -> None:
        self._texts = [_marked(log_file(seed)) for seed in range(_TEXTS)]
        self._objects_per_sec = records_per_sec / RECORDS_PER_OBJECT
        self._began_at: float | None = None
        self._is_over = False
        self._in_flight: set[int] = set()
        self._state = State(announced=0, deleted=0, log_events=0, puts=0)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call."""
        target = request.headers.get("X-Amz-Target", "").partition(".")[2]
        body = await request.read()
        if not target:
            return self._object(request.path)
        if target == "PutLogEvents":
            # Counted, not parsed: the other core has enough to do.
            self._state.log_events += body.count(b'{"timestamp":')
            self._state.puts += 1
            return _answer({"nextSequenceToken": "0"})
        asked = msgspec.json.decode(body)
        if target == "ReceiveMessage":
            return await self._receive(asked.get("MaxNumberOfMessages", 1))
        if target == "DeleteMessageBatch":
            self._delete(asked["Entries"])
        if target == "GetQueueAttributes":
            return _answer({"Attributes": {"ApproximateNumberOfMessages": "0"}})
        done = [{"Id": entry["Id"]} for entry in asked.get("Entries", ())]
        return _answer({"Successful": done, "Failed": []})

    async def state(self, request: web.Request) -> web.Response:
        """Answer with ``State``; ``?over=1`` ends the announcements."""
        self._is_over = self._is_over or "over" in request.query
        return web.Response(body=msgspec.json.encode(self._state))

    def _object(self, path: str) -> web.Response:
        index = int(path.rpartition("_")[2].partition(".")[0])
        text = self._texts[index % _TEXTS].replace(_MARK, b"%08x" % index)
        return web.Response(
            body=igzip.compress(text, compresslevel=0),
            headers={
                "ETag": f'"{index:032x}"',
                "Last-Modified": formatdate(usegmt=True),
                "Content-Type": "application/json",
                "Content-Encoding": "gzip",
            },
        )

    async def _receive(self, most: int) -> web.Response:
        if self._began_at is None:
            self._began_at = clock.monotonic()
        polled_until = clock.monotonic() + _EMPTY_POLL_SECS
        while (count := min(most, self._available())) == 0:
            if clock.monotonic() > polled_until:
                return _answer({})
            await anyio.sleep(0.5 / self._objects_per_sec)  # a rate in real time
        first = self._state.announced
        self._state.announced += count
        self._in_flight |= set(range(first, first + count))
        return _answer({"Messages": [_message(first + n) for n in range(count)]})

    def _available(self) -> int:
        if self._is_over or self._began_at is None:
            return 0
        due = (clock.monotonic() - self._began_at) * self._objects_per_sec
        return int(due) - self._state.announced

    def _delete(self, entries: list[dict[str, str]]) -> None:
        for entry in entries:
            index = int(entry["ReceiptHandle"].removeprefix("receipt-"))
            if index in self._in_flight:
                self._in_flight.remove(index)
                self._state.deleted += 1


def _marked(text: bytes) -> bytes:
    """Return ``text`` with the mark as the first characters of each event id."""
    first, *rest = text.split(_ID_MEMBER)
    return _ID_MEMBER.join([first, *(_MARK + part[len(_MARK) :] for part in rest)])


def _message(index: int) -> dict[str, object]:
    notice = json.dumps({"s3Bucket": BUCKET, "s3ObjectKey": [object_key(index)]})
    return {
        "MessageId": f"message-{index}",
        "ReceiptHandle": f"receipt-{index}",
        "Body": notice,
        "MD5OfBody": hashlib.md5(notice.encode(), usedforsecurity=False).hexdigest(),
        "Attributes": {
            "SentTimestamp": str(int(clock.now() * 1000)),
            "ApproximateReceiveCount": "1",
        },
    }


def _answer(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type=_JSON)


async def _serve(records_per_sec: int) -> None:
    aws = SteadyAws(records_per_sec=records_per_sec)
    app = web.Application(client_max_size=_MAX_REQUEST_BYTES)
    app.router.add_get("/_soak/state", aws.state)
    app.router.add_route("*", "/{path:.*}", aws.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write("http://{}:{}\n".format(*runner.addresses[0]))
    sys.stdout.flush()
    await anyio.sleep_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, required=True)
    anyio.run(_serve, parser.parse_args().rate)
