"""An emulated account to set up, the calls that look into it, and faults on the way."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from typing import Any

from botocore.exceptions import ClientError

from relay.config.setup_schema import SetupFile
from relay.setup.clients import SetupClients
from relay.setup.inventory import resources
from relay.setup.resource import Resource
from relay.setup.session import Session, open_session
from relay.setup.steps import Status, Step
from tests.support.clock import FakeClock

ACCOUNT = "123456789012"
"""The account that moto answers for."""
REGION = "eu-west-1"
BUCKET = f"cloudtrail-relay-{ACCOUNT}-{REGION}"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:cloudtrail-relay-trail"


def setup_file(moto: str, **options: object) -> SetupFile:
    """Return a setup file for the emulator."""
    return SetupFile.model_validate(
        {"region": REGION, "aws": {"endpoint_url": moto}, **options}
    )


@dataclass(frozen=True, kw_only=True)
class Account:
    """A setup, with clients of the account for what others do in it."""

    session: Session
    clients: SetupClients

    @property
    def resources(self) -> list[Resource]:
        """The resources of the setup."""
        return self.session.resources

    def broken(self, failed: list[str], *, is_late: bool) -> list[Resource]:
        """Return the same resources, called through clients that fail.

        ``failed`` is filled with each operation that did, and holds those that do not.
        """
        clients = SetupClients(
            **{
                each.name: Faulty(
                    getattr(self.clients, each.name), failed, is_late=is_late
                )
                for each in fields(SetupClients)
            }
        )
        return resources(self.session.plan, clients)

    async def bucket_statements(self, bucket: str = BUCKET) -> list[dict[str, Any]]:
        """Return the statements of a bucket's policy."""
        answer = await self.clients.s3.get_bucket_policy(Bucket=bucket)
        statements: list[dict[str, Any]] = json.loads(answer["Policy"])["Statement"]
        return statements


@asynccontextmanager
async def an_account(moto: str, **options: object) -> AsyncIterator[Account]:
    """Open a setup in the emulator's account."""
    file = setup_file(moto, **options)
    async with open_session(file, clock=FakeClock()) as session:
        yield Account(session=session, clients=session.clients)


def statuses(steps: list[Step]) -> set[Status]:
    """Return what a plan says, however often."""
    return {step.status for step in steps}


class Faulty:
    """A client whose changing operations each fail the first time they are called.

    ``is_late``: AWS does what is asked, but the answer is an internal error. Otherwise
    nothing is done and the caller is told that it may not.
    """

    def __init__(
        self,
        client: Any,  # noqa: ANN401 - untyped
        failed: list[str],
        *,
        is_late: bool,
    ) -> None:
        self._client = client
        self._failed = failed
        self._is_late = is_late

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - untyped
        method = getattr(self._client, name)
        is_reading = name.startswith(("get_", "list_", "describe_", "head_"))
        if is_reading or name in self._failed:
            return method
        return self._failing(name, method)

    def _failing(
        self, name: str, method: Callable[..., Awaitable[object]]
    ) -> Callable[..., Awaitable[object]]:
        async def fail(**arguments: object) -> object:
            self._failed.append(name)
            if self._is_late:
                await method(**arguments)
            code, status = (
                ("InternalError", 500) if self._is_late else ("AccessDenied", 403)
            )
            answer = {
                "Error": {"Code": code, "Message": "made up"},
                "ResponseMetadata": {"HTTPStatusCode": status},
            }
            raise ClientError(answer, name)

        return fail
