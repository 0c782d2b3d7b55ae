"""Evidence: who, what, from where, for every kind of record."""

import json
from typing import Any

import pytest

from relay.model import Evidence, FileKind, LogFileKey, LogObject
from relay.rules.evidence import EVIDENCE_FIELDS, EvidenceReader
from relay.trail.projection import Projection
from relay.trail.records import split_records

_KEY = LogFileKey(kind=FileKind.EVENTS, account="111122223333", region="eu-west-1")
_SOURCE = LogObject(
    bucket="trail", key="k" * 300, etag="e", last_modified=0.0, body=b""
)
_PROJECTION = Projection(EVIDENCE_FIELDS)


def _read(record: dict[str, Any]) -> Evidence:
    data = json.dumps([record]).encode()
    split = split_records(data, _PROJECTION, max_records=1)
    return EvidenceReader(_PROJECTION).read(split.records[0], _SOURCE, _KEY)


def test_a_full_record_gives_everything() -> None:
    """Every member is read from its place in the record, or is the object's."""
    evidence = _read(
        {
            "eventID": "id-1",
            "eventTime": "2026-09-14T05:42:40Z",
            "eventName": "StopLogging",
            "eventSource": "cloudtrail.amazonaws.com",
            "userIdentity": {
                "type": "IAMUser",
                "arn": "arn:aws:iam::444455556666:user/admins/mallory",
                "userName": "mallory",
            },
            "recipientAccountId": "444455556666",
            "awsRegion": "us-east-1",
            "sourceIPAddress": "198.51.100.7",
            "userAgent": "aws-cli/2",
            "errorCode": "AccessDenied",
            "errorMessage": "not authorized",
        }
    )

    assert evidence == Evidence(
        event_id="id-1",
        event_time="2026-09-14T05:42:40Z",
        event_name="StopLogging",
        event_source="cloudtrail.amazonaws.com",
        principal="admins/mallory",
        principal_type="IAMUser",
        account="444455556666",
        region="us-east-1",
        source_ip="198.51.100.7",
        user_agent="aws-cli/2",
        error_code="AccessDenied",
        error_message="not authorized",
        bucket="trail",
        key="k" * 300,
    )


def test_an_empty_record_is_still_located() -> None:
    """Account and region are those of the file; what is absent is None."""
    assert _read({}) == Evidence(
        account="111122223333", region="eu-west-1", bucket="trail", key="k" * 300
    )


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        pytest.param({"arn": "arn:aws:iam::1:root", "type": "Root"}, "root", id="root"),
        pytest.param(
            {"arn": "arn:aws:sts::1:assumed-role/Admin/alice@example.com"},
            "Admin/alice@example.com",
            id="assumed-role",
        ),
        pytest.param(
            {"arn": "arn:aws-cn:sts::1:federated-user/Bob"}, "Bob", id="federated"
        ),
        pytest.param({"arn": "arn:aws:iam::1:role/path/R"}, "path/R", id="role"),
        pytest.param({"arn": "arn:odd", "userName": "x"}, "arn:odd", id="odd-arn"),
        pytest.param(
            {"type": "IAMUser", "userName": "carol"}, "carol", id="failed-sign-in"
        ),
        pytest.param(
            {"type": "AWSService", "invokedBy": "config.amazonaws.com"},
            "config.amazonaws.com",
            id="service",
        ),
        pytest.param(
            {"sessionContext": {"sessionIssuer": {"userName": "R"}}}, "R", id="issuer"
        ),
        pytest.param(
            {"type": "AWSAccount", "principalId": "AIDA:x", "accountId": "1"},
            "AIDA:x",
            id="other-account",
        ),
        pytest.param({"type": "Unknown", "userName": ""}, "Unknown", id="type-only"),
        pytest.param({"arn": ["x"], "userName": {"a": 1}}, None, id="odd-types"),
        pytest.param("text", None, id="no-object"),
        pytest.param(None, None, id="null"),
    ],
)
def test_the_principal_is_a_name_that_people_know(
    identity: object, expected: str | None
) -> None:
    """User or role with session from the ARN, else the most telling other name."""
    assert _read({"userIdentity": identity}).principal == expected


def test_insights_name_their_event_elsewhere() -> None:
    """An Insight event's name, source and error code are inside insightDetails."""
    evidence = _read(
        {
            "insightDetails": {
                "eventName": "RunInstances",
                "eventSource": "ec2.amazonaws.com",
                "errorCode": "Client.InstanceLimitExceeded",
            }
        }
    )

    assert evidence.event_name == "RunInstances"
    assert evidence.event_source == "ec2.amazonaws.com"
    assert evidence.error_code == "Client.InstanceLimitExceeded"


def test_long_strings_are_shortened() -> None:
    """No value is longer than 256 characters, and a cut one says so."""
    evidence = _read(
        {"userAgent": "x" * 257, "eventName": "y" * 256, "errorCode": "\ud800"}
    )

    assert evidence.user_agent == "x" * 255 + "…"
    assert evidence.event_name == "y" * 256
    assert evidence.error_code == "?"
