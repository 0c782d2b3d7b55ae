"""Names and addresses as AWS (and mail, HTTP) allow them, checked before any call.

Sources of the limits: the API references of CreateLogGroup, CreateLogStream,
PutRetentionPolicy, PutMetricFilter, PutMetricAlarm, and "Bucket naming rules" of the S3
User Guide.
"""

import re
import string
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

from relay.config.refusal import refusal
from relay.config.scalars import Whole, accepted_if, matching
from relay.config.secrets import Secret

SELF_WATCH_PREFIX = "self-watch-"
"""What the names of all built-in metric filters and alarms start with."""
RETENTION_DAYS = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192}
    | {2557, 2922, 3288, 3653}
)
STREAM_FIELDS = ("account", "region", "organization", "kind")
"""What a stream template may name, in braces."""
UNITS = frozenset(
    f"{size}{unit}".capitalize() + per
    for size in ("", "kilo", "mega", "giga", "tera")
    for unit in ("bytes", "bits")
    for per in ("", "/Second")
) | {
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Percent",
    "Count",
    "Count/Second",
    "None",
}
"""CloudWatch's StandardUnit."""

_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo")
_MAIL = re.compile(
    r"[^\s@<>,;\"]+@[^\s@<>,;\"]+|[^<>\r\n\"]*<[^\s@<>,;\"]+@[^\s@<>,;\"]+>"
)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")


def _split(url: str) -> SplitResult | None:
    """Return the parts of an http(s) URL with a host, or None when it is none."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        parts.port  # noqa: B018 - raises ValueError when the port is no number
    except ValueError:
        return None
    return parts if usable and not re.search(r"[\s\x00-\x1f]", url) else None


def is_http_url(text: str) -> bool:
    """Tell whether ``text`` is an http(s) URL with a host."""
    return _split(text) is not None


def is_queue_url(text: str) -> bool:
    """Tell whether ``text`` is a queue's URL: AWS's own, or an emulator's."""
    parts = _split(text)
    if parts is None or parts.query or parts.fragment:
        return False
    *account, name = parts.path.removeprefix("/").split("/")
    if _QUEUE_NAME.fullmatch(name) is None or not account:
        return False
    at_aws = re.search(r"\.amazonaws\.com(\.cn)?$", parts.hostname or "") is not None
    return not at_aws or (
        len(account) == 1 and re.fullmatch("[0-9]{12}", account[0]) is not None
    )


def is_bucket(text: str) -> bool:
    """Tell whether ``text`` can be the name of an S3 bucket."""
    return (
        _BUCKET.fullmatch(text) is not None
        and ".." not in text
        and _ADDRESS.fullmatch(text) is None
    )


def is_listen_address(text: str) -> bool:
    """Tell whether ``text`` is ``host:port`` or ``[ipv6]:port``."""
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):([0-9]{1,5})", text)
    return found is not None and int(found[2]) <= 65_535


def check_stream_template(template: str) -> str:
    """Return ``template`` when it is one; a refusal says what is wrong with it."""
    known = ", ".join(f"{{{name}}}" for name in STREAM_FIELDS)
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise refusal(f"is no template of {known}", detail=str(error)) from error
    for literal, name, form, conversion in parts:
        if name is not None and (name not in STREAM_FIELDS or form or conversion):
            raise refusal(f"is no template of {known}", detail=f"{{{name}}} is none")
        if ":" in literal or "*" in literal:
            raise refusal("holds ':' or '*', which no log stream's name may hold")
    if not 1 <= len(template) <= 512:
        raise refusal("is no stream name: 1 to 512 characters")
    return template


def check_headers(headers: Mapping[str, Secret]) -> Mapping[str, Secret]:
    """Return ``headers`` when HTTP allows them; a refusal names the header."""
    for name, value in headers.items():
        if re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) is None:
            raise refusal(f"has {name!r}, which is no header's name")
        text = value.reveal() if value.is_known else ""
        if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", text):
            raise refusal(f"has control characters in the header {name!r}")
    return headers


def check_tags(tags: Mapping[str, str]) -> Mapping[str, str]:
    """Return ``tags`` when CreateLogGroup takes them; a refusal names the tag."""
    if len(tags) > 50:
        raise refusal(f"has {len(tags)} tags; AWS takes 50")
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or key.lower().startswith("aws:"):
            raise refusal(
                f"has the tag {key!r}: 1 to 128 characters, not starting 'aws:'"
            )
        if len(value) > 256:
            raise refusal(f"has a value of over 256 characters for the tag {key!r}")
    return tags


def check_retention(days: int) -> int:
    """Return ``days`` when PutRetentionPolicy takes them."""
    if days not in RETENTION_DAYS:
        allowed = ", ".join(str(each) for each in sorted(RETENTION_DAYS))
        raise refusal(f"is no retention that AWS offers; write one of {allowed}")
    return days


def _check_secret_url(url: Secret) -> Secret:
    if url.is_known and not is_http_url(url.reveal()):
        raise refusal("is no http:// or https:// URL")
    return url


HttpUrl = Annotated[str, accepted_if(is_http_url, "is no http:// or https:// URL")]
SecretUrl = Annotated[Secret, AfterValidator(_check_secret_url)]
QueueUrl = Annotated[
    str,
    accepted_if(
        is_queue_url,
        "is no queue URL; it looks like"
        " https://sqs.eu-west-1.amazonaws.com/123456789012/name",
    ),
]
Bucket = Annotated[
    str,
    accepted_if(
        is_bucket,
        "is no bucket name: 3 to 63 of a-z 0-9 . -, starting and ending with a letter"
        " or digit",
    ),
]
ListenAddress = Annotated[
    str, accepted_if(is_listen_address, "is no address; write host:port or [ipv6]:port")
]
Region = Annotated[
    str, matching(r"[a-z0-9]+(-[a-z0-9]+)*", "is no region; it looks like eu-west-1")
]
RoleArn = Annotated[
    str,
    matching(
        r"arn:[a-z-]+:iam::[0-9]{12}:role/\S+",
        "is no role; it looks like arn:aws:iam::123456789012:role/name",
    ),
]
TopicArn = Annotated[
    str,
    matching(
        r"arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}",
        "is no topic; it looks like arn:aws:sns:eu-west-1:123456789012:name",
    ),
]
KeyArn = Annotated[
    str,
    matching(
        r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/\S+",
        "is no KMS key; CloudWatch Logs takes a key's whole ARN:"
        " arn:aws:kms:eu-west-1:123456789012:key/id",
    ),
]
LogGroup = Annotated[
    str,
    matching(
        r"(?!aws/)[.\-_/#A-Za-z0-9]{1,512}",
        "is no log group name: 1 to 512 of A-Z a-z 0-9 . - _ / #, not starting 'aws/'",
    ),
]
StreamTemplate = Annotated[str, AfterValidator(check_stream_template)]
RetentionDays = Annotated[Whole, AfterValidator(check_retention)]
MailAddress = Annotated[
    str,
    matching(_MAIL.pattern, "is no mail address; write name@host or Name <name@host>"),
]
AccountId = Annotated[str, matching(r"[0-9]{12}", "is no account id: 12 digits")]
LabelName = Annotated[
    str,
    matching(
        r"[A-Za-z_][A-Za-z0-9_]*",
        "is no label name: letters, digits and _, not starting with a digit",
    ),
]
FilterName = Annotated[
    str,
    matching(
        r"[^:*]{1,512}", "is no filter name: 1 to 512 characters without ':' or '*'"
    ),
]
MetricPart = Annotated[
    str,
    matching(
        r"[^:*$]{1,255}", "is no such name: 1 to 255 characters without ':' '*' '$'"
    ),
]
AlarmName = Annotated[
    str,
    matching(
        r"[^\x00-\x1f\x7f]{1,255}",
        "is no alarm name: 1 to 255 characters, no control characters",
    ),
]
_NOT_RESERVED = accepted_if(
    lambda name: not name.startswith(SELF_WATCH_PREFIX),
    f"is a built-in rule's name: {SELF_WATCH_PREFIX}... is kept for those",
)
OwnFilterName = Annotated[FilterName, _NOT_RESERVED]
"""The name that a rule file gives to a filter of its own."""
OwnAlarmName = Annotated[AlarmName, _NOT_RESERVED]
"""The name that a rule file gives to an alarm of its own."""
Unit = Annotated[
    str,
    accepted_if(
        lambda text: text in UNITS,
        "is no unit that CloudWatch knows, such as Count, Bytes, Seconds or None",
    ),
]
