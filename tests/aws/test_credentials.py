"""relay.aws.credentials: refused ones are replaced by what is found, at once, once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from botocore.exceptions import NoCredentialsError

from relay.aws.credentials import MIN_RENEWAL_SECS, RenewableCredentials
from relay.aws.errors import translated
from relay.errors import Reason, TransientError
from tests.aws.s3_server import Asked, Fault, s3_server
from tests.support.clock import FakeClock

CREDENTIALS_FILE = """\
[audit]
aws_access_key_id = {key_id}
aws_secret_access_key = secret
"""


@pytest.fixture
def credentials_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file that the profile ``audit`` is read from, with the key AKIAOLD."""
    path = tmp_path / "credentials"
    path.write_text(CREDENTIALS_FILE.format(key_id="AKIAOLD"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    return path


async def read(s3: Any) -> None:  # noqa: ANN401 - aiobotocore is untyped
    """Read one object to the end."""
    with translated("s3://logs/k"):
        response = await s3.get_object(Bucket="logs", Key="k")
    async with response["Body"] as stream:
        await stream.read()


def refusing_old(code: str) -> Any:  # noqa: ANN401 - an Answer
    """Return an answer that refuses AKIAOLD."""

    def answer(asked: Asked) -> Fault | None:
        return Fault(status=400, code=code) if asked.key_id == "AKIAOLD" else None

    return answer


# --- over HTTP ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    ["ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId"],
)
async def test_file_that_was_rewritten_is_read_when_the_old_key_is_refused(
    credentials_file: Path, code: str
) -> None:
    """Without a restart and without a failed call: the same one is made again."""
    clock = FakeClock()
    aws = {"profile": "audit"}
    async with s3_server(refusing_old(code), aws=aws, clock=clock) as server:
        with pytest.raises(TransientError):
            await read(server.s3)
        credentials_file.write_text(CREDENTIALS_FILE.format(key_id="AKIANEW"))
        clock.advance(MIN_RENEWAL_SECS)
        await read(server.s3)
        await read(server.s3)

    assert [each.key_id for each in server.asked] == [
        *["AKIAOLD"] * 3,
        *["AKIANEW"] * 2,
    ]


async def test_key_that_stays_refused_is_said_to_be(credentials_file: Path) -> None:
    """Two requests, then it is the operator's turn."""
    answer = refusing_old("ExpiredToken")
    async with s3_server(answer, aws={"profile": "audit"}) as server:
        with pytest.raises(TransientError, match="ExpiredToken") as caught:
            await read(server.s3)

    assert caught.value.reason is Reason.CREDENTIALS
    assert len(server.asked) == 2


async def test_other_refusals_are_no_reason_to_look_for_others(
    credentials_file: Path,
) -> None:
    """Who may not read an object is not somebody else."""
    async with s3_server(refusing_old("AccessDenied"), aws={"profile": "audit"}) as s:
        with pytest.raises(TransientError):
            await read(s.s3)

    assert len(s.asked) == 1


# --- by themselves --------------------------------------------------------------------


@dataclass(slots=True)
class Found:
    """Credentials that a search brought."""

    key_id: str

    async def get_frozen_credentials(self) -> str:
        """Return the key."""
        return self.key_id


class Subject:
    """Credentials whose every search brings others: key 1, key 2, ..."""

    def __init__(self, *, is_found: bool = True) -> None:
        self.searches = 0
        self.clock = FakeClock()
        self._is_found = is_found
        self.credentials = RenewableCredentials(self._load, clock=self.clock)

    async def _load(self) -> Found | None:
        self.searches += 1
        await anyio.lowlevel.checkpoint()
        return Found(f"key {self.searches}") if self._is_found else None

    def judge(self, code: str, *, attempts: int = 1) -> int | None:
        """Judge an answer with that code."""
        return self.credentials.judge((None, {"Error": {"Code": code}}), attempts)


async def test_search_begins_with_the_first_call_and_is_shared() -> None:
    """Opening a client calls nobody; calls side by side wait for one search."""
    subject = Subject()
    keys: list[object] = []

    async def call() -> None:
        keys.append(await subject.credentials.get_frozen_credentials())

    assert await subject.credentials.load_credentials() is subject.credentials
    before = subject.searches
    async with anyio.create_task_group() as tg:
        for _ in range(3):
            tg.start_soon(call)

    assert (before, keys) == (0, ["key 1"] * 3)


async def test_refused_ones_are_replaced_once_in_a_while() -> None:
    """Of many calls refused together each is made again, after one search."""
    subject = Subject()
    await subject.credentials.get_frozen_credentials()
    subject.clock.advance(MIN_RENEWAL_SECS)
    first = subject.judge("ExpiredToken")
    key = await subject.credentials.get_frozen_credentials()
    second = subject.judge("ExpiredToken")
    same = await subject.credentials.get_frozen_credentials()

    assert (first, second) == (0, 0)
    assert (key, same) == ("key 2", "key 2")


async def test_call_is_made_again_only_once() -> None:
    """And an answer that refuses nothing, or none at all, changes nothing."""
    subject = Subject()
    await subject.credentials.get_frozen_credentials()
    subject.clock.advance(MIN_RENEWAL_SECS)
    judged = [
        subject.judge("ExpiredToken", attempts=2),
        subject.judge("NoSuchKey"),
        subject.credentials.judge(None, 1),
    ]
    await subject.credentials.get_frozen_credentials()

    assert judged == [None, None, None]
    assert subject.searches == 1


async def test_search_that_finds_nothing_fails_the_call() -> None:
    """The next call searches again: they may be there by then."""
    subject = Subject(is_found=False)
    for _ in range(2):
        with pytest.raises(NoCredentialsError):
            await subject.credentials.get_frozen_credentials()

    assert subject.searches == 2


def test_account_id_is_nobodys_business() -> None:
    """The SDK asks for it where an endpoint may depend on the account."""
    credentials = Subject().credentials

    assert credentials.get_deferred_property("account_id")() is None
