"""Tests of what a test takes from a relay.yaml: its routes, and no secret."""

from pathlib import Path

import pytest

from relay.config.notify_section import Notify
from relay.ruletest.routing import read_routes

RECEIVERS = """\
source: {queue_url: nonsense}
notify:
  receivers:
    - name: pager
      webhook: [{url: "${HOOK_URL}", hmac_secret: "file:/nowhere"}]
    - name: nobody
  route:
    receiver: nobody
    routes: [{match: {severity: critical}, receiver: pager}]
"""


def routes(folder: Path, text: str) -> tuple[Notify | None, list[str]]:
    """Return what is read of ``text``, and what is said of it."""
    path = folder / "relay.yaml"
    path.write_text(text)
    notify, problems = read_routes(path, environment={})
    return notify, [f"{each.line} {each.option}: {each.message}" for each in problems]


def test_only_routes_and_names_are_read(tmp_path: Path) -> None:
    """Neither the environment nor a secret's file is needed, nor a sound source."""
    notify, problems = routes(tmp_path, RECEIVERS)

    assert problems == []
    assert notify is not None
    assert [each.name for each in notify.receivers] == ["pager", "nobody"]
    assert [len(each.sqs) for each in notify.receivers] == [1, 0]
    assert [len(each.webhook) for each in notify.receivers] == [0, 0]
    assert notify.route is not None
    assert notify.route.routes[0].receiver == "pager"


def test_without_routes_nobody_is_told(tmp_path: Path) -> None:
    """A configuration may have no notify at all."""
    notify, problems = routes(tmp_path, "logs: {}")

    assert (notify, problems) == (Notify(), [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            RECEIVERS.replace("receiver: pager", "receiver: pagr"),
            [
                "9 notify.route.routes[0].receiver: 'pagr' is no receiver; did you mean"
                " pager?"
            ],
        ),
        (
            RECEIVERS.replace("match:", "macth:"),
            ["9 notify.route.routes[0].macth: is no known key; did you mean match?"],
        ),
        (
            RECEIVERS.replace("receiver: nobody", "receiver: ${WHO}"),
            ["8 notify.route.receiver: the environment variable WHO is not set"],
        ),
        (
            "notify: {receivers: [{nam: a}], route: {receiver: a}}",
            ["1 notify.receivers[0]: is no receiver with a name"],
        ),
        ("notify: [", None),
    ],
    ids=["unknown receiver", "unknown key", "no variable", "no name", "no YAML"],
)
def test_what_is_wrong_with_the_routes(
    tmp_path: Path, text: str, expected: list[str] | None
) -> None:
    """It is said as ``relay check`` says it."""
    notify, problems = routes(tmp_path, text)

    assert notify is None
    assert problems
    assert expected is None or problems == expected


def test_a_missing_configuration(tmp_path: Path) -> None:
    """The file is named."""
    notify, problems = read_routes(tmp_path / "no.yaml", environment={})

    assert notify is None
    assert [each.message for each in problems] == [
        "cannot be read: No such file or directory"
    ]
