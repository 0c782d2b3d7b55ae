"""Clients of the emulator: what the demo itself calls, as CloudTrail and as reader."""

import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession

from relay.demo.scenario import HOME_REGION


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """One client a service; botocore ships no types for them."""

    s3: Any
    sns: Any
    sqs: Any
    logs: Any
    cloudtrail: Any


async def open_cloud(stack: AsyncExitStack, endpoint_url: str) -> Cloud:
    """Open the clients on ``stack``; none of the user's AWS settings is read."""
    session = AioSession(
        {
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )

    async def client(service: str) -> Any:  # noqa: ANN401 - botocore's are untyped
        return await stack.enter_async_context(
            session.create_client(
                service,
                region_name=HOME_REGION,
                endpoint_url=endpoint_url,
                aws_access_key_id="demo",
                aws_secret_access_key="demo",  # noqa: S106 - the emulator takes any
                config=AioConfig(
                    proxies={},  # never through one, whatever the environment says
                    s3={"addressing_style": "path"},
                ),
            )
        )

    return Cloud(
        s3=await client("s3"),
        sns=await client("sns"),
        sqs=await client("sqs"),
        logs=await client("logs"),
        cloudtrail=await client("cloudtrail"),
    )
