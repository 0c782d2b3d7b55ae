"""The one line that says what an alarm came to, and cannot be faked."""

from typing import Any

import pytest

from relay.model import AlarmState
from relay.notify.text import title
from tests.notify.examples import notification


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"group": {}, "severity": None}, "ALARM: console-login-failures"),
        (
            {"state": AlarmState.OK, "group": {}},
            "OK (high): console-login-failures",
        ),
        (
            {"repeat": True},
            "Reminder: ALARM (high): console-login-failures [alice]",
        ),
        (
            {"group": {"$.a": "x\r\nBcc: evil@example.com"}, "severity": None},
            "ALARM: console-login-failures [x Bcc: evil@example.com]",
        ),
        (
            {"alarm": "x" * 300, "group": {}, "severity": None},
            "ALARM: " + "x" * 140 + "...",
        ),
    ],
    ids=["bare", "resolved", "reminder", "hostile group", "long"],
)
def test_title_is_one_line(changes: dict[str, Any], expected: str) -> None:
    """State, severity, alarm, group."""
    assert title(notification(**changes)) == expected
