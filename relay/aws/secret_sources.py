"""Reads the secrets that a configuration keeps in AWS, and then the configuration.

A configuration says itself how AWS is called, so it is read twice: once to learn that
and which secrets it refers to; then again, with what AWS answered. Only the second
reading can tell whether a secret is what its option wants.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import anyio.to_thread
import msgspec
from pydantic import BaseModel

from relay.aws.clients import AwsClients, open_clients
from relay.aws.errors import translated
from relay.clock import Clock
from relay.config.load import Report, examine
from relay.config.schema import Config, Loaded
from relay.config.secret_references import (
    SecretReference,
    SecretSource,
    Unreadable,
)
from relay.config.secrets import Secret
from relay.errors import RejectedError, TransientError

Secrets = Mapping[SecretReference, str | Unreadable]


async def load_with_secrets(path: Path, *, clock: Clock) -> Loaded:
    """Return the configuration at ``path``, every secret in it known.

    Raises ConfigError with all problems; a secret that cannot be read is one, at the
    option that refers to it.
    """
    report = await examine_with_secrets(path, clock=clock)
    return report.usable()


async def examine_with_secrets(path: Path, *, clock: Clock) -> Report:
    """Return what ``load_with_secrets`` returns or raises, as a report.

    Raises ConfigError when AWS cannot be called as the configuration says.
    """
    report = await anyio.to_thread.run_sync(examine, path)
    if report.loaded is None:
        return report
    config = report.loaded.config
    references = frozenset(secret_references(config))
    if not references:
        return report
    async with AsyncExitStack() as stack:
        clients = await open_clients(
            stack, config.aws, queue_url=config.source.queue_url, clock=clock
        )
        secrets = await read_secrets(references, clients)
    return await anyio.to_thread.run_sync(partial(examine, path, secrets=secrets))


def secret_references(config: Config) -> Iterator[SecretReference]:
    """Yield where the secrets of ``config`` are that AWS keeps."""
    for secret in _secrets(config):
        if secret.reference is not None:
            yield secret.reference


async def read_secrets(
    references: Iterable[SecretReference], clients: AwsClients
) -> Secrets:
    """Return what each reference stands for, or why that cannot be read.

    A secret with several keys is read once.
    """
    found: dict[SecretReference, str | Unreadable] = {}
    read: dict[tuple[SecretSource, str], str | Unreadable] = {}
    for reference in sorted(references, key=str):
        whole = (reference.source, reference.name)
        if whole not in read:
            read[whole] = await _read(reference, clients)
        text = read[whole]
        if reference.key is not None and isinstance(text, str):
            text = _value_of(text, reference.key)
        found[reference] = text
    return found


async def _read(reference: SecretReference, clients: AwsClients) -> str | Unreadable:
    region = reference.region or clients.region
    try:
        with translated(f"{reference.source} in {region}"):
            if reference.source is SecretSource.SSM:
                ssm = await clients.client_for("ssm", region)
                answer = await ssm.get_parameter(
                    Name=reference.name, WithDecryption=True
                )
                return str(answer["Parameter"]["Value"])
            manager = await clients.client_for("secretsmanager", region)
            answer = await manager.get_secret_value(SecretId=reference.name)
    except (TransientError, RejectedError) as error:
        return Unreadable(why=str(error))
    if "SecretString" not in answer:
        return Unreadable(why="it is binary, not a text")
    return str(answer["SecretString"])


def _value_of(text: str, key: str) -> str | Unreadable:
    """Return one value of a JSON object; no fault shows any part of it."""
    try:
        values = msgspec.json.decode(text, type=dict[str, object])
    except msgspec.DecodeError:
        return Unreadable(why="it is no JSON object, so it has no keys")
    value = values.get(key)
    if not isinstance(value, str):
        what = "is no text" if key in values else "is not there"
        return Unreadable(why=f"its key {key!r} {what}")
    return value


def _secrets(value: object) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from _secrets(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _secrets(each)
