"""What is told of alarms, with all that was told and silenced before; and when next."""

from collections.abc import Iterable, Sequence

from relay.alarms.engine import AlarmEngine
from relay.alarms.outcome import Outcome
from relay.model import Silence
from relay.notify.plan import Plan, Planner, Situation
from relay.notify.silences import Silences
from relay.notify.told import Ended, GroupKey, Told
from relay.state.store import Notified

SILENCES_KEPT_SECS = 5 * 86_400.0
"""How long a silence that has ended is still shown: as long as Alertmanager does."""


class Telling:
    """The planner that is in force, and what it has to know.

    What a plan says counts as said before it is durable: after a commit that failed
    there is no next plan.
    """

    def __init__(self, engine: AlarmEngine) -> None:
        self._engine = engine
        self._told = Told()
        self._silences = Silences()
        self._is_due_known = False
        self.due_at: float | None = None
        """When somebody is to be told though nothing happens; None: never."""

    def begin(
        self,
        planner: Planner,
        *,
        notified: Iterable[Notified],
        silences: Iterable[Silence],
        now: float,
    ) -> None:
        """Take over what a store has kept; the engine is restored already."""
        self._planner = planner
        self._told = Told(notified)
        self._told.keep(self._engine.active(), self._engine.held())
        self._silences = Silences(silences)
        self.look_ahead(now)

    def replace(self, planner: Planner) -> None:
        """Plan by another configuration from now on."""
        self._planner = planner
        self._is_due_known = False

    def plan(self, outcomes: Iterable[Outcome], now: float) -> Plan:
        """Return what is told of ``outcomes``."""
        actions = [action for outcome in outcomes for action in outcome.actions]
        plan = self._planner.plan(actions, self._situation(), now=now)
        self._told.take(plan.changes)
        return plan

    def remind(self, now: float) -> Plan:
        """Return what is due, if anything is."""
        if self.due_at is None or self.due_at > now:
            return Plan()
        plan = self._planner.reminders(self._situation(), now=now)
        self._told.take(plan.changes)
        self._is_due_known = False
        return plan

    def silences(self) -> Sequence[Silence]:
        """Return all silences, those that ended within the last days included."""
        return self._silences.all()

    def unended_silences(self, now: float) -> int:
        """Return how many silences have not ended yet."""
        return self._silences.unended(now)

    def silence(self, silences: Sequence[Silence], now: float) -> None:
        """Put new or changed silences in force."""
        if silences:
            self._silences.take(silences)
            self._silences.forget(now - SILENCES_KEPT_SECS)
            # Whoever was silenced up to another time may be told now.
            self._is_due_known = False

    def forget(self, removed: Iterable[GroupKey]) -> None:
        """Forget what was said of alarm groups that there are no more."""
        self._told.take(Ended(alarm=alarm, group=group) for alarm, group in removed)

    def changed(self) -> None:
        """Say that what is in ALARM, or held back, is not what it was."""
        self._is_due_known = False

    def look_ahead(self, now: float) -> None:
        """Find out ``due_at`` if it can have changed: seldom, it costs."""
        if not self._is_due_known:
            self.due_at = self._planner.next_reminder(self._situation(), now=now)
            self._is_due_known = True

    def _situation(self) -> Situation:
        return Situation(
            told=self._told, active=self._engine.active(), silences=self._silences
        )
