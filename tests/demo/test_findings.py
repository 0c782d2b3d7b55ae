"""The verdict: every way in which relay could break its word is noticed."""

import math
from collections import Counter
from dataclasses import replace

import pytest

from relay.demo.findings import Findings, delays_secs, percentile, problems
from relay.demo.inbox import Channel, Received
from relay.demo.ledger import LedgerRow, Metrics
from relay.demo.records import Place
from relay.demo.scenario import ExpectedAlarm, Scenario, Step, TrailFile
from tests.demo.samples import EVIDENCE, received

SCENARIO = Scenario(
    steps=(
        Step(
            title="root",
            notices=(
                (
                    TrailFile(
                        place=Place(account="1", region="a"),
                        delivered_at=0.0,
                        suffix="x",
                        records=({"eventID": "e1"}, {"eventID": "e2"}),
                    ),
                ),
            ),
            expected=(
                ExpectedAlarm(alarm="root-login", is_paged=True),
                ExpectedAlarm(alarm="guesses", group=("anna",)),
            ),
        ),
    )
)
OUTCOMES = {"relayed": 2, "dropped": 0, "duplicate": 1, "rejected": 0, "quarantined": 0}
ROW = LedgerRow(account="1", region="a", received=3, outcomes=OUTCOMES)
METRICS = Metrics(
    ledger=(ROW,), messages_deleted=2, messages_in_flight=0, outbox_pending=0, alarms={}
)
RECEIVED = (
    received("root-login", id="n1"),
    received("root-login", id="n1", channel=Channel.SNS),
    received("root-login", id="n1", channel=Channel.MAIL),
    received("guesses", id="n2", group=("anna",)),
    received("guesses", id="n2", channel=Channel.SNS),
)
GOOD = Findings(
    scenario=SCENARIO,
    metrics=METRICS,
    found=Counter(["e1", "e2"]),
    received=RECEIVED,
    refused=(),
    dead_letters=0,
    has_settled=True,
    exit_code=0,
)


def without(channel: Channel, alarm: str) -> tuple[Received, ...]:
    """Return everything received but one alarm's copy on one channel."""
    return tuple(r for r in RECEIVED if (r.channel, r.alarm) != (channel, alarm))


def test_nothing_is_wrong_when_all_came() -> None:
    """Everything read back, everybody told, a balanced ledger: no problem."""
    assert problems(GOOD) == []


def test_running_daemon_has_no_exit_code() -> None:
    """With ``--keep`` the daemon still runs; that is no problem."""
    assert problems(replace(GOOD, exit_code=None)) == []


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        pytest.param(
            replace(GOOD, found=Counter(["e1"])),
            "1 events are not in CloudWatch Logs",
            id="missing",
        ),
        pytest.param(
            replace(GOOD, found=Counter(["e1", "e2", "e2"])),
            "1 events are in CloudWatch Logs more than once",
            id="twice",
        ),
        pytest.param(
            replace(GOOD, has_settled=False),
            "relay did not finish in time",
            id="too slow",
        ),
        pytest.param(
            replace(GOOD, dead_letters=3),
            "3 messages are in the dead-letter queue",
            id="dead letters",
        ),
        pytest.param(
            replace(GOOD, exit_code=1), "relay ended with exit code 1", id="crashed"
        ),
        pytest.param(
            replace(GOOD, metrics=replace(METRICS, ledger=(replace(ROW, received=4),))),
            "the ledger of 1 a does not balance: 4 received, 3 accounted for",
            id="unbalanced",
        ),
        pytest.param(
            replace(
                GOOD,
                metrics=replace(
                    METRICS,
                    ledger=(
                        replace(ROW, received=2, outcomes=OUTCOMES | {"relayed": 1}),
                    ),
                ),
            ),
            "2 records were delivered; the ledger has 1 relayed",
            id="fewer relayed",
        ),
        pytest.param(
            replace(GOOD, received=without(Channel.WEBHOOK, "guesses")),
            "no notification: guesses by webhook",
            id="no webhook",
        ),
        pytest.param(
            replace(GOOD, received=without(Channel.SNS, "guesses")),
            "no notification: guesses by SNS topic",
            id="no SNS",
        ),
        pytest.param(
            replace(GOOD, received=without(Channel.MAIL, "root-login")),
            "no notification: root-login by mail",
            id="no mail",
        ),
        pytest.param(
            replace(GOOD, refused=("webhook: no",)),
            "refused: webhook: no",
            id="refused",
        ),
        pytest.param(
            replace(GOOD, received=(*RECEIVED, RECEIVED[1])),
            "one notification came 2 times by SNS topic",
            id="told twice",
        ),
        pytest.param(
            replace(
                GOOD,
                received=(
                    *RECEIVED,
                    replace(
                        received("noise", id="n3"),
                        evidence=replace(EVIDENCE, source_ip="198.51.100.23"),
                    ),
                ),
            ),
            "noise was raised by an ordinary record",
            id="false alarm",
        ),
    ],
)
def test_every_broken_promise_is_named(findings: Findings, expected: str) -> None:
    """One thing wrong gives one problem that says what."""
    assert problems(findings) == [expected]


def test_alarm_that_went_back_to_ok_is_not_the_alarm() -> None:
    """A resolved notification does not stand for one into ALARM."""
    resolved = tuple(replace(each, state="OK") for each in RECEIVED)

    assert "no notification: root-login by webhook" in problems(
        replace(GOOD, received=resolved)
    )


def test_delays_join_the_channels_by_id() -> None:
    """The webhook tells when relay received the cause; its copies use that time."""
    copies = [
        received(id="n1", after_secs=0.03),
        received(id="n1", channel=Channel.SNS, after_secs=0.01),
        received(id="other", channel=Channel.MAIL, after_secs=9.0),
    ]

    assert delays_secs(copies) == pytest.approx([0.01, 0.03])


@pytest.mark.parametrize(
    ("percent", "expected"), [(0, 1.0), (50, 2.0), (75, 3.0), (99, 4.0), (100, 4.0)]
)
def test_percentile_is_the_nearest_rank(percent: float, expected: float) -> None:
    """A percentile is one of the values."""
    assert percentile([1.0, 2.0, 3.0, 4.0], percent) == expected


def test_percentile_of_nothing_is_not_a_number() -> None:
    """Without values there is none."""
    assert math.isnan(percentile([], 50))
