"""What `relay setup` works with: the account, the names, and every resource."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from relay.clock import Clock
from relay.config.setup_schema import SetupFile
from relay.setup.blueprint import Blueprint, blueprint
from relay.setup.clients import SetupClients, open_place
from relay.setup.inventory import resources
from relay.setup.queue import queue_url
from relay.setup.relay_yaml import configuration, text_of
from relay.setup.resource import Resource
from relay.setup.trail import found_trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One setup in one account and region, with open clients."""

    plan: Blueprint
    resources: list[Resource]
    clients: SetupClients

    async def relay_yaml(self) -> str:
        """Return the text of the relay.yaml that fits; the queue must exist."""
        url = await queue_url(self.clients.sqs, self.plan.queue)
        return text_of(configuration(self.plan, queue_url=url or ""))


@asynccontextmanager
async def open_session(file: SetupFile, *, clock: Clock) -> AsyncIterator[Session]:
    """Find out where ``file`` is to be set up, and what its names come to.

    Raises ConfigError, TransientError and RejectedError.
    """
    async with AsyncExitStack() as stack:
        place = await open_place(stack, file.aws, region=file.region, clock=clock)
        found = None
        if file.trail.name is not None:
            found = await found_trail(
                place.clients.cloudtrail, file.trail.name, setup=file.name
            )
        plan = blueprint(
            file,
            account=place.account,
            region=place.region,
            partition=place.partition,
            found=found,
        )
        yield Session(
            plan=plan,
            resources=resources(plan, place.clients),
            clients=place.clients,
        )
