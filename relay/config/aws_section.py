"""The section ``aws``: where and as whom AWS is called."""

from typing import Annotated

from pydantic import AfterValidator, Discriminator, Tag

from relay.config.names import HttpUrl, Region, RoleArn
from relay.config.refusal import refusal
from relay.config.scalars import Text, matching
from relay.config.secrets import Secret
from relay.config.section import Section


def _check_external_id(secret: Secret) -> Secret:
    if secret.reference is not None:
        raise refusal("cannot be read from AWS, which is only called with it")
    return secret


class AssumeRole(Section):
    """A role to assume before any call."""

    role_arn: RoleArn
    external_id: Annotated[Secret, AfterValidator(_check_external_id)] | None = None
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
    cloudwatch: ServiceAws = ServiceAws()
