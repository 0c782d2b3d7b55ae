"""What relay and its trail depend on, by the names that CloudTrail records call it."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from relay.config.aws_section import AssumeRole, Aws
from relay.config.schema import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Values of request parameters, with ``*``; empty where nothing is known."""

    trail: tuple[str, ...]
    buckets: tuple[str, ...]
    topic: tuple[str, ...]
    queue: tuple[str, ...]
    log_groups: tuple[str, ...]
    roles: tuple[str, ...]
    keys: tuple[str, ...]


def resources_of(config: Config) -> Resources:
    """Return the resources that ``config`` names."""
    watch, logs = config.self_watch, config.logs
    groups = [logs.group, *(route.group for route in logs.routes if route.group)]
    keys = (watch.kms_key, logs.create.kms_key)
    return Resources(
        trail=tuple(_trail(watch.trail)),
        buckets=config.source.buckets,
        # Unsubscribe names the subscription, whose ARN begins with the topic's.
        topic=(watch.topic_arn, f"{watch.topic_arn}:*") if watch.topic_arn else (),
        # Of the queue there are several URLs; they end in the same path.
        queue=(f"*{urlsplit(config.source.queue_url).path}",),
        log_groups=tuple(dict.fromkeys(groups)),
        roles=tuple(dict.fromkeys(_roles(watch.role, config.aws))),
        # A key may be named by its id alone.
        keys=tuple(dict.fromkeys(f"*{key.rpartition('/')[2]}" for key in keys if key)),
    )


def _trail(trail: str | None) -> Iterator[str]:
    """Yield the trail as a call may name it: by its name or by its ARN."""
    if trail is not None:
        name = trail.rpartition("/")[2]
        yield name
        yield f"*:trail/{name}"


def _roles(role: str | None, aws: Aws) -> Iterator[str]:
    """Yield the names of the roles that relay calls AWS as, without their paths."""
    services = (aws.s3, aws.sqs, aws.logs, aws.sns, aws.cloudwatch)
    for each in (role, aws.assume_role, *(one.assume_role for one in services)):
        arn = each.role_arn if isinstance(each, AssumeRole) else each
        if arn is not None:
            yield arn.rpartition("/")[2]
