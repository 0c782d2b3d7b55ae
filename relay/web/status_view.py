"""Gathers what the daemon says of itself, whenever somebody asks; changes nothing."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from relay import __version__
from relay.accounting.balance import Balance, balances_of
from relay.alarms.outcome import AlarmView
from relay.clock import Clock, isoformat
from relay.config.schema import Loaded
from relay.model import AlarmState
from relay.notify.plain import well_formed
from relay.self_watch.rules import count_built_in, count_own
from relay.state.store import Statement
from relay.telemetry import Telemetry
from relay.web.health import Health
from relay.web.status import (
    AlarmStatus,
    ConfigStatus,
    OutboxStatus,
    ReloadStatus,
    SourceStatus,
    Status,
)

MOST_IN_ALARM = 1_000
"""Alarm groups in ALARM that are listed one by one, the newest; all are counted."""


class Books(Protocol):
    """Where the ledger and the alarms are."""

    async def statement(self) -> Statement:
        """Return the durable ledger, what is in flight, and what waits to be sent."""
        ...

    def alarms(self) -> Iterable[AlarmView]:
        """Return all alarm groups as they are now."""
        ...


class StatusView:
    """The daemon's status; what is loaded is told to it, the rest it asks for."""

    def __init__(
        self, *, books: Books, health: Health, telemetry: Telemetry, clock: Clock
    ) -> None:
        self._books = books
        self._health = health
        self._telemetry = telemetry
        self._clock = clock
        self._started_at = clock.now()
        self._started = clock.monotonic()
        self._config: ConfigStatus | None = None
        self._last_reload: ReloadStatus | None = None

    def in_force(self, path: Path, loaded: Loaded) -> None:
        """Note that a configuration is in force from now on."""
        self._config = ConfigStatus(
            path=str(path),
            loaded_at=isoformat(self._clock.now()),
            metric_filters=count_own(loaded.rules.filters),
            alarms=count_own(loaded.rules.all_alarms),
            receivers=len(loaded.config.notify.receivers),
            self_watch_rules=count_built_in(loaded.rules.alarms),
        )

    def reloaded(self, problems: Sequence[str] = ()) -> None:
        """Note what came of a reload; with ``problems`` nothing has changed."""
        self._last_reload = ReloadStatus(
            at=isoformat(self._clock.now()), problems=list(problems)
        )

    async def status(self) -> Status:
        """Return how everything is now. Raises StateError when the store fails."""
        statement = await self._books.statement()
        ledger = balances_of(statement)
        counts, in_alarm = self._alarms()
        problems = [*self._health.problems(), *_imbalances(ledger)]
        if not self._health.ready:
            problems.append("no messages are taken: it is starting or stopping")
        return Status(
            version=__version__,
            process_id=os.getpid(),
            started_at=isoformat(self._started_at),
            uptime_secs=self._clock.monotonic() - self._started,
            healthy=not problems,
            problems=problems,
            config=self._config,
            last_reload=self._last_reload,
            source=self._source(),
            ledger=ledger,
            alarms=counts,
            in_alarm=in_alarm,
            outbox=self._outbox(statement),
        )

    def _source(self) -> SourceStatus | None:
        progress = self._health.progress
        if progress is None:
            return None
        (depth,) = self._telemetry.queue_messages.collect()
        return SourceStatus(
            in_flight=progress.in_flight,
            oldest_in_flight_secs=progress.oldest_in_flight_secs,
            quiet_secs=self._clock.monotonic() - progress.last_progress,
            queue={each.labels["state"]: int(each.value) for each in depth.samples},
        )

    def _alarms(self) -> tuple[dict[str, int], list[AlarmStatus]]:
        counts = dict.fromkeys(map(str, AlarmState), 0)
        in_alarm: list[AlarmView] = []
        for view in self._books.alarms():
            counts[view.state] += 1
            if view.state is AlarmState.ALARM:
                in_alarm.append(view)
        in_alarm.sort(key=lambda view: view.since or 0.0, reverse=True)
        return counts, [_alarm(view) for view in in_alarm[:MOST_IN_ALARM]]

    def _outbox(self, statement: Statement) -> OutboxStatus:
        oldest_at = statement.outbox_oldest_at
        return OutboxStatus(
            pending=statement.outbox_pending,
            oldest_secs=(
                None if oldest_at is None else max(0.0, self._clock.now() - oldest_at)
            ),
        )


def _alarm(view: AlarmView) -> AlarmStatus:
    # Values out of records may be what JSON in UTF-8 cannot hold.
    selectors = (selector.text for selector in view.definition.group_by)
    return AlarmStatus(
        alarm=view.definition.name,
        group=dict(zip(selectors, map(well_formed, view.group), strict=True)),
        since=None if view.since is None else isoformat(view.since),
        reason=well_formed(view.reason),
        actions_suppressed_by=view.held_by,
    )


def _imbalances(ledger: Sequence[Balance]) -> list[str]:
    return [
        f"the ledger of {row.account} in {row.region} does not balance"
        for row in ledger
        if not row.balances
    ]
