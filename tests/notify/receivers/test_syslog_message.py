"""Syslog messages as RFC 5424 wants them."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from relay.config.log_targets import SyslogTarget
from relay.model import AlarmState
from relay.notify.content.render import Templates
from relay.notify.receivers.syslog_message import syslog_messages
from tests.notify.examples import EVIDENCE, bundle

_MESSAGE = re.compile(
    r"<(?P<priority>\d{1,3})>1 (?P<time>\S+) (?P<host>\S+) (?P<app>\S+)"
    r" (?P<process>\S+) (?P<id>\S+) \[(?P<sd_id>[^ =\]\"]{1,32})"
    r"(?P<data>( [^ =\]\"]{1,32}=\"([^\"\\\]]|\\[\"\\\]])*\")*)\]"
    r" \ufeff(?P<text>.*)",
    re.DOTALL,
)
"""The grammar of RFC 5424, section 6."""


def parsed(*, hostname: str = "relay-1", options: Any = None, **changes: Any) -> Any:  # noqa: ANN401 - any member
    """Return the parts of the one message of a bundle."""
    target = SyslogTarget.model_validate({"host": "localhost", **(options or {})})
    (message,) = syslog_messages(
        bundle(**changes), target=target, templates=Templates(), hostname=hostname
    )
    found = _MESSAGE.fullmatch(message.decode())
    assert found is not None, message
    return found.groupdict() | {"size": len(message)}


def test_every_part_is_where_it_belongs() -> None:
    """Facts by name in the structured data, and a text for people."""
    found = parsed()

    assert found["time"] == "2026-09-14T11:18:44.401000Z"
    assert (found["host"], found["app"]) == ("relay-1", "cloudtrail-relay")
    assert (found["process"], found["id"]) == ("-", "ALARM")
    assert found["sd_id"] == "relay@32473"
    assert ' alarm="console-login-failures"' in found["data"]
    assert ' who="user alice"' in found["data"]
    assert found["text"].startswith("ALARM (high): console-login-failures [alice]: ")


@pytest.mark.parametrize(
    ("facility", "severity", "state", "expected"),
    [
        ("local0", "critical", AlarmState.ALARM, 16 * 8 + 2),
        ("local0", "info", AlarmState.ALARM, 16 * 8 + 6),
        ("local7", None, AlarmState.ALARM, 23 * 8 + 4),
        ("authpriv", "high", AlarmState.ALARM, 10 * 8 + 3),
        ("kern", "critical", AlarmState.OK, 5),
    ],
)
def test_the_priority_is_facility_and_severity(
    facility: str, severity: str | None, state: AlarmState, expected: int
) -> None:
    """The end of an alarm is a notice."""
    found = parsed(options={"facility": facility}, severity=severity, state=state)

    assert int(found["priority"]) == expected


def test_a_record_cannot_add_parameters() -> None:
    """Quotes, brackets and backslashes are escaped."""
    hostile = replace(EVIDENCE, principal='x"] [evil@1 a="b\\')

    assert r"x\"\] [evil@1 a=\"b\\" in parsed(evidence=(hostile,))["data"]


@pytest.mark.parametrize(("protocol", "room"), [("udp", 2_048), ("tls", 8_192)])
def test_a_message_keeps_to_its_size(protocol: str, room: int) -> None:
    """What has no room is left out whole."""
    wide = "\N{FIRE}" * 400
    long = replace(EVIDENCE, principal=wide, error_message=wide, event_name=wide)

    found = parsed(options={"protocol": protocol}, evidence=(long,), reason=wide * 2)

    assert found["size"] <= room


@pytest.mark.parametrize(("hostname", "shown"), [("", "-"), ("a b\u00e9", "ab")])
def test_a_hostname_is_printable(hostname: str, shown: str) -> None:
    """Or a hyphen."""
    assert parsed(hostname=hostname)["host"] == shown
