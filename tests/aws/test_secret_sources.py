"""Secrets in Secrets Manager and SSM, and the configuration that refers to them."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from relay.aws.clients import open_clients
from relay.aws.secret_sources import (
    examine_with_secrets,
    load_with_secrets,
    read_secrets,
    secret_references,
)
from relay.clock import SystemClock
from relay.config.aws_section import Aws
from relay.config.load import load
from relay.config.secret_references import Unreadable, parse_reference
from relay.errors import ConfigError

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/q"
UNREACHABLE = "http://127.0.0.1:9"  # "discard": nobody listens


def written(folder: Path, endpoint_url: str, *webhooks: dict[str, object]) -> Path:
    """Write a configuration with a receiver of these webhooks; return where."""
    config: dict[str, Any] = {
        "aws": {"endpoint_url": endpoint_url},
        "source": {"queue_url": QUEUE, "buckets": ["trail-logs"]},
        "logs": {"group": "/relay/cloudtrail"},
        "notify": {
            "receivers": [{"name": "security", "webhook": list(webhooks)}],
            "route": {"receiver": "security"},
        },
    }
    path = folder / "relay.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


async def keep(moto: str) -> None:
    """Put secrets into the emulator, in two regions."""
    async with AsyncExitStack() as stack:
        aws = await open_clients(stack, Aws(endpoint_url=moto), queue_url=QUEUE)
        for region in ("eu-west-1", "us-east-2"):
            manager = await aws.client_for("secretsmanager", region)
            for name, text in (
                ("plain", f"plain of {region}"),
                ("hook", '{"url": "https://hooks.example.com/t0ken", "n": 1}'),
            ):
                await manager.create_secret(Name=name, SecretString=text)
            await manager.create_secret(Name="binary", SecretBinary=b"\xff")
        ssm = await aws.client_for("ssm", "eu-west-1")
        await ssm.put_parameter(
            Name="/relay/hmac", Value="hmac of eu-west-1", Type="SecureString"
        )


async def found(moto: str, *texts: str) -> list[str | Unreadable]:
    """Return what these references stand for."""
    references = [parse_reference(text) for text in texts]
    async with AsyncExitStack() as stack:
        aws = await open_clients(stack, Aws(endpoint_url=moto), queue_url=QUEUE)
        secrets = await read_secrets(references, aws)
    return [secrets[reference] for reference in references]


async def test_secrets_are_read_where_they_are(moto: str) -> None:
    """A name in the relay's own region, an ARN in its own; a parameter decrypted."""
    await keep(moto)
    async with AsyncExitStack() as stack:
        aws = await open_clients(stack, Aws(endpoint_url=moto), queue_url=QUEUE)
        there = await aws.client_for("secretsmanager", "us-east-2")
        arn = (await there.describe_secret(SecretId="plain"))["ARN"]

    assert await found(
        moto,
        "secretsmanager:plain",
        f"secretsmanager:{arn}",
        "secretsmanager:hook#url",
        "secretsmanager:hook",
        "ssm:/relay/hmac",
    ) == [
        "plain of eu-west-1",
        "plain of us-east-2",
        "https://hooks.example.com/t0ken",
        '{"url": "https://hooks.example.com/t0ken", "n": 1}',
        "hmac of eu-west-1",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("secretsmanager:gone", "secretsmanager in eu-west-1: ResourceNotFound"),
        ("ssm:/gone", "ssm in eu-west-1: ParameterNotFound"),
        ("secretsmanager:plain#url", "it is no JSON object, so it has no keys"),
        ("secretsmanager:hook#gone", "its key 'gone' is not there"),
        ("secretsmanager:hook#n", "its key 'n' is no text"),
        (
            "secretsmanager:arn:aws:secretsmanager:us-east-2:123456789012:secret:binary",
            "it is binary, not a text",
        ),
    ],
)
async def test_what_cannot_be_read_says_why(
    moto: str, text: str, expected: str
) -> None:
    """And shows nothing of the secret."""
    await keep(moto)

    (fault,) = await found(moto, text)

    assert isinstance(fault, Unreadable)
    assert fault.why.startswith(expected)
    assert "t0ken" not in fault.why


async def test_a_configuration_comes_with_its_secrets(
    moto: str, tmp_path: Path
) -> None:
    """Each where it belongs, and still not shown."""
    await keep(moto)
    path = written(
        tmp_path,
        moto,
        {
            "url": "secretsmanager:hook#url",
            "hmac_secret": "ssm:/relay/hmac",
            "headers": {"X-Token": "secretsmanager:plain"},
        },
    )

    loaded = await load_with_secrets(path, clock=SystemClock())

    (webhook,) = loaded.config.notify.receivers[0].webhook
    assert webhook.url.reveal() == "https://hooks.example.com/t0ken"
    assert webhook.hmac_secret is not None
    assert webhook.hmac_secret.reveal() == "hmac of eu-west-1"
    assert webhook.headers["X-Token"].reveal() == "plain of eu-west-1"
    assert "t0ken" not in repr(loaded)
    assert "t0ken" not in loaded.model_dump_json(include={"config"})


async def test_each_secret_that_cannot_be_read_is_a_problem_of_its_option(
    moto: str, tmp_path: Path
) -> None:
    """All at once, with line and option."""
    await keep(moto)
    path = written(
        tmp_path,
        moto,
        {"url": "secretsmanager:gone"},
        {"url": "https://x.example", "hmac_secret": "ssm:/gone"},
    )

    with pytest.raises(ConfigError) as caught:
        await load_with_secrets(path, clock=SystemClock())

    first, second = caught.value.problems
    assert (
        "notify.receivers[0].webhook[0].url: 'secretsmanager:gone' cannot be" in first
    )
    assert "notify.receivers[0].webhook[1].hmac_secret: 'ssm:/gone' cannot be" in second


async def test_a_secret_must_be_what_its_option_wants(
    moto: str, tmp_path: Path
) -> None:
    """The problem shows the reference, not the secret."""
    await keep(moto)
    path = written(tmp_path, moto, {"url": "secretsmanager:plain"})

    report = await examine_with_secrets(path, clock=SystemClock())

    (problem,) = report.problems
    assert "'secretsmanager:plain' is no http:// or https:// URL" in str(problem)
    assert "plain of" not in str(problem)


async def test_an_aws_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """As the fault of the secret that was asked for."""
    path = written(tmp_path, UNREACHABLE, {"url": "ssm:/relay/hook"})

    with pytest.raises(ConfigError, match="'ssm:/relay/hook' cannot be read: ssm in"):
        await load_with_secrets(path, clock=SystemClock())


async def test_without_references_nothing_is_called(tmp_path: Path) -> None:
    """The address is one that nobody answers at."""
    path = written(tmp_path, UNREACHABLE, {"url": "https://hooks.example.com/x"})

    assert await load_with_secrets(path, clock=SystemClock()) == load(path)


async def test_what_is_wrong_anyway_comes_first(tmp_path: Path) -> None:
    """Secrets of a broken configuration are of no use."""
    path = written(tmp_path, UNREACHABLE, {"url": "ssm:/x", "method_": "POST"})

    report = await examine_with_secrets(path, clock=SystemClock())

    (problem,) = report.problems
    assert problem.option.endswith("method_")


def test_every_reference_is_found(tmp_path: Path) -> None:
    """Wherever in the configuration it stands."""
    path = written(
        tmp_path,
        UNREACHABLE,
        {"url": "ssm:/a", "headers": {"X": "ssm:/b", "Y": "plain"}},
        {"url": "https://x.example", "hmac_secret": "secretsmanager:c#d"},
    )

    references = set(secret_references(load(path).config))

    assert {str(each) for each in references} == {
        "ssm:/a",
        "ssm:/b",
        "secretsmanager:c#d",
    }


def test_what_aws_is_called_with_cannot_come_from_aws(tmp_path: Path) -> None:
    """That is told at once."""
    path = written(tmp_path, UNREACHABLE, {"url": "https://x.example"})
    config = yaml.safe_load(path.read_text())
    config["aws"]["assume_role"] = {
        "role_arn": "arn:aws:iam::123456789012:role/relay",
        "external_id": "ssm:/external-id",
    }
    path.write_text(yaml.safe_dump(config))

    with pytest.raises(ConfigError, match=r"external_id: .* cannot be read from AWS"):
        load(path)
