"""Invokes a Lambda function, as a CloudWatch alarm does whose action it is.

The payload of a bundle of several notifications is the newest one's, with
``groupedAlarms`` beside it: the ``alarmData`` of all, newest first and without
evidence, as many as there is room for; ``groupedAlarmsTotal`` says how many they are.
``id`` is the idempotency key: a function gets it again when an invocation is retried,
which Lambda itself does as well.
"""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from itertools import accumulate
from typing import Any, Protocol

import msgspec

from relay.aws.errors import translated
from relay.config.aws_targets import LambdaTarget
from relay.errors import Reason, TransientError
from relay.model import Bundle, Notification
from relay.notify.cloudwatch_message import alarm_arn, encode, timestamp
from relay.notify.plain import one_line
from relay.notify.receivers.state_change import SOURCE, change, short_enough

MAX_PAYLOAD_BYTES = 1_000_000
"""Of an asynchronous invocation (API reference, Invoke: 1 MB); others take 6 MB."""

_MAX_DATA_BYTES = 400_000
_MAX_ANSWER_BYTES = 64 * 1024
_MAX_ANSWER_CHARS = 200


class LambdaClient(Protocol):
    """The one call of aiobotocore's Lambda client that is made here."""

    async def invoke(self, **arguments: object) -> Mapping[str, Any]:
        """Invoke a function."""
        ...


class LambdaSender:
    """Invokes one function; ``client_for`` gives the client of a region."""

    def __init__(
        self,
        target: LambdaTarget,
        client_for: Callable[[str], Awaitable[LambdaClient]],
        *,
        home_region: str,
    ) -> None:
        self._function = target.function
        self._invocation_type = target.invocation_type
        is_arn = target.function.startswith("arn:")
        own = target.function.split(":")[3] if is_arn else home_region
        self._region = target.region or own
        self._client_for = client_for

    async def send(self, bundle: Bundle) -> str:
        """Invoke the function once; return the status, as ``202``.

        Raises TransientError, also for a function that was waited for and failed, or
        RejectedError.
        """
        what = f"invoke {self._function}"
        payload = render_payload(bundle)
        client = await self._client_for(self._region)
        with translated(what):
            answer = await client.invoke(
                FunctionName=self._function,
                InvocationType=self._invocation_type,
                Payload=payload,
            )
            async with answer["Payload"] as stream:
                text = await stream.read(_MAX_ANSWER_BYTES)
        if "FunctionError" in answer:
            message = f"{what}: the function failed: {_shown(text)}"
            raise TransientError(message, reason=Reason.UNAVAILABLE)
        return str(int(answer.get("StatusCode", HTTPStatus.ACCEPTED)))


def render_payload(bundle: Bundle, *, max_bytes: int = MAX_PAYLOAD_BYTES) -> bytes:
    """Return what the function gets, as JSON of at most ``max_bytes``."""
    newest = short_enough(bundle.newest, min(_MAX_DATA_BYTES, max_bytes // 2))
    payload: dict[str, object] = {
        "source": SOURCE,
        "alarmArn": alarm_arn(newest),
        "accountId": newest.account,
        "time": timestamp(newest.at),
        "region": newest.region,
        "alarmData": change(newest, suppressed=bundle.suppressed),
        "id": bundle.id,
    }
    if len(bundle.notifications) == 1:
        return encode(payload)
    payload |= {"groupedAlarms": [], "groupedAlarmsTotal": len(bundle.notifications)}
    room = max_bytes - len(encode(payload))
    alarms = [_bare(each) for each in bundle.notifications[::-1]]
    sizes = accumulate(len(encode(each)) + 1 for each in alarms)
    kept = sum(size <= room for size in sizes)
    return encode(payload | {"groupedAlarms": alarms[:kept]})


def _bare(notification: Notification) -> dict[str, object]:
    return change(msgspec.structs.replace(notification, evidence=()))


def _shown(answer: bytes) -> str:
    """Return the error of a function in one line: its type and its text."""
    try:
        error = msgspec.json.decode(answer, type=dict[str, object])
    except msgspec.DecodeError:
        return "it does not say why"
    parts = [str(error[key]) for key in ("errorType", "errorMessage") if key in error]
    return one_line(": ".join(parts), _MAX_ANSWER_CHARS) or "it does not say why"
