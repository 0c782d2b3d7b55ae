"""The mirror in CloudWatch: by moto over HTTP, and what is handed to the client."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from relay.aws.clients import AwsClients, open_clients
from relay.clock import SystemClock
from relay.config.aws_section import Aws
from relay.config.aws_targets import CloudWatchTarget
from relay.errors import Reason, RejectedError
from relay.model import AlarmState, Bundle
from relay.notify.receivers.cloudwatch_mirror import CloudWatchMirror
from tests.notify.examples import bundle, notification

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/q"


async def opened(stack: AsyncExitStack, moto: str) -> tuple[AwsClients, Any]:
    """Return clients of the emulator, and that of CloudWatch."""
    aws = await open_clients(stack, Aws(endpoint_url=moto), queue_url=QUEUE)
    return aws, await aws.client_for("cloudwatch", "eu-west-1")


def mirror(aws: AwsClients, **options: object) -> CloudWatchMirror:
    """Return a mirror by the clients of ``aws``."""
    return CloudWatchMirror(
        CloudWatchTarget.model_validate(options),
        lambda region: aws.client_for("cloudwatch", region),
        home_region=aws.region,
    )


async def native_alarm(cloudwatch: Any, name: str) -> None:  # noqa: ANN401 - untyped
    """Create an alarm of CloudWatch's own."""
    await cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Relay",
        MetricName="None",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )


async def test_a_native_alarm_takes_the_state(moto: str) -> None:
    """That of the same name, with reason and data."""
    async with AsyncExitStack() as stack:
        aws, cloudwatch = await opened(stack, moto)
        await native_alarm(cloudwatch, "console-login-failures")

        answer = await mirror(aws, set_alarm_state=True).send(bundle())

        described = await cloudwatch.describe_alarms()
    (alarm,) = described["MetricAlarms"]
    assert answer == "console-login-failures is ALARM"
    assert alarm["StateValue"] == "ALARM"
    assert alarm["StateReason"] == notification().reason
    assert alarm["StateReasonData"] == "{}"


async def test_another_alarm_may_be_named(moto: str) -> None:
    """Of several notifications the newest is its state."""
    resolved = notification(state=AlarmState.OK, old_state=AlarmState.ALARM)
    async with AsyncExitStack() as stack:
        aws, cloudwatch = await opened(stack, moto)
        await native_alarm(cloudwatch, "any")

        answer = await mirror(aws, set_alarm_state=True, alarm_name="any").send(
            Bundle(id="b", receiver="r", notifications=(notification(), resolved))
        )

    assert answer == "any is OK"


async def test_an_alarm_that_is_not_there_is_rejected(moto: str) -> None:
    """The error names it."""
    async with AsyncExitStack() as stack:
        aws, _ = await opened(stack, moto)
        with pytest.raises(RejectedError, match="console-login-failures") as caught:
            await mirror(aws, set_alarm_state=True).send(bundle())

    assert caught.value.reason is Reason.NOT_FOUND


async def test_a_metric_shows_the_state(moto: str) -> None:
    """1 while in ALARM, by the alarm's name."""
    now = SystemClock().now()
    async with AsyncExitStack() as stack:
        aws, cloudwatch = await opened(stack, moto)

        answer = await mirror(aws, metric={"namespace": "Sec/Relay"}).send(
            bundle(at=now)
        )

        at = datetime.fromtimestamp(now, UTC)
        found = await cloudwatch.get_metric_statistics(
            Namespace="Sec/Relay",
            MetricName="AlarmState",
            Dimensions=[{"Name": "AlarmName", "Value": "console-login-failures"}],
            StartTime=at - timedelta(minutes=5),
            EndTime=at + timedelta(minutes=5),
            Period=60,
            Statistics=["Maximum"],
        )
    assert answer == "1 datapoint"
    assert [each["Maximum"] for each in found["Datapoints"]] == [1.0]


class RecordingClient:
    """A CloudWatch client that keeps what it was called with."""

    def __init__(self) -> None:
        self.region = ""
        self.calls: list[dict[str, Any]] = []

    async def in_region(self, region: str) -> "RecordingClient":
        """Return itself, and remember where."""
        self.region = region
        return self

    async def set_alarm_state(self, **arguments: object) -> dict[str, object]:
        """Keep ``arguments``."""
        self.calls.append(arguments)
        return {}

    async def put_metric_data(self, **arguments: object) -> dict[str, object]:
        """Keep ``arguments``."""
        self.calls.append(arguments)
        return {}


def recording_mirror(client: RecordingClient, **options: object) -> CloudWatchMirror:
    """Return a mirror by ``client``."""
    target = CloudWatchTarget.model_validate(options)
    return CloudWatchMirror(target, client.in_region, home_region="eu-west-1")


async def test_reason_and_data_keep_to_cloudwatchs_limits() -> None:
    """The reason is shortened; data cannot be, so it stays away."""
    client = RecordingClient()
    long = bundle(reason="why " * 1_000, reason_data='{"x":"' + "y" * 4_000 + '"}')

    await recording_mirror(client, set_alarm_state=True, region="us-east-2").send(long)

    (call,) = client.calls
    assert client.region == "us-east-2"
    assert len(call["StateReason"]) <= 1_023
    assert call["StateReason"].endswith("more characters")
    assert "StateReasonData" not in call


async def test_a_thousand_datapoints_make_a_request() -> None:
    """And those of alarms that are over are 0."""
    client = RecordingClient()
    resolved = notification(state=AlarmState.OK)
    many = Bundle(id="b", receiver="r", notifications=(resolved,) * 1_001)

    answer = await recording_mirror(client, metric={}).send(many)

    assert answer == "1001 datapoints"
    assert [len(call["MetricData"]) for call in client.calls] == [1_000, 1]
    assert client.calls[1]["MetricData"][0]["Value"] == 0.0


@pytest.mark.parametrize(
    ("alarm", "value"),
    [("größe-1", "gr_e-1"), (":x", "_x"), ("  ", "_"), ("日本", "_")],
)
async def test_a_dimension_is_ascii(alarm: str, value: str) -> None:
    """As CloudWatch wants it."""
    client = RecordingClient()

    await recording_mirror(client, metric={}).send(bundle(alarm=alarm))

    (datum,) = client.calls[0]["MetricData"]
    assert datum["Dimensions"] == [{"Name": "AlarmName", "Value": value}]
