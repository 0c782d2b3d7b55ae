"""What all senders to AWS services have in common, each by a client that is told how.

Every client keeps its calls and fails as it is told, so one table of botocore's errors
is tried on all; the sizes of what they are called with are held against AWS's limits.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec
import pytest
from botocore.exceptions import (
    ClientError,
    NoCredentialsError,
    ReadTimeoutError,
)

from relay.config.aws_targets import (
    CloudWatchTarget,
    EventBridgeTarget,
    LambdaTarget,
    SesTarget,
    SnsTarget,
    SqsTarget,
)
from relay.errors import Reason, RejectedError, TransientError
from relay.model import Bundle
from relay.notify.content.render import Templates
from relay.notify.outbox import Sender
from relay.notify.receivers.cloudwatch_mirror import CloudWatchMirror
from relay.notify.receivers.eventbridge import EventBridgeSender
from relay.notify.receivers.lambda_ import LambdaSender
from relay.notify.receivers.ses import SesSender
from relay.notify.receivers.sns import SnsSender
from relay.notify.receivers.sqs import SqsSender
from tests.notify.examples import EVIDENCE, bundle, notification
from tests.support.clock import FakeClock

HOME = "eu-west-1"
TOPIC = f"arn:aws:sns:{HOME}:123456789012:security.fifo"
QUEUE = f"https://sqs.{HOME}.amazonaws.com/123456789012/security.fifo"
KIB = 1024


class _Payload:
    """The body of Lambda's answer."""

    async def __aenter__(self) -> "_Payload":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def read(self, amount: int) -> bytes:
        """Return nothing, as for an event."""
        return b""


@dataclass(slots=True)
class AnyClient:
    """A client of any of the services; ``faults`` are raised first, in order."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    async def in_region(self, region: str) -> "AnyClient":
        """Return itself: it serves all regions."""
        return self

    async def _call(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any call
        self.calls.append(arguments)
        if self.faults:
            raise self.faults.pop(0)
        entries = [{"EventId": "one"} for _ in arguments.get("Entries", ())]
        return {
            "MessageId": "one",
            "Entries": entries,
            "StatusCode": 202,
            "Payload": _Payload(),
        }

    publish = send_message = put_events = invoke = _call
    set_alarm_state = put_metric_data = send_email = _call


def sns(client: AnyClient) -> Sender:
    """Return a sender to a FIFO topic."""
    return SnsSender(SnsTarget(topic_arn=TOPIC), client.in_region)


def sqs(client: AnyClient) -> Sender:
    """Return a sender to a FIFO queue."""
    return SqsSender(SqsTarget(queue_url=QUEUE), client.in_region, home_region=HOME)


def eventbridge(client: AnyClient) -> Sender:
    """Return a sender to the default bus."""
    return EventBridgeSender(EventBridgeTarget(), client.in_region, home_region=HOME)


def lambda_(client: AnyClient) -> Sender:
    """Return a sender to a function."""
    target = LambdaTarget(function="enrich")
    return LambdaSender(target, client.in_region, home_region=HOME)


def alarm_state(client: AnyClient) -> Sender:
    """Return a mirror by native alarms."""
    target = CloudWatchTarget(set_alarm_state=True)
    return CloudWatchMirror(target, client.in_region, home_region=HOME)


def metric(client: AnyClient) -> Sender:
    """Return a mirror by a metric."""
    target = CloudWatchTarget.model_validate({"metric": {}})
    return CloudWatchMirror(target, client.in_region, home_region=HOME)


def ses(client: AnyClient) -> Sender:
    """Return a sender of mail."""
    options = {"to": ["soc@example.com"], "from": "relay@example.com"}
    return SesSender(
        SesTarget.model_validate(options),
        client.in_region,
        home_region=HOME,
        clock=FakeClock(),
        templates=Templates(),
    )


Make = Callable[[AnyClient], Sender]
SENDERS: list[Make] = [sns, sqs, eventbridge, lambda_, alarm_state, metric, ses]
every_sender = pytest.mark.parametrize(
    "make", SENDERS, ids=[make.__name__ for make in SENDERS]
)


def answered(code: str, status: int) -> ClientError:
    """Return what botocore raises for an answer with an error."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": "no"},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "HTTPHeaders": {"retry-after": "7"},
                "RequestId": "",
                "HostId": "",
                "RetryAttempts": 0,
            },
        },
        "Any",
    )


@every_sender
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (answered("ThrottlingException", 400), Reason.THROTTLED),
        (answered("AccessDeniedException", 400), Reason.ACCESS_DENIED),
        (answered("KMSAccessDeniedException", 400), Reason.KMS),
        (answered("ExpiredToken", 403), Reason.CREDENTIALS),
        (answered("Unheard", 503), Reason.UNAVAILABLE),
        (NoCredentialsError(), Reason.CREDENTIALS),
        (ReadTimeoutError(endpoint_url="https://aws"), Reason.TIMEOUT),
        (aiohttp.ClientConnectionError(), Reason.NETWORK),
    ],
    ids=[
        *("throttled", "denied", "kms", "expired", "5xx", "no credentials"),
        *("timeout", "network"),
    ],
)
async def test_what_may_pass_is_transient(
    make: Make, fault: Exception, reason: Reason
) -> None:
    """So that it is tried again, once somebody has repaired what needs repair."""
    client = AnyClient(faults=[fault])
    sender = make(client)

    with pytest.raises(TransientError) as caught:
        await sender.send(bundle())
    await sender.send(bundle())

    assert caught.value.reason is reason
    assert len(client.calls) == 2


@every_sender
async def test_the_services_own_wish_is_passed_on(make: Make) -> None:
    """How long to wait is theirs to say."""
    client = AnyClient(faults=[answered("TooManyRequestsException", 429)])

    with pytest.raises(TransientError) as caught:
        await make(client).send(bundle())

    assert caught.value.retry_after_secs == 7


@every_sender
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (answered("ResourceNotFoundException", 404), Reason.NOT_FOUND),
        (answered("ValidationException", 400), Reason.INVALID),
    ],
    ids=["not found", "invalid"],
)
async def test_what_will_not_pass_is_rejected(
    make: Make, fault: Exception, reason: Reason
) -> None:
    """So that it is set aside and told of."""
    with pytest.raises(RejectedError) as caught:
        await make(AnyClient(faults=[fault])).send(bundle())

    assert caught.value.reason is reason


@every_sender
async def test_a_retry_says_the_same(make: Make) -> None:
    """Whoever gets it twice can see that by its id, where there is room for one."""
    client = AnyClient(faults=[answered("InternalFailure", 500)])
    sender = make(client)

    with pytest.raises(TransientError):
        await sender.send(bundle())
    answer = await sender.send(bundle())

    first, second = client.calls
    assert first == second or "Raw" in first["Content"]  # mail has random boundaries
    assert make in (alarm_state, metric) or "1f" * 32 in shown(second)
    assert answer
    assert "\n" not in answer


@every_sender
async def test_size_limits_hold_whatever_comes(make: Make) -> None:
    """Long texts, much evidence, many notifications; what is JSON stays JSON."""
    client = AnyClient()
    huge = msgspec.structs.replace(EVIDENCE, user_agent='"\\é' * 30_000)
    hostile = notification(
        alarm="n" * 255,
        reason='why "' * 20_000,
        description="\\é" * 50_000,
        reason_data="{" * 5_000,
        group={"$.userAgent": '"' * 100_000},
        evidence=(huge,) * 5,
    )
    many = Bundle(
        id="1f" * 32,
        receiver="security",
        notifications=tuple(
            msgspec.structs.replace(hostile, id=f"n{number}") for number in range(12)
        ),
        suppressed=3,
    )

    await make(client).send(many)

    for call in client.calls:
        CHECKS[make](call)


async def test_everything_fails_in_its_own_name() -> None:
    """An error of one target must not look like another's."""
    names = set()
    for make in SENDERS:
        with pytest.raises(RejectedError) as caught:
            await make(AnyClient(faults=[answered("Bad", 400)])).send(bundle())
        names.add(str(caught.value))

    assert len(names) == len(SENDERS)


def shown(call: dict[str, Any]) -> str:
    """Return all that a call says, as one text."""
    raw: bytes = call.get("Content", {}).get("Raw", {}).get("Data", b"")
    return repr(call) + raw.decode()


def check_sns(call: dict[str, Any]) -> None:
    """256 KiB with the attributes, and a subject of 100."""
    sizes = [len(call["Message"].encode())]
    for name, value in call["MessageAttributes"].items():
        sizes += [len(name), *(len(text.encode()) for text in value.values())]
    assert sum(sizes) <= 256 * KIB
    assert len(call["Subject"]) <= 100
    assert json.loads(json.loads(call["Message"])["default"])["AlarmName"] == "n" * 255
    assert call["MessageDeduplicationId"] == "1f" * 32


def check_sqs(call: dict[str, Any]) -> None:
    """256 KiB with the attributes."""
    assert len(call["MessageBody"].encode()) <= 252 * KIB
    assert json.loads(call["MessageBody"])["AlarmName"] == "n" * 255
    assert call["MessageDeduplicationId"] == "1f" * 32


def check_eventbridge(call: dict[str, Any]) -> None:
    """Ten events of less than 256 KiB together."""
    entries = call["Entries"]
    assert len(entries) <= 10
    assert sum(len(entry["Detail"].encode()) for entry in entries) < 256 * KIB
    assert all(json.loads(entry["Detail"]) for entry in entries)


def check_lambda(call: dict[str, Any]) -> None:
    """1 MB."""
    assert len(call["Payload"]) <= 1_000_000
    assert json.loads(call["Payload"])["groupedAlarmsTotal"] == 12


def check_alarm_state(call: dict[str, Any]) -> None:
    """1,023 characters of reason; no data that is no longer whole."""
    assert len(call["StateReason"]) <= 1_023
    assert "StateReasonData" not in call


def check_metric(call: dict[str, Any]) -> None:
    """1,000 datapoints."""
    assert len(call["MetricData"]) == 12


def check_ses(call: dict[str, Any]) -> None:
    """10 MB, a new account's limit."""
    assert len(call["Content"]["Raw"]["Data"]) <= 10_000_000


CHECKS: dict[Make, Callable[[dict[str, Any]], None]] = {
    sns: check_sns,
    sqs: check_sqs,
    eventbridge: check_eventbridge,
    lambda_: check_lambda,
    alarm_state: check_alarm_state,
    metric: check_metric,
    ses: check_ses,
}
