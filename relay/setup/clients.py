"""The AWS clients of setup, and whose account and region it works in."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError

from relay.aws.sdk_config import sdk_config
from relay.aws.sessions import Sessions
from relay.clock import Clock
from relay.config.aws_section import AssumeRole, Aws
from relay.errors import ConfigError
from relay.setup.calls import done


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupClients:
    """One client a service; None for one that a setup has no use for."""

    s3: Any
    sns: Any
    sqs: Any
    logs: Any
    cloudtrail: Any
    iam: Any = None
    kms: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The clients, and the account, region and partition that they call."""

    clients: SetupClients
    account: str
    region: str
    partition: str


async def open_place(
    stack: AsyncExitStack, aws: Aws, *, region: str | None, clock: Clock
) -> Place:
    """Open the clients in ``region``; ask whose account they call.

    ``stack`` closes them. Without ``region`` it is that of ``aws``, or of the
    environment. Raises ConfigError when there is none, or a profile does not exist;
    TransientError and RejectedError when the account cannot be found out.
    """
    sessions = Sessions(endpoint_url=aws.endpoint_url, clock=clock)
    try:
        region = (
            region
            or aws.region
            or sessions.get(aws.profile).get_config_variable("region")
        )
        if region is None:
            raise ConfigError(["region: not set; give --region, such as eu-west-1"])
        role = aws.assume_role
        session = sessions.get(
            aws.profile,
            AssumeRole(role_arn=role) if isinstance(role, str) else role,
            region,
        )

        async def client(service: str) -> Any:  # noqa: ANN401 - aiobotocore is untyped
            config = sdk_config(service, has_endpoint=aws.endpoint_url is not None)
            return await stack.enter_async_context(
                session.create_client(
                    service,
                    region_name=region,
                    endpoint_url=aws.endpoint_url,
                    config=config,
                )
            )

        sts = await client("sts")
        clients = SetupClients(
            s3=await client("s3"),
            sns=await client("sns"),
            sqs=await client("sqs"),
            logs=await client("logs"),
            cloudtrail=await client("cloudtrail"),
            iam=await client("iam"),
            kms=await client("kms"),
        )
    except (BotoCoreError, ValueError) as error:
        raise ConfigError([f"aws: {error}"]) from error
    identity = await done("find out whose account this is", sts.get_caller_identity())
    return Place(
        clients=clients,
        account=identity["Account"],
        region=region,
        partition=identity["Arn"].split(":")[1],
    )
