"""relay.web.status_view: what the daemon knows of itself, gathered when asked."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from relay import __version__
from relay.alarms.outcome import AlarmView
from relay.alarms.suppression import Hold
from relay.config.load import load
from relay.errors import StateError
from relay.model import AlarmState
from relay.state.store import LedgerKey, Statement
from relay.telemetry import Telemetry
from relay.web.health import QUIET_SECS, Health
from relay.web.status import (
    AlarmStatus,
    ConfigStatus,
    OutboxStatus,
    ReloadStatus,
    SourceStatus,
)
from relay.web.status_view import MOST_IN_ALARM, StatusView
from tests.alarms.alarm_values import BY_USER, definition
from tests.support.clock import FakeClock
from tests.support.in_process import lonely_config
from tests.web.test_server import Source

NOW = 1_700_000_000.0


def statement(
    *, received: int = 0, in_flight: int = 0, oldest_at: float | None = None
) -> Statement:
    """Return the state's own account."""
    key = LedgerKey(account="1", region="r", outcome="received")
    return Statement(
        lines={key: received} if received else {},
        in_flight={("1", "r"): in_flight} if in_flight else {},
        outbox_pending=0 if oldest_at is None else 3,
        outbox_oldest_at=oldest_at,
    )


@dataclass
class Books:
    """A ledger and alarms as a test wants them."""

    told: Statement = field(default_factory=statement)
    views: list[AlarmView] = field(default_factory=list)
    error: StateError | None = None

    async def statement(self) -> Statement:
        """Return the statement, or raise."""
        if self.error is not None:
            raise self.error
        return self.told

    def alarms(self) -> Iterable[AlarmView]:
        """Return the alarms."""
        return self.views


def view(
    *group: str, since: float | None = NOW, state: AlarmState = AlarmState.ALARM
) -> AlarmView:
    """Return one group of an alarm."""
    return AlarmView(
        definition=definition(group_by=BY_USER) if group else definition(),
        group=group,
        state=state,
        reason="Threshold Crossed",
        since=since,
    )


class Desk:
    """A view with its surroundings; it is healthy unless a test changes that."""

    def __init__(self) -> None:
        self.clock = FakeClock(now=NOW)
        self.source = Source(self.clock.monotonic())
        self.health = Health(self.clock, progress=self.source, ready=True)
        self.books = Books()
        self.telemetry = Telemetry()
        self.view = StatusView(
            books=self.books,
            health=self.health,
            telemetry=self.telemetry,
            clock=self.clock,
        )


async def test_process_says_who_it_is() -> None:
    """Version, process, and since when."""
    desk = Desk()
    desk.clock.advance(90)

    status = await desk.view.status()

    assert (status.version, status.process_id) == (__version__, os.getpid())
    assert (status.started_at, status.uptime_secs) == ("2023-11-14T22:13:20Z", 90.0)


async def test_all_is_well() -> None:
    """Without a problem it is healthy."""
    status = await Desk().view.status()

    assert (status.healthy, status.problems) == (True, [])


async def test_no_progress_is_a_problem() -> None:
    """The same that /healthz says."""
    desk = Desk()
    desk.clock.advance(QUIET_SECS + 1)

    status = await desk.view.status()

    assert not status.healthy
    assert status.problems == ["no answer from the queue for 121 s"]


async def test_ledger_that_does_not_balance_is_a_problem() -> None:
    """A record that is nowhere must be heard of."""
    desk = Desk()
    desk.books.told = statement(received=5, in_flight=4)

    status = await desk.view.status()

    assert not status.healthy
    assert status.problems == ["the ledger of 1 in r does not balance"]
    assert [(row.received, row.in_flight) for row in status.ledger] == [(5, 4)]


async def test_starting_and_stopping_is_not_healthy() -> None:
    """No messages are taken then, and there may be no source yet."""
    desk = Desk()
    desk.health.ready, desk.health.progress = False, None

    status = await desk.view.status()

    assert not status.healthy
    assert status.problems == ["no messages are taken: it is starting or stopping"]
    assert status.source is None
    assert status.config is None


async def test_source_and_queue_are_shown() -> None:
    """What is in flight, for how long, since when nothing happened, what waits."""
    desk = Desk()
    desk.source.in_flight, desk.source.oldest_in_flight_secs = 3, 12.5
    desk.telemetry.queue_messages.labels("visible").set(40)
    desk.clock.advance(7)

    status = await desk.view.status()

    assert status.source == SourceStatus(
        in_flight=3,
        oldest_in_flight_secs=12.5,
        quiet_secs=7.0,
        queue={"visible": 40, "in_flight": 0, "delayed": 0},
    )


async def test_configuration_in_force_is_shown(tmp_path: Path) -> None:
    """Its file, since when, and how much is in it; no reload has been yet."""
    path = lonely_config(tmp_path, notify={
        "receivers": [{"name": "all"}], "route": {"receiver": "all"}
    })  # fmt: skip
    desk = Desk()
    desk.view.in_force(path, load(path))

    status = await desk.view.status()

    assert status.last_reload is None
    assert status.config == ConfigStatus(
        path=str(path),
        loaded_at="2023-11-14T22:13:20Z",
        metric_filters=0,
        alarms=0,
        receivers=1,
    )


@pytest.mark.parametrize("problems", [[], ["relay.yaml:1: no"]], ids=["ok", "refused"])
async def test_last_reload_is_shown(problems: list[str]) -> None:
    """Also a refused one, with its reasons; that alone makes nothing unhealthy."""
    desk = Desk()
    desk.view.reloaded(["an older one"])
    desk.clock.advance(60)
    desk.view.reloaded(problems)

    status = await desk.view.status()

    assert status.last_reload == ReloadStatus(
        at="2023-11-14T22:14:20Z", problems=problems
    )
    assert status.healthy


async def test_alarms_are_counted_and_those_in_alarm_listed() -> None:
    """Newest first, with group, since when, and why."""
    desk = Desk()
    desk.books.views = [
        view(since=NOW - 60),
        view("alice"),
        view("bob", state=AlarmState.OK),
        view("carol", state=AlarmState.INSUFFICIENT_DATA, since=None),
    ]

    status = await desk.view.status()

    assert status.alarms == {"OK": 1, "ALARM": 2, "INSUFFICIENT_DATA": 1}
    assert status.in_alarm == [
        AlarmStatus(
            alarm="failures",
            group={BY_USER[0].text: "alice"},
            since="2023-11-14T22:13:20Z",
            reason="Threshold Crossed",
        ),
        AlarmStatus(
            alarm="failures",
            group={},
            since="2023-11-14T22:12:20Z",
            reason="Threshold Crossed",
        ),
    ]


async def test_list_of_alarms_is_bounded() -> None:
    """Ten thousand groups in ALARM are counted, and the newest named."""
    desk = Desk()
    desk.books.views = [view(str(n), since=NOW + n) for n in range(MOST_IN_ALARM + 5)]

    status = await desk.view.status()

    assert status.alarms["ALARM"] == MOST_IN_ALARM + 5
    assert len(status.in_alarm) == MOST_IN_ALARM
    assert status.in_alarm[0].group == {BY_USER[0].text: str(MOST_IN_ALARM + 4)}


async def test_what_holds_actions_back_is_shown() -> None:
    """Nobody is told of the alarm, and here is why."""
    desk = Desk()
    desk.books.views = [replace(view("alice"), held_by=Hold.WAIT_PERIOD)]

    (alarm,) = (await desk.view.status()).in_alarm

    assert alarm.actions_suppressed_by == "WaitPeriod"


async def test_values_of_records_can_always_be_shown() -> None:
    """JSON in UTF-8 cannot hold a lone surrogate, a record's own text can."""
    desk = Desk()
    desk.books.views = [view("\ud800", since=None)]

    (alarm,) = (await desk.view.status()).in_alarm

    assert (alarm.group, alarm.since) == ({BY_USER[0].text: "?"}, None)


async def test_outbox_says_how_long_its_oldest_has_waited() -> None:
    """Never a time in the future, whatever a clock does."""
    desk = Desk()
    desk.books.told = statement(oldest_at=NOW - 30)
    waiting = (await desk.view.status()).outbox
    desk.books.told = statement(oldest_at=NOW + 30)
    early = (await desk.view.status()).outbox

    assert waiting == OutboxStatus(pending=3, oldest_secs=30.0)
    assert early == OutboxStatus(pending=3, oldest_secs=0.0)


async def test_failed_store_is_not_hidden() -> None:
    """Whoever asks is told; there is no half a status."""
    desk = Desk()
    desk.books.error = StateError("state file x: full")

    with pytest.raises(StateError, match="full"):
        await desk.view.status()
