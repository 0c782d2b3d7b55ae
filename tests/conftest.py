"""Fixtures of more than one folder."""

from collections.abc import Iterator

import pytest

from tests.support.moto import CREDENTIALS, moto_server, reset


@pytest.fixture(autouse=True)
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test made-up credentials, and none of the machine's own."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def moto_process() -> Iterator[str]:
    """Run one emulator for all tests that want one; give its address."""
    with moto_server() as url:
        yield url


@pytest.fixture
def moto(moto_process: str) -> str:
    """Give the address of an emulator that holds nothing yet."""
    reset(moto_process)
    return moto_process
