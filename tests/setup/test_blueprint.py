"""Tests of names: defaults, those that were given, and what an existing trail says."""

import pytest

from relay.config.setup_schema import SetupFile
from relay.errors import ConfigError
from relay.setup.blueprint import Blueprint, FoundTrail, blueprint
from relay.setup.resource import Kind

TRAIL = FoundTrail(
    name="org",
    bucket="org-logs",
    prefix=None,
    topic_arn="arn:aws:sns:eu-west-1:111122223333:org-topic",
)


def resolved(found: FoundTrail | None = None, **options: object) -> Blueprint:
    """Return the names of a setup in one account."""
    return blueprint(
        SetupFile.model_validate(options),
        account="111122223333",
        region="eu-west-1",
        partition="aws",
        found=found,
    )


def test_defaults_follow_from_the_setups_name() -> None:
    """The bucket's name is the only one that all the world shares."""
    plan = resolved(name="two")

    assert plan.bucket == "two-111122223333-eu-west-1"
    assert (plan.topic, plan.queue, plan.trail) == ("two-trail", "two", "two")
    assert plan.dead_letter_queue == "two-dead-letters"
    assert plan.sid("Write") == "TwoWrite"
    assert plan.named == frozenset()


def test_names_that_are_given_may_exist() -> None:
    """Of a topic the ARN will do."""
    plan = resolved(
        bucket={"name": "logs"},
        topic=TRAIL.topic_arn,
        logs={"group": "/relay/cloudtrail"},
        role={"name": "r"},
    )

    assert plan.named == {Kind.BUCKET, Kind.TOPIC, Kind.LOG_GROUP, Kind.ROLE}
    assert plan.topic_arn == TRAIL.topic_arn


def test_arns_are_of_the_partition() -> None:
    """China and GovCloud have their own."""
    plan = blueprint(
        SetupFile(), account="111122223333", region="cn-north-1", partition="aws-cn"
    )

    assert plan.bucket_arn.startswith("arn:aws-cn:s3:::cloudtrail-relay-")
    assert plan.trail_arn.startswith("arn:aws-cn:cloudtrail:cn-north-1:111122223333:")


def test_topic_of_another_region_is_refused() -> None:
    """Its policy is out of reach."""
    with pytest.raises(ConfigError, match="is not of account 111122223333"):
        resolved(topic="arn:aws:sns:us-east-1:111122223333:t")


def test_trails_own_places_may_be_repeated() -> None:
    """Naming what the trail has anyway is no contradiction."""
    plan = resolved(
        TRAIL, trail={"name": "org"}, bucket={"name": "org-logs"}, topic="org-topic"
    )

    assert (plan.bucket, plan.topic) == ("org-logs", "org-topic")


def test_trail_without_a_topic_takes_the_one_that_is_named() -> None:
    """There is none that it would be taken from."""
    silent = FoundTrail(name="org", bucket="org-logs", prefix="x", topic_arn=None)

    plan = resolved(silent, trail={"name": "org"}, topic="mine")

    assert (plan.prefix, plan.topic) == ("x", "mine")


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"bucket": {"name": "other"}}, "bucket.name"),
        ({"bucket": {"prefix": "other"}}, "bucket.prefix"),
        ({"topic": "other"}, "topic"),
    ],
    ids=["bucket", "prefix", "topic"],
)
def test_trail_is_not_taken_elsewhere(options: dict[str, object], option: str) -> None:
    """Each contradiction is named."""
    with pytest.raises(ConfigError, match=rf"^{option}: is other, but trail org"):
        resolved(TRAIL, trail={"name": "org"}, **options)
