"""One test's world: the real rules, alarms and routes, on a clock that we move.

Nothing of what they mean is done here again. Events arrive in log files that are
decoded, evaluated and counted as the daemon does it; the engine is called at each of
its deadlines, so that hours pass as fast as it can judge them.
"""

import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Final

from relay.accounting.counting import Counted, Counting, count
from relay.alarms.engine import AlarmEngine
from relay.alarms.outcome import Outcome
from relay.clock import isoformat
from relay.config.notify_section import Notify
from relay.config.rules import RuleSet
from relay.config.source_section import Limits
from relay.model import (
    AlarmState,
    Evaluation,
    Group,
    LogObject,
    Notification,
    Transition,
)
from relay.notify.plan import Plan, Planner, Situation
from relay.notify.told import Told
from relay.rules.compiled import CompiledRules
from relay.ruletest.records import Occurrence
from relay.state.store import Commit, ObjectMark
from relay.trail.decode import decode
from relay.trail.keys import parse_key

_LIMITS: Final = Limits()
_BUCKET: Final = "relay-test"
_ACCOUNT, _REGION = "111122223333", "us-east-1"
"""Where relay itself is; a notification says so, and no test can see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A notification that went to one receiver."""

    at: float
    receiver: str
    notification: Notification


class Scene:
    """What all tests of one file have in common: the rules, compiled once."""

    def __init__(self, rules: RuleSet, notify: Notify) -> None:
        self.rules = rules
        self.compiled = CompiledRules(rules)
        self.notify = notify


class Simulation:
    """Plays one test; what has happened so far can be looked at, at any time."""

    def __init__(self, scene: Scene, *, start: float) -> None:
        self.now = start
        self.transitions: list[Transition] = []
        self.sent: list[Sent] = []
        self.matched: dict[str, tuple[str, ...]] = {}
        """The filters that match each event, by its reference."""
        self.counted: dict[str, int] = {}
        """How many events each filter has counted."""
        self._scene = scene
        self._engine = AlarmEngine(
            scene.rules.all_alarms, now=start, mute_rules=scene.rules.mute_rules
        )
        self._planner = Planner(
            scene.notify,
            scene.rules.all_alarms,
            mute_rules=scene.rules.mute_rules,
            account=_ACCOUNT,
            region=_REGION,
            configured_at=start,
        )
        self._events: set[tuple[str, str]] = set()
        self._told = Told()
        self._files = 0
        self._take(self._engine.tick(now=start))

    def advance(self, until: float) -> None:
        """Let time pass up to ``until``, deadline by deadline."""
        while (due := self._next_deadline()) is not None and due <= until:
            # What is overdue is due at once: the clock never runs backwards.
            self.now = max(self.now, due)
            self._take(self._engine.tick(now=self.now))
        self.now = until

    def receive(self, happening: Iterable[Occurrence]) -> None:
        """Count the log files in which ``happening`` arrives now."""
        counted = Counted(events=self._events)
        commit = Commit(at=self.now)
        for (account, region), records in groupby(
            sorted(happening, key=_file_of), key=_file_of
        ):
            counting = self._evaluate(list(records), account, region)
            count(counting, counted, commit, self._engine.definition)
        for name, matches in counted.matches.items():
            self.counted[name] = self.counted.get(name, 0) + matches
        self._take(
            self._engine.apply(counted.datapoints, now=self.now),
            self._engine.tick(now=self.now),
        )

    def states(self, alarm: str) -> Mapping[Group, AlarmState]:
        """Return the state of each group of ``alarm`` that there is."""
        return {
            view.group: view.state
            for view in self._engine.states()
            if view.definition.name == alarm
        }

    def last_transition(self, alarm: str, group: Group) -> Transition | None:
        """Return the newest transition of a group of ``alarm``."""
        return next(
            (
                each
                for each in reversed(self.transitions)
                if (each.alarm.name, each.group) == (alarm, group)
            ),
            None,
        )

    def _evaluate(
        self, happening: Sequence[Occurrence], account: str, region: str
    ) -> Counting:
        """Read one log file as the daemon does."""
        records = b",".join(each.record for each in happening)
        self._files += 1
        found = LogObject(
            bucket=_BUCKET,
            key=_object_key(account, region, self.now, self._files),
            etag=f"{self._files:032x}",
            last_modified=self.now,
            body=gzip.compress(b'{"Records":[%b]}' % records, mtime=0),
        )
        key = parse_key(found.key)
        if key is None:
            raise AssertionError(f"{found.key} is no key of a log file")
        decoded = decode(found, key, self._scene.compiled.projection, _LIMITS)
        evaluate = partial(self._scene.compiled.evaluate, source=found, key=key)
        # An event id does not tell which record matched: tests repeat them.
        alone = [evaluate([record]) for record in decoded.file.records]
        for each, evaluation in zip(happening, alone, strict=True):
            self.matched[each.reference] = _filters(evaluation)
        return Counting(
            mark=ObjectMark(
                bucket=found.bucket,
                key=found.key,
                etag=found.etag,
                relayed=False,
                records=len(decoded.file.records),
                account=key.account,
                region=key.region,
            ),
            evaluation=alone[0] if len(alone) == 1 else evaluate(decoded.file.records),
            received_at=self.now,
        )

    def _next_deadline(self) -> float | None:
        reminder = self._planner.next_reminder(self._situation(), now=self.now)
        deadlines = (self._engine.next_deadline(), reminder)
        return min((at for at in deadlines if at is not None), default=None)

    def _take(self, *outcomes: Outcome) -> None:
        """Note the transitions of this moment, and whom they are told."""
        transitions = [each for outcome in outcomes for each in outcome.transitions]
        self.transitions += transitions
        actions = [each for outcome in outcomes for each in outcome.actions]
        self._send(self._planner.plan(actions, self._situation(), now=self.now))
        self._send(self._planner.reminders(self._situation(), now=self.now))

    def _situation(self) -> Situation:
        return Situation(told=self._told, active=self._engine.active())

    def _send(self, plan: Plan) -> None:
        self.sent += [
            Sent(at=self.now, receiver=entry.receiver, notification=entry.notification)
            for entry in plan.entries
        ]
        self._told.take(plan.changes)


def _file_of(occurrence: Occurrence) -> tuple[str, str]:
    return occurrence.account, occurrence.region


def _filters(evaluation: Evaluation) -> tuple[str, ...]:
    return tuple(match.filter for match in evaluation.matches)


def _object_key(account: str, region: str, at: float, number: int) -> str:
    """Return where CloudTrail would put the file.

    CloudTrail User Guide, "Finding your CloudTrail log files".
    """
    day, time = isoformat(at).split("T")
    stamp = f"{day.replace('-', '')}T{time[:5].replace(':', '')}Z"
    return (
        f"AWSLogs/{account}/CloudTrail/{region}/{day.replace('-', '/')}/"
        f"{account}_CloudTrail_{region}_{stamp}_{number:016}.json.gz"
    )
