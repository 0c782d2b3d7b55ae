"""Tests of a log group's key, which the emulator can set only when it makes a group."""

from typing import Any

import pytest

from relay.setup.blueprint import blueprint
from relay.setup.log_group import LogGroup
from tests.setup.account import ACCOUNT, REGION, setup_file

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"


class Recorder:
    """A client of CloudWatch Logs that takes every call and remembers it."""

    def __init__(self, answer: dict[str, Any] | None = None) -> None:
        self._answer = answer or {}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - untyped, as the SDK's
        async def call(**arguments: object) -> dict[str, Any]:
            self.calls.append((name, arguments))
            return self._answer

        return call


@pytest.mark.parametrize(
    ("group", "noted"),
    [
        ({"logGroupName": "/g", "logGroupClass": "INFREQUENT_ACCESS"}, "no metric"),
        ({"logGroupName": "/g"}, ""),
        ({"logGroupName": "/g-other"}, None),
    ],
    ids=["class", "standard", "another"],
)
async def test_group_is_read(group: dict[str, str], noted: str | None) -> None:
    """Only the group of this very name; a class without metric filters is noted."""
    logs = Recorder({"logGroups": [group], "tags": {}})
    file = setup_file("http://127.0.0.1:1", logs={"group": "/g"})
    plan = blueprint(file, account=ACCOUNT, region=REGION, partition="aws")

    existing = await LogGroup(logs, plan).read()

    found = None if existing is None else " ".join(existing.notes)
    assert (found is None) == (noted is None)
    assert (noted or "") in (found or "")


@pytest.mark.parametrize(
    ("key", "call"),
    [
        (KEY, ("associate_kms_key", {"logGroupName": "/g", "kmsKeyId": KEY})),
        (None, ("disassociate_kms_key", {"logGroupName": "/g"})),
    ],
    ids=["set", "taken away"],
)
async def test_key_is_changed(key: str | None, call: tuple[str, object]) -> None:
    """A key is associated with the group, or no longer."""
    logs = Recorder()
    file = setup_file("http://127.0.0.1:1", logs={"group": "/g", "kms_key": key})
    plan = blueprint(file, account=ACCOUNT, region=REGION, partition="aws")

    await LogGroup(logs, plan).update({"kms_key": key})

    assert logs.calls == [call]
