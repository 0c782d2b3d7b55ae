"""EventBridge: rules see each notification; by moto over HTTP, and what it refuses."""

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from importlib.util import find_spec
from typing import Any

import pytest
from botocore.exceptions import ClientError

from relay.aws.clients import open_clients
from relay.config.aws_section import Aws
from relay.config.aws_targets import EventBridgeTarget
from relay.errors import Reason, RejectedError, TransientError
from relay.model import Bundle
from relay.notify.receivers.eventbridge import EventBridgeSender
from tests.notify.examples import EVIDENCE, bundle, notification

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/q"


def several(count: int, **changes: Any) -> Bundle:  # noqa: ANN401 - any member
    """Return a bundle of so many notifications."""
    return Bundle(
        id="bundle",
        receiver="security",
        notifications=tuple(
            notification(id=f"n{number}", **changes) for number in range(count)
        ),
        suppressed=4,
    )


class FakeEvents:
    """PutEvents with its limits; refuses by code what ``refusals`` has, by id."""

    def __init__(self) -> None:
        self.region = ""
        self.taken: list[str] = []
        self.entries: list[dict[str, Any]] = []
        self.calls = 0
        self.refusals: dict[str, list[str]] = {}
        self.faults: list[ClientError] = []

    async def in_region(self, region: str) -> "FakeEvents":
        """Return itself, and remember where."""
        self.region = region
        return self

    async def put_events(self, **arguments: object) -> Mapping[str, Any]:
        """Take or refuse each entry."""
        self.calls += 1
        if self.faults:
            raise self.faults.pop(0)
        entries: list[dict[str, Any]] = arguments["Entries"]  # type: ignore[assignment] # only these
        self.entries += entries
        assert 1 <= len(entries) <= 10
        assert sum(map(entry_bytes, entries)) < 256 * 1024
        results = [self._result(json.loads(each["Detail"])) for each in entries]
        failed = sum("ErrorCode" in each for each in results)
        return {"FailedEntryCount": failed, "Entries": results}

    def _result(self, detail: dict[str, Any]) -> dict[str, str]:
        key = detail["relay"]["id"]
        codes = self.refusals.get(key)
        if codes:
            return {"ErrorCode": codes.pop(0), "ErrorMessage": "no"}
        self.taken.append(key)
        return {"EventId": f"event-{key}"}


def entry_bytes(entry: dict[str, Any]) -> int:
    """Return what counts of an entry, as the user guide has it."""
    texts = [entry["Source"], entry["DetailType"], entry["Detail"], *entry["Resources"]]
    return 14 + sum(len(text.encode()) for text in texts)


def sender_by(client: FakeEvents, **options: str) -> EventBridgeSender:
    """Return a sender that uses ``client``."""
    target = EventBridgeTarget.model_validate(options)
    return EventBridgeSender(target, client.in_region, home_region="eu-west-1")


async def test_an_event_has_the_form_of_cloudwatchs_own() -> None:
    """But for its source, and what is ours at the end."""
    client = FakeEvents()

    answer = await sender_by(client, bus="security").send(bundle())

    (entry,) = client.entries
    detail = json.loads(entry["Detail"])
    assert answer == "event-" + "1f" * 32
    assert entry["EventBusName"] == "security"
    assert entry["Source"] == "cloudtrail-relay"
    assert entry["DetailType"] == "CloudWatch Alarm State Change"
    assert entry["Time"].isoformat() == "2026-09-14T11:18:44.401000+00:00"
    assert list(detail) == [
        *("alarmName", "state", "previousState", "configuration", "relay")
    ]
    assert detail["relay"]["suppressed"] == 0


async def test_eventbridge_takes_the_event(moto: str) -> None:
    """And gives it an id."""
    async with AsyncExitStack() as stack:
        aws = await open_clients(stack, Aws(endpoint_url=moto), queue_url=QUEUE)
        sender = EventBridgeSender(
            EventBridgeTarget(),
            lambda region: aws.client_for("events", region),
            home_region=aws.region,
        )

        assert await sender.send(bundle())


@pytest.mark.skipif(
    find_spec("jsonpath_ng") is None, reason="moto's rules need jsonpath_ng"
)
async def test_a_rule_sees_a_cloudwatch_alarm_state_change(moto: str) -> None:
    """Each member that CloudWatch's own rules match on is there."""
    async with AsyncExitStack() as stack:
        aws = await open_clients(stack, Aws(endpoint_url=moto), queue_url=QUEUE)
        events = await aws.client_for("events", "eu-west-1")
        await events.create_event_bus(Name="security")
        queue = await aws.sqs.create_queue(QueueName="seen")
        await events.put_rule(
            Name="all",
            EventBusName="security",
            EventPattern=json.dumps({"source": ["cloudtrail-relay"]}),
        )
        arn = "arn:aws:sqs:eu-west-1:123456789012:seen"
        await events.put_targets(
            Rule="all", EventBusName="security", Targets=[{"Id": "1", "Arn": arn}]
        )
        sender = EventBridgeSender(
            EventBridgeTarget(bus="security"),
            lambda region: aws.client_for("events", region),
            home_region=aws.region,
        )

        answer = await sender.send(bundle())

        received = await aws.sqs.receive_message(QueueUrl=queue["QueueUrl"])
    event = json.loads(received["Messages"][0]["Body"])
    assert event["id"] == answer
    assert event["source"] == "cloudtrail-relay"
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["resources"] == [
        "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:console-login-failures"
    ]
    assert event["time"].startswith("2026-09-14T11:18:44")
    assert event["detail"]["state"]["value"] == "ALARM"
    assert event["detail"]["previousState"]["value"] == "OK"
    assert event["detail"]["relay"]["group"] == {"$.userIdentity.userName": "alice"}
    assert event["detail"]["relay"]["evidence"][0]["sourceIPAddress"] == "203.0.113.7"


async def test_each_notification_is_an_event() -> None:
    """Ten a request; the answer names the newest."""
    client = FakeEvents()

    answer = await sender_by(client).send(several(25))

    assert client.taken == [f"n{number}" for number in range(25)]
    assert client.calls == 3
    assert answer == "event-n24 and 24 more"


async def test_large_events_share_no_request() -> None:
    """Together they would be too large; each by itself is shortened."""
    client = FakeEvents()
    large = tuple([EVIDENCE] * 700)

    await sender_by(client).send(several(3, evidence=large))

    assert client.taken == ["n0", "n1", "n2"]
    assert client.calls == 3


async def test_only_what_was_refused_is_put_again() -> None:
    """The others were taken."""
    client = FakeEvents()
    client.refusals["n1"] = ["ThrottlingException"]
    sender = sender_by(client)

    with pytest.raises(TransientError) as caught:
        await sender.send(several(3))
    answer = await sender.send(several(3))

    assert caught.value.reason is Reason.THROTTLED
    assert client.taken == ["n0", "n2", "n1"]
    assert answer == "event-n2 and 2 more"


async def test_what_may_pass_is_waited_for_before_anything_is_given_up() -> None:
    """A final answer to one event must not lose another."""
    client = FakeEvents()
    client.refusals = {"n0": ["MalformedDetail"] * 2, "n1": ["InternalFailure"]}
    sender = sender_by(client)

    with pytest.raises(TransientError):
        await sender.send(several(2))
    with pytest.raises(RejectedError, match="MalformedDetail") as caught:
        await sender.send(several(2))

    assert caught.value.reason is Reason.INVALID
    assert client.taken == ["n1"]


async def test_a_failed_request_ends_the_attempt() -> None:
    """What went before is not put again."""
    client = FakeEvents()
    sender = sender_by(client)
    client.refusals["n0"] = ["ThrottlingException"]
    with pytest.raises(TransientError):
        await sender.send(several(12))
    fault = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
    client.faults.append(ClientError(fault, "PutEvents"))
    with pytest.raises(TransientError) as caught:
        await sender.send(several(12))

    await sender.send(several(12))

    assert caught.value.reason is Reason.ACCESS_DENIED
    assert sorted(client.taken) == sorted(f"n{number}" for number in range(12))


async def test_memory_of_unfinished_bundles_is_bounded() -> None:
    """The oldest is forgotten, and its events would be put again."""
    client = FakeEvents()
    sender = sender_by(client)
    one, two = notification(id="n0"), notification(id="n1")
    for number in range(1_001):
        client.refusals["n1"] = ["InternalFailure"]
        with pytest.raises(TransientError):
            await sender.send(
                Bundle(id=f"b{number}", receiver="r", notifications=(one, two))
            )

    await sender.send(Bundle(id="b0", receiver="r", notifications=(one, two)))

    assert client.taken[-2:] == ["n0", "n1"]


@pytest.mark.parametrize(
    ("options", "region"),
    [
        ({}, "eu-west-1"),
        ({"bus": "b", "region": "us-east-2"}, "us-east-2"),
        ({"bus": "arn:aws:events:us-west-2:123456789012:event-bus/b"}, "us-west-2"),
    ],
    ids=["the relay's own", "configured", "of the ARN"],
)
async def test_a_bus_is_called_in_its_region(
    options: dict[str, str], region: str
) -> None:
    """The default bus is that of the relay's own region."""
    client = FakeEvents()

    await sender_by(client, **options).send(bundle())

    assert client.region == region
