"""What may stand in a setup file: the AWS side of a relay."""

from typing import Annotated

from pydantic import Field

from relay.config.aws_section import Aws
from relay.config.names import Bucket, KeyArn, LogGroup, Region, RetentionDays
from relay.config.scalars import Switch, Whole, matching
from relay.config.section import Section

SetupName = Annotated[
    str,
    matching(
        r"[a-z](?:-?[a-z0-9]){2,30}",
        "is no setup name: 3 to 31 of a-z 0-9, words joined by a single -",
    ),
]
"""Short, because it starts the names of buckets and roles."""
KeyPrefix = Annotated[
    str,
    matching(
        r"[A-Za-z0-9!_.*'()-](?:[A-Za-z0-9!_.*'()/-]{0,198}[A-Za-z0-9!_.*'()-])?",
        "is no prefix: up to 200 of A-Z a-z 0-9 ! _ . * ' ( ) / -, no / at its ends",
    ),
]
TopicName = Annotated[
    str,
    matching(
        r"(arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:)?[A-Za-z0-9_-]{1,256}",
        "is no standard topic; write its name or its ARN",
    ),
]
QueueName = Annotated[
    str,
    matching(
        r"[A-Za-z0-9_-]{1,67}",
        "is no standard queue's name: up to 67 of A-Z a-z 0-9 _ -",
    ),
]
"""13 characters shorter than SQS allows: -dead-letters follows."""
TrailName = Annotated[
    str,
    matching(
        r"(?=.{3,128}$)[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*",
        "is no trail's name: 3 to 128 letters and digits, joined by . _ or -",
    ),
]
OrganizationId = Annotated[
    str,
    matching(r"o-[a-z0-9]{10,32}", "is no organization; it looks like o-abc123def4"),
]
RoleName = Annotated[
    str,
    matching(r"[\w+=,.@-]{1,64}", "is no role's name: 1 to 64 of A-Z a-z 0-9 _+=,.@-"),
]
ServiceName = Annotated[
    str,
    matching(
        r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?",
        "is no service; it looks like ec2.amazonaws.com",
    ),
]


class SetupBucket(Section):
    """The bucket that CloudTrail writes to."""

    name: Bucket | None = None
    """Without it the setup's name, the account and the region."""
    prefix: KeyPrefix | None = None
    """What the keys of log files start with."""
    expire_days: Whole | None = Field(default=None, ge=1, le=36_500)
    """After how many days log files are deleted; without it never."""


class SetupTrail(Section):
    """The trail."""

    name: TrailName | None = None
    """Without it the setup's name. An existing trail brings its bucket and topic."""
    multi_region: Switch = True
    organization: OrganizationId | None = None
    """The organization whose accounts all log to it; run setup as its management."""
    validate_log_files: Switch = True
    """Whether CloudTrail writes digests by which tampering is found out."""
    kms_key: KeyArn | None = None
    """Encrypts log files; an existing key, whose policy gets two statements."""


class SetupLogs(Section):
    """The log group in CloudWatch Logs."""

    group: LogGroup = "/relay/cloudtrail"
    retention_days: RetentionDays | None = 365
    kms_key: KeyArn | None = None
    """Encrypts log events; an existing key, whose policy gets one statement."""


class SetupRole(Section):
    """The role that the daemon runs as, allowed what its configuration needs."""

    name: RoleName | None = None
    """Without it the setup's name."""
    service: ServiceName = "ec2.amazonaws.com"
    """Who hands the role to the daemon: ec2, or ecs-tasks.amazonaws.com."""


class SetupFile(Section):
    """The AWS side of a relay; every part has a default."""

    name: SetupName = "cloudtrail-relay"
    """Tags and policy statements carry it, so that several setups share an account."""
    region: Region | None = None
    """The trail's home; without it aws.region, or the environment's."""
    aws: Aws = Aws()
    """As whom AWS is called, as in relay.yaml."""
    bucket: SetupBucket = SetupBucket()
    topic: TopicName | None = None
    """Without it the setup's name and -trail."""
    queue: QueueName | None = None
    """Without it the setup's name."""
    trail: SetupTrail = SetupTrail()
    logs: SetupLogs = SetupLogs()
    role: SetupRole | None = None
    """Without it no role is made."""
