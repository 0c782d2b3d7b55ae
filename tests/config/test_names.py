"""Tests of names and addresses, each against AWS's documented rules."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from relay.config import names
from relay.config.scalars import Text

GOOD: Mapping[str, tuple[Any, list[object]]] = {
    "queue": (
        names.QueueUrl,
        [
            "https://sqs.eu-west-1.amazonaws.com/123456789012/relay",
            "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/relay.fifo",
            "https://queue.amazonaws.com/123456789012/relay",
            "http://127.0.0.1:5000/123456789012/relay",
            "http://localhost:4566/queue/us-east-1/000000000000/relay",
            "http://[::1]:9324/queue/relay",
        ],
    ),
    "bucket": (names.Bucket, ["abc", "my.bucket-1", "a" * 63]),
    "url": (names.HttpUrl, ["http://localhost:4566", "https://a.b/c?d=e"]),
    "listen": (names.ListenAddress, ["127.0.0.1:0", "[::1]:9815", "localhost:65535"]),
    "region": (names.Region, ["eu-west-1", "us-gov-west-1", "local"]),
    "role": (names.RoleArn, ["arn:aws:iam::123456789012:role/path/relay"]),
    "topic": (names.TopicArn, ["arn:aws-cn:sns:cn-north-1:123456789012:a.fifo"]),
    "key": (names.KeyArn, ["arn:aws:kms:eu-west-1:123456789012:key/1-2"]),
    "group": (names.LogGroup, ["/aws/x", "a.b-c_d/e#f", "g" * 512]),
    "stream": (names.StreamTemplate, ["{account}_{region}{kind}{organization}", "x"]),
    "retention": (names.RetentionDays, [1, 365, "3653"]),
    "mail": (names.MailAddress, ["a@b", "On Call <on-call@example.com>"]),
    "label": (names.LabelName, ["severity", "_a1"]),
    "filter": (names.FilterName, ["a b/c", "f" * 512]),
    "metric": (names.MetricPart, ["AWS/EC2", "m" * 255]),
    "alarm": (names.AlarmName, ["ä: *", "a" * 255]),
    "unit": (names.Unit, ["Count", "Kilobytes", "Terabits/Second", "None"]),
    "text": (Text, [" "]),
}
BAD: Mapping[str, list[object]] = {
    "queue": [
        "relay",
        "https://sqs.eu-west-1.amazonaws.com/123/relay",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/x/relay",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/re lay",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/relay?a=b",
        "http://localhost/relay",
        "http://localhost:x/1/relay",
        "ftp://localhost/1/relay",
        "arn:aws:sqs:eu-west-1:123456789012:relay",
    ],
    "bucket": ["ab", "A-bucket", "a..b", "1.2.3.4", "-ab", "a" * 64, "a_b"],
    "url": ["localhost:4566", "http://", "ftp://a", "http://a b", "http://[a"],
    "listen": ["9815", ":9815", "host", "host:70000", "::1:9815", "a b:1"],
    "region": ["EU", "eu--west", ""],
    "role": ["arn:aws:iam::1:role/x", "role"],
    "topic": ["arn:aws:sns:eu-west-1:123456789012:", "security"],
    "key": ["alias/relay", "arn:aws:kms:eu-west-1:123456789012:alias/x"],
    "group": ["", "aws/x", "a b", "a:b", "g" * 513],
    "stream": ["", "{", "{acount}", "{}", "{account!r}", "{account:>3}", "a:b", "a*b"],
    "retention": [2, 0, "x", True, 7.0],
    "mail": ["a", "@b", "a@", "a@b, c@d", "x\r\nBcc: <a@b>", "a <a@b> <c@d>"],
    "label": ["", "1a", "a-b"],
    "filter": ["", "a:b", "a*", "f" * 513],
    "metric": ["", "a:b", "a$", "m" * 256],
    "alarm": ["", "a\nb", "a" * 256],
    "unit": ["count", "Kilobyte", ""],
    "text": [""],
}


@pytest.mark.parametrize(
    ("kind", "value"),
    [(kind, each) for kind, (_, good) in GOOD.items() for each in good],
)
def test_good_names_are_taken(kind: str, value: object) -> None:
    """What AWS (or mail, HTTP) takes, relay takes."""
    assert str(TypeAdapter(GOOD[kind][0]).validate_python(value)) == str(value)


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, each) for kind, bad in BAD.items() for each in bad]
)
def test_bad_names_are_refused(kind: str, value: object) -> None:
    """What AWS would refuse at the first call is refused before it."""
    with pytest.raises(ValidationError):
        TypeAdapter(GOOD[kind][0]).validate_python(value)


def test_the_known_units_are_cloudwatchs() -> None:
    """PutMetricAlarm's StandardUnit has 27 values."""
    assert len(names.UNITS) == 27
