"""Principals and user agents in words that people use."""

import pytest

from relay.model import Evidence
from relay.notify.content.actors import agent_of, principal_of

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/128.0.0.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("IAMUser", "alice", "user alice"),
        ("AssumedRole", "Admin/bob@example.com", "role Admin, session bob@example.com"),
        ("AssumedRole", "Admin", "role Admin"),
        ("Root", "root", "root user"),
        ("AWSService", "cloudtrail.amazonaws.com", "service cloudtrail.amazonaws.com"),
        ("AWSAccount", "111122223333", "account 111122223333"),
        ("NewKind", "x", "NewKind x"),
        (None, "alice", "alice"),
        ("Unknown", None, "unknown user"),
        (None, None, ""),
        ("IAMUser", "a\r\nb", "user a b"),
    ],
)
def test_principals(kind: str | None, name: str | None, expected: str) -> None:
    """Kind and name, a role with its session."""
    assert principal_of(Evidence(principal_type=kind, principal=name)) == expected


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("", ""),
        (CHROME, "Chrome 128 on Windows"),
        (f"{CHROME} Edg/128.0.0.0", "Edge 128 on Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
            "Firefox 131 on Linux",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
            "Safari 17 on macOS",
        ),
        ("Mozilla/5.0 Firefox/1.0", "Firefox 1"),
        ("Mozilla/5.0", "Mozilla/5.0"),
        ("aws-cli/2.15.30 md/Botocore#2.4.5 os/linux", "aws-cli/2.15.30"),
        ("[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12]", "S3Console/0.4"),
        ("AWS Internal", "AWS Internal"),
        ("x" * 100, "x" * 57 + "..."),
        ("\x1b[31m x\u202ey", "\ufffd[31m x\ufffdy"),
    ],
)
def test_agents(agent: str, expected: str) -> None:
    """A browser and its system, or the first product."""
    assert agent_of(agent) == expected
