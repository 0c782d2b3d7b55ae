"""relay.status.report: what a person sees of the status."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from relay.status.report import show
from relay.web.status import (
    AlarmStatus,
    OutboxStatus,
    ReloadStatus,
    SourceStatus,
    Status,
)
from tests.web.status_values import BALANCE, STATUS

assert STATUS.source is not None
assert STATUS.config is not None


def shown(status: Status, *, width: int = 160) -> str:
    """Return what is printed on a terminal of this width, without colours."""
    output = io.StringIO()
    show(status, Console(file=output, width=width))
    return "\n".join(line.rstrip() for line in output.getvalue().splitlines())


def test_whole_report() -> None:
    """One look says whether it is well, what it does, and where all records are."""
    assert shown(STATUS) == "\n".join(
        [
            "healthy: relay 1.2.3, up 1h30m31s, process 4711",
            "config  /etc/relay/relay.yaml, loaded 2026-11-24T12:00:01Z:"
            " 14 metric filters, 15 alarms, 2 receivers",
            "reload  2026-11-24T13:00:00Z, successful",
            "source  3 messages in flight, the oldest for 2s; about 7 in the queue;"
            " last progress less than 1s ago",
            "alarms  13 OK, 1 ALARM, 1 INSUFFICIENT_DATA",
            "outbox  2 notifications wait, the oldest for 1m1s",
            "",
            "Ledger, in records since the state store was made",
            "account       region     received  relayed  dropped           lost"
            "  duplicate   rejected  quarantined  in flight  balances  repeated",
            "111122223333  eu-west-1       100       70       10  1 overwritten"
            "          5  2 too_old  4 truncated          5       yes         8",
            " " * 79 + "3 too_new",
            "",
            "In ALARM",
            "since                 alarm       group"
            "                                              reason",
            "2026-11-24T12:30:00Z  root-login"
            "  $.userIdentity.arn=arn:aws:iam::111122223333:root"
            "  Threshold Crossed: 1 datapoint [1.0] was greater",
        ]
    )


def test_an_alarm_that_is_held_back_says_so() -> None:
    """In front of its reason, which may be long."""
    held = replace(STATUS.in_alarm[0], actions_suppressed_by="MuteRule")

    assert "  [not told: MuteRule] Threshold" in shown(replace(STATUS, in_alarm=[held]))


def test_problems_come_first() -> None:
    """Right below the word that something is wrong."""
    text = shown(replace(STATUS, healthy=False, problems=["no answer", "no [balance]"]))

    assert text.splitlines()[:3] == [
        "not healthy: relay 1.2.3, up 1h30m31s, process 4711",
        "  no answer",
        "  no [balance]",
    ]


def test_what_is_not_there_yet_is_said() -> None:
    """In the first moments of a first start."""
    text = shown(
        replace(
            STATUS,
            uptime_secs=0.4,
            config=None,
            last_reload=None,
            source=None,
            ledger=[],
            in_alarm=[],
            outbox=OutboxStatus(pending=0, oldest_secs=None),
        )
    )

    assert text.splitlines() == [
        "healthy: relay 1.2.3, up less than 1s, process 4711",
        "config  none in force yet",
        "reload  none since the start",
        "source  not receiving yet",
        "alarms  13 OK, 1 ALARM, 1 INSUFFICIENT_DATA",
        "outbox  empty",
        "",
        "No record has come yet.",
    ]


def test_refused_reload_says_why() -> None:
    """Every problem on a line of its own."""
    refused = ReloadStatus(at="2026-11-24T13:00:00Z", problems=["a.yaml:1: x", "b: y"])
    lines = shown(replace(STATUS, last_reload=refused)).splitlines()

    (at,) = [number for number, line in enumerate(lines) if line.startswith("reload")]
    assert lines[at].endswith("refused, the configuration before it stays:")
    assert [line.strip() for line in lines[at + 1 : at + 3]] == ["a.yaml:1: x", "b: y"]


def test_idle_source_has_no_oldest_message() -> None:
    """Nothing in flight, and the queue not asked yet."""
    idle = SourceStatus(
        in_flight=0, oldest_in_flight_secs=0.0, quiet_secs=20.0, queue={}
    )
    text = shown(replace(STATUS, source=idle))

    assert (
        "source  0 messages in flight; about 0 in the queue; last progress 20s ago"
        in text
    )


def test_outcomes_that_no_record_had_take_no_room() -> None:
    """A small ledger fits a small terminal."""
    row = replace(
        BALANCE,
        dropped=0,
        lost={},
        duplicate=0,
        rejected={},
        quarantined={},
        in_flight=0,
        repeated=0,
    )
    text = shown(replace(STATUS, ledger=[row]), width=80)

    assert "account       region     received  relayed  balances\n" in text


def test_row_that_does_not_balance_is_loud() -> None:
    """It cannot be overlooked in a long table."""
    rows = [BALANCE, replace(BALANCE, region="us-east-1", balances=False)]
    text = shown(replace(STATUS, ledger=rows))

    assert [line.split()[-2] for line in text.splitlines() if "1111" in line][:2] == [
        "yes",
        "NO",
    ]


def test_more_alarms_than_are_listed_are_counted() -> None:
    """The heading says of how many; without groups there is no column for them."""
    alone = replace(STATUS.in_alarm[0], group={})
    text = shown(
        replace(STATUS, alarms=dict(STATUS.alarms, ALARM=1_005), in_alarm=[alone])
    )

    assert "In ALARM, 1 of 1005\n" in text
    assert "since                 alarm       reason\n" in text


@pytest.mark.parametrize("hostile", ["\x1b[2J", "[red]x[/red]", "[/]", "a\nb"])
def test_values_of_records_are_harmless(hostile: str) -> None:
    """Whoever calls an API chooses the text: it moves no cursor and is no markup."""
    alarm = AlarmStatus(alarm="a", group={"$.x": hostile}, since=None, reason=hostile)
    text = shown(
        replace(
            STATUS,
            in_alarm=[alarm],
            ledger=[replace(BALANCE, region=hostile)],
            problems=[hostile],
        )
    )

    assert "\x1b" not in text
    assert "a\nb" not in text
    assert hostile.isprintable() is (hostile in text)
