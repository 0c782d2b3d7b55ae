"""What may stand in relay.yaml: one frozen model a section, unknown keys refused.

A stage is given its own section and nothing else. Durations are seconds, sizes are
bytes; docs and messages show them as people write them (``5m``, ``256MiB``).
"""

import re
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from relay.config.names import (
    Bucket,
    HttpUrl,
    KeyArn,
    LabelName,
    ListenAddress,
    LogGroup,
    MailAddress,
    QueueUrl,
    Region,
    RetentionDays,
    RoleArn,
    SecretUrl,
    StreamTemplate,
    TopicArn,
    check_headers,
    check_tags,
)
from relay.config.pattern_text import PatternText
from relay.config.refusal import refusal
from relay.config.rules import RuleSet
from relay.config.scalars import Duration, Size, Switch, Text, Whole, matching
from relay.config.secrets import Secret
from relay.patterns import Pattern


class Section(BaseModel):
    """What all sections share: frozen, strict about keys, documented by attribute."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


# --- aws ------------------------------------------------------------------------------


class AssumeRole(Section):
    """A role to assume before any call."""

    role_arn: RoleArn
    external_id: Secret | None = None
    session_name: Annotated[
        str,
        matching(
            r"[\w+=,.@-]{2,64}", "is no session name: 2 to 64 of A-Z a-z 0-9 _+=,.@-"
        ),
    ] = "relay"


def _role_kind(value: object) -> str:
    return "arn" if isinstance(value, str) else "role"


Role = Annotated[
    Annotated[AssumeRole, Tag("role")] | Annotated[RoleArn, Tag("arn")],
    Discriminator(_role_kind),
]
"""A role's ARN alone, or the role with what its trust policy asks for."""


class ServiceAws(Section):
    """What one service may set apart from ``aws``."""

    region: Region | None = None
    endpoint_url: HttpUrl | None = None
    profile: Text | None = None
    assume_role: Role | None = None


class Aws(Section):
    """Where and as whom AWS is called; without a profile the usual credential chain."""

    region: Region | None = None
    """Without it, the region of the queue's URL or of the environment."""
    endpoint_url: HttpUrl | None = None
    """An emulator or a VPC endpoint for all services."""
    profile: Text | None = None
    assume_role: Role | None = None
    """A role's ARN, or role_arn with external_id and session_name."""
    s3: ServiceAws = ServiceAws()
    sqs: ServiceAws = ServiceAws()
    logs: ServiceAws = ServiceAws()
    sns: ServiceAws = ServiceAws()


# --- source ---------------------------------------------------------------------------


class MaxInFlight(Section):
    """How much may be under way at once; receiving waits while it is reached."""

    messages: Whole = Field(default=100, ge=1, le=100_000)
    bytes: Size = 256 * 2**20
    """Counted decompressed."""


class Limits(Section):
    """What one object may measure; a larger one is set aside, not read on."""

    object: Size = 64 * 2**20
    decompressed: Size = 2**30
    records: Whole = Field(default=1_000_000, ge=1)


class Source(Section):
    """The SQS queue that the trail's notices come through, and the buckets to read."""

    queue_url: QueueUrl
    buckets: tuple[Bucket, ...] = Field(min_length=1)
    """Objects of no other bucket are read, whatever a message says."""
    visibility_timeout: Duration = Field(default=300.0, ge=10, le=43_200)
    max_in_flight: MaxInFlight = MaxInFlight()
    limits: Limits = Limits()
    pollers: Whole = Field(default=2, ge=1, le=32)
    """Concurrent long polls."""
    drain_timeout: Duration = 20.0
    """How long a stop waits for what is under way before it is handed back."""


# --- logs -----------------------------------------------------------------------------


class Create(Section):
    """What to do about a missing log group; streams are always created."""

    group: Switch = True
    retention_days: RetentionDays | None = None
    """Without it, log events never expire."""
    tags: Annotated[dict[str, str], AfterValidator(check_tags)] = {}
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
    create: Create = Create()
    routes: tuple[LogRoute, ...] = ()
    """The first that matches wins."""


# --- notify ---------------------------------------------------------------------------


class SnsTarget(Section):
    """An SNS topic; gets what a CloudWatch alarm publishes, and Evidence."""

    topic_arn: TopicArn


class SqsTarget(Section):
    """An SQS queue; gets the same message as an SNS topic."""

    queue_url: QueueUrl


class WebhookTarget(Section):
    """An HTTP address that notifications are POSTed to as JSON."""

    url: SecretUrl
    """A secret, since those of chat services hold a token."""
    headers: Annotated[dict[str, Secret], AfterValidator(check_headers)] = {}
    hmac_secret: Secret | None = None
    """Signs the body with HMAC-SHA256."""
    timeout: Duration = 10.0


class Smtp(Section):
    """The mail server."""

    host: Text
    port: Whole = Field(default=25, ge=1, le=65_535)
    tls: Literal["none", "starttls", "tls"] = "none"
    username: Secret | None = None
    password: Secret | None = None
    timeout: Duration = 30.0

    @model_validator(mode="after")
    def _has_whole_login(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise refusal("has only one of username and password; give both or none")
        return self


class EmailTarget(Section):
    """Mail addresses, reached by SMTP."""

    to: tuple[MailAddress, ...] = Field(min_length=1)
    from_: MailAddress = Field(alias="from")
    smtp: Smtp


class Receiver(Section):
    """A named set of targets; each gets every notification that is routed here."""

    name: Text
    sns: tuple[SnsTarget, ...] = ()
    sqs: tuple[SqsTarget, ...] = ()
    webhook: tuple[WebhookTarget, ...] = ()
    email: tuple[EmailTarget, ...] = ()


class ChildRoute(Section):
    """Notifications whose labels equal all of ``match`` go to ``receiver``."""

    match: dict[LabelName, str] = {}
    receiver: str | None = None
    """Without one, the parent's."""
    continue_: Switch = Field(default=False, alias="continue")
    """Look at the following siblings as well."""
    repeat_interval: Duration | None = None
    send_resolved: Switch | None = None
    routes: tuple["ChildRoute", ...] = ()


class Route(Section):
    """The root of the routing tree (Alertmanager's): matches everything."""

    receiver: str
    repeat_interval: Duration = 4 * 3600.0
    """Remind as long as an alarm stays in ALARM; 0s: never."""
    send_resolved: Switch = True
    routes: tuple[ChildRoute, ...] = ()


class Notify(Section):
    """Who is told of alarms."""

    receivers: tuple[Receiver, ...] = ()
    route: Route | None = None


# --- the rest -------------------------------------------------------------------------


def _state_url(url: str) -> str:
    if url.startswith(("redis:", "rediss:", "valkey:")):
        raise refusal(
            "is not available in this version; write sqlite:///path/to/state.db"
        )
    if re.fullmatch(r"sqlite:///[^?#]*[^?#/]", url) is None:
        raise refusal("is no state store; write sqlite:///path/to/state.db")
    return url


class State(Section):
    """Where state is kept that outlives the process."""

    url: Annotated[str, AfterValidator(_state_url)] = "sqlite:///var/lib/relay/state.db"


class LogOutput(Section):
    """The daemon's own log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class TelemetryOutput(Section):
    """The daemon's own metrics and logs."""

    listen: ListenAddress = "127.0.0.1:9815"
    """Address of /metrics, /healthz and /readyz; port 0 picks a free one."""
    log: LogOutput = LogOutput()


class Config(Section):
    """relay.yaml, whole, with every rule file that it names resolved."""

    aws: Aws = Aws()
    source: Source
    logs: Logs
    rules: tuple[Text, ...] = ()
    """Rule files, as globs relative to this file."""
    state: State = State()
    notify: Notify = Notify()
    telemetry: TelemetryOutput = TelemetryOutput()


class Loaded(BaseModel):
    """A valid configuration and the rules that it names.

    ``log_matches`` are the compiled patterns of ``config.logs.routes``, in their order.
    ``warnings`` (``file:line: ...``) are what AWS would refuse or what may surprise.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    config: Config
    rules: RuleSet
    log_matches: tuple[Pattern, ...] = ()
    warnings: tuple[str, ...] = ()
