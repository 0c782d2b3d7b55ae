"""What an answer by HTTP means."""

import pytest

from relay.notify.receivers.http_answer import Answer, retry_after_secs


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 21 Sep 2026 14:14:20 GMT", 60.0),
        ("Mon, 21 Sep 2026 14:14:20 -0000", 60.0),
        ("Mon, 21 Sep 2020 14:14:20 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("²", None),
    ],
)
def test_retry_after_has_two_forms(header: str, expected: float | None) -> None:
    """Seconds or an HTTP date; anything else is no wish."""
    now = 1_790_000_000.0  # 2026-09-21T14:13:20Z

    assert retry_after_secs(header, now=now) == expected


@pytest.mark.parametrize("body", [b"", b"[1]", b"<html>", b"\xff", b'{"ok": tr'])
def test_what_is_no_json_object_has_no_members(body: bytes) -> None:
    """A proxy's page, or an answer that was cut."""
    assert Answer(status=200, body=body).members() == {}


def test_members_of_a_json_object() -> None:
    """As they stand there."""
    assert Answer(status=200, body=b'{"ok": true}').members() == {"ok": True}
