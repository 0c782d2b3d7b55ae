"""Target names are stable and show no secret."""

import pytest

from relay.config.notify_section import Receiver
from relay.config.secret_references import parse_reference
from relay.config.secrets import Secret
from relay.notify.targets import Address, TargetKind, origin, target_keys

RECEIVER = Receiver.model_validate(
    {
        "name": "security",
        "sns": [{"topic_arn": "arn:aws:sns:eu-west-1:123456789012:security"}],
        "sqs": [{"queue_url": "https://sqs.eu-west-1.amazonaws.com/123456789012/q"}],
        "webhook": [{"url": "https://user:pass@hooks.example.com:8443/T0/s3cret?k=v"}],
        "email": [
            {
                "to": ["a@example.com", "b@example.com"],
                "from": "relay@example.com",
                "smtp": {"host": "mail.example.com"},
            }
        ],
    }
)


def test_names_every_kind_of_target() -> None:
    """Each name starts with the kind, and none holds more of a URL than its host."""
    assert target_keys(RECEIVER) == (
        "sns:arn:aws:sns:eu-west-1:123456789012:security",
        "sqs:https://sqs.eu-west-1.amazonaws.com/123456789012/q",
        "webhook:https://hooks.example.com:8443/#43bf20595955",
        "email:mail.example.com:25:a@example.com,b@example.com",
    )


def test_webhooks_of_one_host_have_different_names() -> None:
    """The hash in the name tells two addresses apart."""
    urls = [
        {"url": "https://hooks.example.com/a"},
        {"url": "https://hooks.example.com/b"},
    ]
    receiver = Receiver.model_validate({"name": "x", "webhook": urls})

    assert len(target_keys(receiver)) == 2


def test_a_target_written_twice_is_one_target() -> None:
    """It is told once."""
    topic = {"topic_arn": "arn:aws:sns:eu-west-1:123456789012:security"}
    receiver = Receiver.model_validate({"name": "x", "sns": [topic, topic]})

    assert len(target_keys(receiver)) == 1


@pytest.mark.parametrize("target", target_keys(RECEIVER))
def test_the_kind_is_read_from_the_name(target: str) -> None:
    """An address knows its kind, which is a label of the counters."""
    kind = Address(receiver="security", target=target).kind

    assert kind is TargetKind(target.split(":", 1)[0])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://hooks.example.com/secret", "https://hooks.example.com"),
        ("http://u:p@127.0.0.1:8080/x", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/x", "http://[::1]:8080"),
        ("nonsense", "://"),
    ],
)
def test_an_origin_is_all_that_is_shown_of_a_url(url: str, expected: str) -> None:
    """No path, no query, no user and no password."""
    assert origin(url) == expected


SECRET = "s3cret"
OTHERS = Receiver.model_validate(
    {
        "name": "others",
        "slack": [
            {"url": f"https://hooks.slack.com/services/{SECRET}"},
            {"token": SECRET, "channel": "C01"},
        ],
        "teams": [{"url": f"https://flow.example.com/x?sig={SECRET}"}],
        "discord": [{"url": f"https://discord.com/api/webhooks/1/{SECRET}"}],
        "telegram": [
            {"token": SECRET, "chat_id": -100},
            {"token": SECRET, "chat_id": "@ops", "thread_id": 7},
        ],
        "pagerduty": [{"routing_key": SECRET}],
        "opsgenie": [{"api_key": SECRET}],
        "servicenow": [{"url": "https://x.service-now.com", "bearer_token": SECRET}],
        "jira": [{"url": "https://x.atlassian.net", "project": "SEC"}],
        "alertmanager": [{"url": f"http://u:{SECRET}@localhost:9093"}],
        "syslog": [{"host": "log.example.com"}],
        "file": [{"path": "-"}],
        "apprise": [{"url": f"ntfy://{SECRET}@ntfy.sh/x"}],
    }
)


def test_names_of_services_hold_no_secret() -> None:
    """Where a token is no part of the name, it may be changed at any time."""
    names = target_keys(OTHERS)

    assert SECRET not in "".join(names)
    assert names[:2] == (
        "slack:https://hooks.slack.com/#41bef8e90759",
        "slack:https://slack.com/C01",
    )
    assert [name.partition("#")[0] for name in names[2:]] == [
        "teams:https://flow.example.com/",
        "discord:https://discord.com/",
        "telegram:https://api.telegram.org/-100",
        "telegram:https://api.telegram.org/@ops/7",
        "pagerduty:https://events.pagerduty.com/",
        "opsgenie:https://api.opsgenie.com/",
        "servicenow:https://x.service-now.com/",
        "jira:https://x.atlassian.net/",
        "alertmanager:http://localhost:9093/",
        "syslog:tls://log.example.com:6514/local0/cloudtrail-relay",
        "file:-",
        "apprise:ntfy/",
    ]


def test_a_secret_that_aws_rotates_keeps_its_name() -> None:
    """Notifications that wait for the target still find it."""
    reference = parse_reference("secretsmanager:hook#url")
    names = set()
    for path in ("before", "rotated"):
        url = Secret(f"https://hooks.example.com/{path}", reference=reference)
        receiver = Receiver.model_validate({"name": "r", "webhook": [{"url": url}]})
        names |= set(target_keys(receiver))

    assert len(names) == 1
