"""SQS, S3 and CloudWatch Logs with prepared answers, as fast as Python serves HTTP.

Runs as a process of its own. Hands out one message for each object, serves the objects,
takes the log events. Prints ``ready``, ``begun`` at the first receive, and one line of
JSON when the last message was deleted.
"""

import argparse
import asyncio
import hashlib
import json
import resource
import time
from email.utils import formatdate

from aiohttp import web

from benchmarks.material import BUCKET, compressed, log_file, object_key

_BODIES = 8
"""Different objects; they are served in turn under many keys."""
_EMPTY_POLL_SECS = 1.0
_MAX_REQUEST_BYTES = 4 * 2**20


class FakeAws:
    """The three services in one handler, told apart by ``X-Amz-Target``."""

    def __init__(self, objects: int, records: int) -> None:
        self._objects = objects
        self._bodies = [
            compressed(log_file(seed, records=records)) for seed in range(_BODIES)
        ]
        self._handed_out = 0
        self._deleted: set[str] = set()
        self._began_at = 0.0
        self._cpu_began_secs = 0.0
        self._log_events = 0
        self._log_bytes = 0
        self._puts = 0
        self.done = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        target = request.headers.get("X-Amz-Target", "").partition(".")[2]
        body = await request.read()
        if not target:
            return self._object(request.path)
        if target == "PutLogEvents":
            return self._put(body)
        asked = json.loads(body)
        if target == "ReceiveMessage":
            return await self._receive(asked)
        answers = {
            "DeleteMessageBatch": self._delete,
            "ChangeMessageVisibilityBatch": _batch_answer,
            "GetQueueAttributes": self._depth,
        }
        return answers.get(target, _nothing)(asked)

    def report(self) -> dict[str, float]:
        """Return what was measured between the first receive and the last delete."""
        return {
            "secs": time.perf_counter() - self._began_at,
            "cpu_secs": _cpu_secs() - self._cpu_began_secs,
            "log_events": self._log_events,
            "log_bytes": self._log_bytes,
            "puts": self._puts,
        }

    def _object(self, path: str) -> web.Response:
        index = int(path.rpartition("_")[2].partition(".")[0])
        return web.Response(
            body=self._bodies[index % _BODIES],
            headers={
                "ETag": f'"{index:032x}"',
                "Last-Modified": formatdate(usegmt=True),
                "Content-Type": "application/json",
                "Content-Encoding": "gzip",
            },
        )

    async def _receive(self, asked: dict[str, int]) -> web.Response:
        if not self._began_at:
            self._began_at, self._cpu_began_secs = time.perf_counter(), _cpu_secs()
            print("begun", flush=True)
        count = min(asked.get("MaxNumberOfMessages", 1), self._left())
        if not count:
            await asyncio.sleep(_EMPTY_POLL_SECS)
            return _answer({})
        first, self._handed_out = self._handed_out, self._handed_out + count
        return _answer({"Messages": [_message(first + n) for n in range(count)]})

    def _delete(self, asked: dict[str, list[dict[str, str]]]) -> web.Response:
        self._deleted |= {entry["ReceiptHandle"] for entry in asked["Entries"]}
        if len(self._deleted) == self._objects:
            self.done.set()
        return _batch_answer(asked)

    def _put(self, body: bytes) -> web.Response:
        # Counted, not parsed: parsing would make the fake the bottleneck.
        self._log_events += body.count(b'{"timestamp":')
        self._log_bytes += len(body)
        self._puts += 1
        return _answer({"nextSequenceToken": "0"})

    def _depth(self, asked: object) -> web.Response:  # noqa: ARG002 - an answer's shape
        names = ("", "NotVisible", "Delayed")
        attributes = dict.fromkeys(
            (f"ApproximateNumberOfMessages{name}" for name in names), "0"
        )
        attributes["ApproximateNumberOfMessages"] = str(self._left())
        return _answer({"Attributes": attributes})

    def _left(self) -> int:
        return self._objects - self._handed_out


def _message(index: int) -> dict[str, object]:
    notice = json.dumps({"s3Bucket": BUCKET, "s3ObjectKey": [object_key(index)]})
    return {
        "MessageId": f"message-{index}",
        "ReceiptHandle": f"receipt-{index}",
        "Body": notice,
        "MD5OfBody": hashlib.md5(notice.encode(), usedforsecurity=False).hexdigest(),
        "Attributes": {
            "SentTimestamp": str(int(time.time() * 1000)),
            "ApproximateReceiveCount": "1",
        },
    }


def _batch_answer(asked: dict[str, list[dict[str, str]]]) -> web.Response:
    done = [{"Id": entry["Id"]} for entry in asked["Entries"]]
    return _answer({"Successful": done, "Failed": []})


def _nothing(asked: object) -> web.Response:  # noqa: ARG001 - an answer's shape
    return _answer({})


def _answer(value: object) -> web.Response:
    return web.json_response(value, content_type="application/x-amz-json-1.1")


def _cpu_secs() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def serve(*, port: int, objects: int, records: int) -> None:
    """Serve until every message was deleted; then print what was measured."""
    fake = FakeAws(objects, records)
    application = web.Application(client_max_size=_MAX_REQUEST_BYTES)
    application.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("ready", flush=True)
    await fake.done.wait()
    print(json.dumps(fake.report()), flush=True)
    # The daemon still polls; whoever started both ends both.
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--objects", type=int, required=True)
    parser.add_argument("--records", type=int, required=True)
    asked_for = parser.parse_args()
    asyncio.run(
        serve(port=asked_for.port, objects=asked_for.objects, records=asked_for.records)
    )
