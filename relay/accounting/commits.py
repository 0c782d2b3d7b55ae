"""Putting what several jobs change into one commit, without contradiction; pure."""

from relay.alarms.outcome import Outcome
from relay.notify.plan import Plan
from relay.state.store import Commit


def add_outcome(commit: Commit, outcome: Outcome) -> None:
    """Add an outcome of the alarm engine; the newest word on a group is kept."""
    add_removed(commit, outcome.removed)
    changed = {(saved.alarm.name, saved.group): saved for saved in outcome.changed}
    commit.alarms = [
        saved
        for saved in commit.alarms
        if (saved.alarm.name, saved.group) not in changed
    ]
    commit.alarms += outcome.changed
    commit.alarms_removed = [
        gone for gone in commit.alarms_removed if gone not in changed
    ]


def add_removed(
    commit: Commit, removed: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    """Forget alarm groups, also what this commit itself was to save of them."""
    gone = set(removed)
    commit.alarms = [
        saved for saved in commit.alarms if (saved.alarm.name, saved.group) not in gone
    ]
    commit.alarms_removed += removed


def add_plan(commit: Commit, plan: Plan) -> None:
    """Add the notifications that follow from the transitions of this commit."""
    commit.outbox += plan.entries
    commit.notified += plan.notified


def merge(commit: Commit, part: Commit) -> None:
    """Add all of ``part`` to ``commit``; alarms are the accounting's own to write."""
    commit.objects += part.objects
    commit.counted_events += part.counted_events
    commit.outbox += part.outbox
    commit.outbox_done += part.outbox_done
    commit.outbox_dead += part.outbox_dead
    commit.notified += part.notified
    commit.silences += part.silences
    for point, times in part.points.items():
        commit.points[point] = commit.points.get(point, 0) + times
    for line, records in part.ledger.items():
        commit.ledger[line] = commit.ledger.get(line, 0) + records
