"""Lambda: by a fake that has its limits, over HTTP."""

from contextlib import AsyncExitStack

import msgspec
import pytest

from relay.aws.clients import AwsClients, open_clients
from relay.config.aws_section import Aws
from relay.config.aws_targets import LambdaTarget
from relay.errors import Reason, RejectedError, TransientError
from relay.model import Bundle
from relay.notify.receivers.lambda_ import LambdaSender, render_payload
from tests.notify.examples import EVIDENCE, bundle, notification
from tests.support.fake_lambda import FakeFunction, running_fake_lambda

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/q"


async def opened(stack: AsyncExitStack) -> tuple[AwsClients, FakeFunction]:
    """Return clients of the fake, and the function ``enrich`` that it has."""
    url, functions = await stack.enter_async_context(running_fake_lambda())
    aws = await open_clients(stack, Aws(endpoint_url=url), queue_url=QUEUE)
    functions["enrich"] = FakeFunction()
    return aws, functions["enrich"]


def sender_to(aws: AwsClients, **options: str) -> LambdaSender:
    """Return a sender to a function, ``enrich`` if nothing else is said."""
    target = LambdaTarget.model_validate({"function": "enrich"} | options)
    return LambdaSender(
        target,
        lambda region: aws.client_for("lambda", region),
        home_region=aws.region,
    )


async def test_a_function_gets_what_cloudwatch_would_send() -> None:
    """The members of an alarm's action, and our own beside them."""
    async with AsyncExitStack() as stack:
        aws, function = await opened(stack)

        answer = await sender_to(aws).send(bundle())

    assert answer == "202"
    (payload,) = function.payloads
    data = payload.pop("alarmData")
    assert payload == {
        "source": "cloudtrail-relay",
        "alarmArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm"
        ":console-login-failures",
        "accountId": "111122223333",
        "time": "2026-09-14T11:18:44.401+0000",
        "region": "eu-west-1",
        "id": "1f" * 32,
    }
    assert data["alarmName"] == "console-login-failures"
    assert data["state"] == {
        "value": "ALARM",
        "reason": notification().reason,
        "reasonData": "{}",
        "timestamp": "2026-09-14T11:18:44.401+0000",
    }
    assert data["previousState"] == {"value": "OK"}
    (metric,) = data["configuration"]["metrics"]
    assert metric["metricStat"]["metric"]["name"] == "ConsoleLoginFailures"
    assert data["relay"]["evidence"][0]["eventName"] == "ConsoleLogin"


async def test_a_function_may_be_waited_for() -> None:
    """Then the answer is that it has ended well."""
    async with AsyncExitStack() as stack:
        aws, function = await opened(stack)
        arn = "arn:aws:lambda:eu-west-1:123456789012:function:enrich"

        sender = sender_to(aws, function=arn, invocation_type="RequestResponse")
        answer = await sender.send(bundle())

    assert answer == "200"
    assert len(function.payloads) == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            b'{"errorMessage": "no\\nroute", "errorType": "KeyError", "stack": []}',
            "invoke enrich: the function failed: KeyError: no route",
        ),
        (b"[]", "invoke enrich: the function failed: it does not say why"),
        (b"{}", "invoke enrich: the function failed: it does not say why"),
    ],
    ids=["told", "no object", "nothing told"],
)
async def test_a_function_that_fails_is_invoked_again(
    error: bytes, expected: str
) -> None:
    """It says so in an answer that is a success to Lambda itself."""
    async with AsyncExitStack() as stack:
        aws, function = await opened(stack)
        function.error = error
        sender = sender_to(aws, invocation_type="RequestResponse")

        with pytest.raises(TransientError) as caught:
            await sender.send(bundle())

    assert str(caught.value) == expected
    assert caught.value.reason is Reason.UNAVAILABLE


async def test_a_throttled_invocation_is_put_off() -> None:
    """For as long as Lambda asks."""
    async with AsyncExitStack() as stack:
        aws, function = await opened(stack)
        fault = (429, "TooManyRequestsException", {"Retry-After": "7"})
        function.faults.append(fault)

        with pytest.raises(TransientError) as caught:
            await sender_to(aws).send(bundle())

    assert caught.value.reason is Reason.THROTTLED
    assert caught.value.retry_after_secs == 7


async def test_a_function_that_is_not_there_is_rejected() -> None:
    """The error names it."""
    async with AsyncExitStack() as stack:
        aws, _ = await opened(stack)
        with pytest.raises(RejectedError, match="invoke gone") as caught:
            await sender_to(aws, function="gone").send(bundle())

    assert caught.value.reason is Reason.NOT_FOUND


async def test_a_function_that_is_being_changed_is_invoked_again() -> None:
    """Lambda calls that a conflict."""
    async with AsyncExitStack() as stack:
        aws, function = await opened(stack)
        function.faults.append((409, "ResourceConflictException", {}))
        with pytest.raises(TransientError) as caught:
            await sender_to(aws).send(bundle())

    assert caught.value.reason is Reason.UNAVAILABLE


@pytest.mark.parametrize(
    ("options", "region"),
    [
        ({"function": "f"}, "eu-west-1"),
        ({"function": "f", "region": "us-east-2"}, "us-east-2"),
        (
            {"function": "arn:aws:lambda:us-west-2:123456789012:function:f:live"},
            "us-west-2",
        ),
    ],
    ids=["the relay's own", "configured", "of the ARN"],
)
async def test_a_function_is_invoked_in_its_region(
    options: dict[str, str], region: str
) -> None:
    """Asking for the client is enough to see."""
    asked: list[str] = []

    async def client_for(name: str) -> None:
        asked.append(name)
        raise RejectedError("seen", reason=Reason.INVALID)

    target = LambdaTarget.model_validate(options)
    sender = LambdaSender(
        target,
        client_for,  # type: ignore[arg-type] # gives no client
        home_region="eu-west-1",
    )
    with pytest.raises(RejectedError, match="seen"):
        await sender.send(bundle())

    assert asked == [region]


def test_a_group_is_listed_beside_the_newest() -> None:
    """Newest first, without evidence."""
    group = Bundle(
        id="b",
        receiver="security",
        notifications=(notification(id="1", alarm="first"), notification(id="2")),
        suppressed=5,
    )

    payload = msgspec.json.decode(render_payload(group))

    assert payload["alarmData"]["alarmName"] == "console-login-failures"
    assert payload["alarmData"]["relay"]["suppressed"] == 5
    names = [each["alarmName"] for each in payload["groupedAlarms"]]
    assert names == ["console-login-failures", "first"]
    assert [each["relay"]["evidence"] for each in payload["groupedAlarms"]] == [[], []]
    assert payload["groupedAlarmsTotal"] == 2


def test_the_payload_of_many_fits() -> None:
    """The oldest go, and the total tells that they did."""
    each = notification(evidence=(EVIDENCE,) * 5, reason="because " * 100)
    group = Bundle(id="b", receiver="security", notifications=(each,) * 200)

    encoded = render_payload(group, max_bytes=100_000)

    assert len(encoded) <= 100_000
    payload = msgspec.json.decode(encoded)
    assert 10 < len(payload["groupedAlarms"]) < 200
    assert payload["groupedAlarmsTotal"] == 200
