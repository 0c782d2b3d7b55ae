"""Tests of where a setup is made: region, profile, account."""

import pytest

from relay.config.setup_schema import SetupFile
from relay.errors import ConfigError
from relay.setup.session import open_session
from tests.support.clock import FakeClock


async def test_region_of_the_environment_is_the_last_resort(
    moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the setup file's own, and that of its section aws."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    aws = {"endpoint_url": moto}
    files: list[dict[str, object]] = [
        {"aws": aws},
        {"aws": aws | {"region": "eu-west-2"}},
        {"aws": aws | {"region": "eu-west-2"}, "region": "eu-west-1"},
    ]

    regions = []
    for file in files:
        setup = SetupFile.model_validate(file)
        async with open_session(setup, clock=FakeClock()) as session:
            regions.append(session.plan.region)

    assert regions == ["eu-west-3", "eu-west-2", "eu-west-1"]


@pytest.mark.parametrize(
    ("aws", "problem"),
    [({}, "region: not set"), ({"profile": "none"}, "aws: .*none")],
    ids=["no region", "no profile"],
)
async def test_what_cannot_be_called_is_refused(
    aws: dict[str, object], problem: str
) -> None:
    """Before any call."""
    setup = SetupFile.model_validate({"aws": aws})

    with pytest.raises(ConfigError, match=problem):
        async with open_session(setup, clock=FakeClock()):
            raise AssertionError("not refused")


async def test_role_is_assumed(moto: str) -> None:
    """In the one short form and the long one."""
    arn = "arn:aws:iam::123456789012:role/admin"
    for role in (arn, {"role_arn": arn}):
        setup = SetupFile.model_validate(
            {
                "region": "eu-west-1",
                "aws": {"endpoint_url": moto, "assume_role": role},
            }
        )
        async with open_session(setup, clock=FakeClock()) as session:
            assert session.plan.account == "123456789012"
