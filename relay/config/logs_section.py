"""The section ``logs``: where records go in CloudWatch Logs."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from relay.config.names import (
    KeyArn,
    LogGroup,
    RetentionDays,
    StreamTemplate,
    check_tags,
)
from relay.config.pattern_text import PatternText
from relay.config.refusal import refusal
from relay.config.scalars import Duration, Switch, Whole
from relay.config.section import Section


class Create(Section):
    """What to do about a missing log group; streams are always created."""

    group: Switch = True
    retention_days: RetentionDays | None = None
    """Without it, log events never expire."""
    tags: Annotated[dict[str, str], AfterValidator(check_tags)] = Field(default={})
    kms_key: KeyArn | None = None


class LogRoute(Section):
    """Records that match go to this group and stream, or nowhere with ``drop``."""

    extensions: Switch = False
    """Whether the pattern may use what CloudWatch Logs does not know."""
    match: PatternText
    """A filter pattern."""
    group: LogGroup | None = None
    stream: StreamTemplate | None = None
    drop: Switch = False

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if self.drop and (self.group is not None or self.stream is not None):
            raise refusal("has drop together with group or stream; keep one of them")
        if not self.drop and self.group is None and self.stream is None:
            raise refusal("changes nothing; give it group, stream or drop: true")
        return self


class Logs(Section):
    """Where records go in CloudWatch Logs."""

    group: LogGroup
    stream: StreamTemplate = "{account}_CloudTrail_{region}"
    """A template of {account}, {region}, {organization} and {kind}."""
    timestamp: Literal["delivery", "event_time", "arrival"] = "delivery"
    linger: Duration = Field(default=0.0, le=60)
    """How long log events may wait for others to share a call with."""
    max_parallel_puts: Whole = Field(default=8, ge=1, le=64)
    """The most calls under way to one stream; there are fewer when it is slow."""
    compression: Literal["none", "gzip"] = "none"
    """Of PutLogEvents bodies: CloudWatch Logs takes gzip but does not document it."""
    create: Create = Create()
    routes: tuple[LogRoute, ...] = ()
    """The first that matches wins."""
