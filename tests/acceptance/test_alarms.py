"""From a record in S3 to somebody being told, and back to OK."""

import json
from email.message import EmailMessage
from pathlib import Path

import anyio

from tests.support.relay_process import PATIENCE_SECS, running_relay
from tests.support.smtp import running_mail_server
from tests.support.webhook import running_webhook
from tests.support.world import GROUP, World, log_key, made_world, record

ROOT_LOGIN = {
    "name": "root-login",
    "pattern": '{ ($.eventName = ConsoleLogin) && ($.userIdentity.type = "Root") }',
    "alarm": {"severity": "critical", "description": "The root user signed in."},
}
FAILURES = {
    "name": "login-failures",
    "pattern": (
        '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }'
    ),
    "alarm": {
        "threshold": 3,
        "period": "5m",
        "severity": "high",
        "group_by": ["$.userIdentity.userName"],
    },
}


def failure(event_id: str, user: str, at: str) -> dict[str, object]:
    """Return a failed console login of ``user``."""
    return record(
        event_id,
        eventName="ConsoleLogin",
        eventSource="signin.amazonaws.com",
        eventTime=at,
        errorMessage="Failed authentication",
        userIdentity={"type": "IAMUser", "userName": user, "accountId": "111122223333"},
    )


async def alarm_topic(world: World) -> tuple[str, str]:
    """Make a topic for notifications; return its ARN and a queue that listens."""
    topic = await world.sns.create_topic(Name="security")
    listener = await world.queue("security-listener")
    await world.sns.subscribe(
        TopicArn=topic["TopicArn"],
        Protocol="sqs",
        Endpoint=await world.queue_arn(listener),
        Attributes={"RawMessageDelivery": "true"},
    )
    arn: str = topic["TopicArn"]
    return arn, listener


async def test_match_reaches_every_kind_of_receiver(moto: str, tmp_path: Path) -> None:
    """One root login: a topic, a queue, a signed webhook and a mailbox hear of it."""
    async with (
        made_world(moto, tmp_path) as world,
        running_webhook() as hook,
        running_mail_server() as mail,
    ):
        topic_arn, listener = await alarm_topic(world)
        direct = await world.queue("direct")
        world.write_rules(metric_filters=[ROOT_LOGIN])
        config = world.write_config(
            notify={
                "receivers": [
                    {
                        "name": "all",
                        "sns": [{"topic_arn": topic_arn}],
                        "sqs": [{"queue_url": direct}],
                        "webhook": [
                            {"url": f"{hook.origin}/hook", "hmac_secret": "s3cret"}
                        ],
                        "email": [
                            {
                                "to": ["oncall@example.com"],
                                "from": "relay@example.com",
                                "smtp": {"host": "127.0.0.1", "port": mail.port},
                            }
                        ],
                    }
                ],
                "route": {"receiver": "all"},
            }
        )
        login = record(
            "event-1",
            eventName="ConsoleLogin",
            eventSource="signin.amazonaws.com",
            userIdentity={"type": "Root", "arn": "arn:aws:iam::111122223333:root"},
        )
        await world.put_records(log_key("a"), [record("other"), login])
        async with running_relay(config) as relay:
            await world.announce([log_key("a")])
            await relay.until("relay_notifications_total", 4, outcome="sent")
            (by_topic,) = await world.receive(listener)
            (by_queue,) = await world.receive(direct)
            errors = [line for line in relay.log if line.get("level") == "error"]

    told = json.loads(by_topic)
    assert (told["AlarmName"], told["NewStateValue"]) == ("root-login", "ALARM")
    assert told["AlarmDescription"] == "The root user signed in."
    assert told["Trigger"]["MetricName"] == "root-login"
    assert told["Evidence"]["Events"][0]["eventID"] == "event-1"
    assert json.loads(by_queue)["NewStateValue"] == "ALARM"
    (posted,) = hook.posted
    assert posted.headers["X-Relay-Signature"].startswith("sha256=")
    assert json.loads(posted.body)["evidence"][0]["event_id"] == "event-1"
    (sent,) = mail.mails
    assert isinstance(sent.message, EmailMessage)
    assert "root-login" in str(sent.message["Subject"])
    assert errors == []


async def test_threshold_counts_per_user_and_fires_once(
    moto: str, tmp_path: Path
) -> None:
    """Three failures of one user within five minutes alarm; of two users they do not.

    A fourth failure, and the first three delivered again in another object, tell nobody
    a second time.
    """
    async with made_world(moto, tmp_path) as world:
        topic_arn, listener = await alarm_topic(world)
        world.write_rules(metric_filters=[FAILURES])
        config = world.write_config(
            notify={
                "receivers": [{"name": "all", "sns": [{"topic_arn": topic_arn}]}],
                "route": {"receiver": "all"},
            }
        )
        first = [
            failure("a-1", "alice", "2026-11-24T12:00:10Z"),
            failure("b-1", "bob", "2026-11-24T12:00:20Z"),
            failure("a-2", "alice", "2026-11-24T12:01:30Z"),
        ]
        third = failure("a-3", "alice", "2026-11-24T12:04:00Z")
        fourth = failure("a-4", "alice", "2026-11-24T12:04:30Z")
        for name, records in {
            "first": first,
            "second": [third],
            "again": [*first, third],
            "fourth": [fourth],
        }.items():
            await world.put_records(log_key(name), records)
        async with running_relay(config) as relay:
            await world.announce([log_key("first")])
            await relay.until("relay_records_total", 3, outcome="relayed")
            quiet = await relay.metric("relay_notifications_total", outcome="sent")
            await world.announce([log_key("second")])
            (told,) = await world.receive(listener)
            for name in ("again", "fourth"):
                await world.announce([log_key(name)])
            await relay.until("relay_records_total", 9, outcome="relayed")
            in_alarm = await relay.metric("relay_alarms", state="ALARM")
            sent = await relay.metric("relay_notifications_total", outcome="sent")
            repeats = await relay.metric("relay_filter_repeats_total")
            in_logs = len(world.messages(GROUP))

    message = json.loads(told)
    assert quiet == 0
    assert message["Group"] == {"$.userIdentity.userName": "alice"}
    assert [event["eventID"] for event in message["Evidence"]["Events"]] == [
        "a-3",
        "a-2",
        "a-1",
    ]
    assert (in_alarm, sent, repeats, in_logs) == (1, 1, 4, 9)


async def test_alarm_returns_to_ok_and_says_so(moto: str, tmp_path: Path) -> None:
    """After a period without a breach the alarm is OK again, and receivers hear it."""
    quick = {**ROOT_LOGIN, "alarm": {"period": "10s", "threshold": 1}}
    async with made_world(moto, tmp_path) as world, running_webhook() as hook:
        world.write_rules(metric_filters=[quick])
        config = world.write_config(
            notify={
                "receivers": [{"name": "all", "webhook": [{"url": hook.origin}]}],
                "route": {"receiver": "all"},
            }
        )
        login = record(
            "event-1", eventName="ConsoleLogin", userIdentity={"type": "Root"}
        )
        await world.put_records(log_key("a"), [login])
        async with running_relay(config) as relay:
            await world.announce([log_key("a")])
            await relay.logged("alarm changed state", alarm="root-login", new="ALARM")
            with anyio.fail_after(PATIENCE_SECS):
                await relay.until("relay_notifications_total", 2, outcome="sent")

    states = [json.loads(posted.body)["status"] for posted in hook.posted]
    assert states == ["firing", "resolved"]
