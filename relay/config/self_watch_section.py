"""The section ``self_watch``: relay watches the trail that it lives on, and itself."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from relay.config.names import RoleArn, TopicArn
from relay.config.refusal import refusal
from relay.config.scalars import Duration, Switch, matching
from relay.config.section import Section

Trail = Annotated[
    str,
    matching(
        r"(arn:[a-z-]+:cloudtrail:[a-z0-9-]+:[0-9]{12}:trail/)?[A-Za-z0-9._-]{3,128}",
        "is no trail; write its name or its ARN",
    ),
]
Key = Annotated[
    str,
    matching(
        r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+",
        "is no KMS key; it looks like arn:aws:kms:eu-west-1:123456789012:key/id",
    ),
]


class SelfWatchRule(StrEnum):
    """One built-in rule; the value is how the configuration names it."""

    TRAIL = "trail"
    BUCKET = "bucket"
    TOPIC = "topic"
    QUEUE = "queue"
    LOG_GROUP = "log_group"
    ROLE = "role"
    KEY = "key"
    SILENT = "silent"
    CLOUDTRAIL_LATE = "cloudtrail_late"
    RELAY_LATE = "relay_late"


def _each_once(rules: tuple[SelfWatchRule, ...]) -> tuple[SelfWatchRule, ...]:
    if len(set(rules)) < len(rules):
        raise refusal("names a rule twice")
    return rules


class SelfWatch(Section):
    """Built-in rules about the trail, what it needs, and its delays.

    Their alarms have the label ``origin: self`` and are routed as all others.
    """

    enabled: Switch = True
    disable: Annotated[tuple[SelfWatchRule, ...], AfterValidator(_each_once)] = ()
    """Rules to do without."""
    trail: Trail | None = None
    """Name or ARN; without it, changes to any trail count."""
    topic_arn: TopicArn | None = None
    """The topic that the trail announces objects through; without it, any topic."""
    role: RoleArn | None = None
    """The role that relay runs as; without it, aws.assume_role."""
    kms_key: Key | None = None
    """The key that the trail encrypts with."""
    silent_after: Duration = Field(default=86_400.0, ge=600, le=7 * 86_400)
    """How long an account and region may deliver nothing."""
    cloudtrail_late: Duration = Field(default=1_800.0, ge=60, le=86_400)
    """How old the newest record of an object may be when CloudTrail stores it."""
    relay_late: Duration = Field(default=300.0, ge=10, le=86_400)
    """How long what was announced may wait until the rules have seen it."""
