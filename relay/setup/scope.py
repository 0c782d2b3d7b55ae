"""Whose account and region ARNs are of, and how permissions are written; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relay.aws.queue_url import queue_account, queue_region

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The account and region that names stand in where they say nothing else."""

    account: str
    region: str
    partition: str = "aws"

    def arn(self, service: str, rest: str, *, region: str | None = None) -> str:
        """Return an ARN of this account."""
        place = self.region if region is None else region
        return f"arn:{self.partition}:{service}:{place}:{self.account}:{rest}"

    def bucket_arn(self, bucket: str) -> str:
        """Return a bucket's ARN, which names neither account nor region."""
        return f"arn:{self.partition}:s3:::{bucket}"

    def queue_arn(self, url: str) -> str:
        """Return the ARN of the queue at ``url``."""
        region = queue_region(url) or self.region
        account = queue_account(url) or self.account
        name = url.rstrip("/").rsplit("/", 1)[-1]
        return f"arn:{self.partition}:sqs:{region}:{account}:{name}"


def allow(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[str],
    condition: Mapping[str, Any] | None = None,
) -> list[Statement]:
    """Return the statement that allows this, none when there is no resource."""
    if not resources or not actions:
        return []
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": list(actions),
        "Resource": list(dict.fromkeys(resources)),
    }
    return [statement | ({"Condition": dict(condition)} if condition else {})]
