"""relay.config.source_section: what may be said of the queue and the buckets."""

from typing import Any

import pytest
from pydantic import ValidationError

from relay.config.source_section import Source

BASE = {"queue_url": "http://localhost/1/q", "buckets": ["org-trail-logs"]}
ARN = "arn:aws:s3:eu-west-1:123456789012:accesspoint/security"
ALIAS = "security-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias"


def test_defaults_ask_nothing_of_s3() -> None:
    """No owner, no payer, no access point, no age; one poll to eight."""
    source = Source.model_validate(BASE)

    assert source.expected_bucket_owner is None
    assert source.request_payer is False
    assert source.access_points == {}
    assert source.max_age is None
    assert source.pollers == 8


@pytest.mark.parametrize(
    "options",
    [
        {"expected_bucket_owner": "012345678901"},
        {"request_payer": True},
        {"access_points": {"org-trail-logs": ARN}},
        {"access_points": {"org-trail-logs": ALIAS}},
        {"max_age": "1m"},
        {"max_age": "14d"},
        {"pollers": 1},
        {"pollers": 32},
    ],
    ids=str,
)
def test_good_options_are_taken(options: dict[str, Any]) -> None:
    """Accounts keep their leading zeros; both names of an access point will do."""
    source = Source.model_validate(BASE | options)

    (name,) = options
    assert getattr(source, name)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"expected_bucket_owner": "12345"}, "is no account"),
        ({"expected_bucket_owner": "a" * 12}, "is no account"),
        ({"request_payer": "requester"}, "bool"),
        ({"access_points": {"org-trail-logs": "security"}}, "is no access point"),
        (
            {"access_points": {"org-trail-logs": ARN.replace(":s3:", ":sqs:")}},
            "is no access point",
        ),
        ({"access_points": {"another-bucket": ARN}}, "another-bucket"),
        ({"access_points": {"No": ARN}}, "is no bucket name"),
        ({"max_age": "59s"}, "greater than or equal to 60"),
        ({"pollers": 0}, "greater than or equal to 1"),
        ({"pollers": 33}, "less than or equal to 32"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], text: str) -> None:
    """Before anything is called with them."""
    with pytest.raises(ValidationError, match=text):
        Source.model_validate(BASE | options)
