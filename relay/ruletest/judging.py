"""Compares what a test expects with what its simulation shows; pure."""

from collections.abc import Iterator, Sequence

from relay.config.problems import Location
from relay.config.rule_test_schema import EventEntry, Expectation
from relay.config.rules import AlarmDefinition, AnyAlarm, MissingData
from relay.model import AlarmState, Group
from relay.notify.plain import one_line
from relay.ruletest.load import Case, Suite
from relay.ruletest.names import event_ids, group_of
from relay.ruletest.records import Occurrence
from relay.ruletest.results import Difference
from relay.ruletest.shown import References, named, shown_values, values_of
from relay.ruletest.simulation import Simulation
from relay.ruletest.telling import compare

_LOUDEST_FIRST = (AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA, AlarmState.OK)

_Compared = tuple[str, Sequence[str], Sequence[str]]
"""What is looked at, what it is to be, and what it is."""


class Judge:
    """Judges one test while it is being played."""

    def __init__(self, suite: Suite, case: Case, simulation: Simulation) -> None:
        self._document = suite.document
        self._definitions = {each.name: each for each in suite.rules.all_alarms}
        self._case = case
        self._simulation = simulation
        self._references = References(case.occurrences)

    def expectation(self, position: int) -> Iterator[Difference]:
        """Yield how the present differs from the test's expectation at ``position``."""
        expected = self._case.test.expect[position]
        for subject, wanted, actual in self._looked_at(expected):
            if wanted != actual:
                yield Difference(
                    line=self._line("expect", position),
                    at_secs=expected.at,
                    subject=subject,
                    expected=wanted,
                    actual=actual,
                    alarm=expected.alarm,
                )

    def matches(self) -> Iterator[Difference]:
        """Yield which events other filters match than expected, and how often."""
        for position, event in enumerate(self._case.test.events):
            if event.has_expectation:
                yield from self._event(position, event)
        for name, times in self._case.test.matches.items():
            actual = self._simulation.counted.get(name, 0)
            if actual != times:
                yield Difference(
                    line=self._line("matches", name),
                    at_secs=None,
                    subject=f"events that {name} counted",
                    expected=[str(times)],
                    actual=[str(actual)],
                )

    def _looked_at(self, expected: Expectation) -> Iterator[_Compared]:
        if expected.notifications is not None:
            told = compare(
                expected.notifications, self._simulation.sent, self._definitions
            )
            yield "notifications sent", *told
        if expected.alarm is None:
            return
        definition = self._definitions[expected.alarm]
        group = () if expected.group is None else group_of(definition, expected.group)
        is_whole = expected.group is None
        name = named(expected.alarm, shown_values(values_of(definition, group or ())))
        if expected.state is not None:
            state = self._state(definition, None if is_whole else group)
            yield f"state of {name}", [expected.state], [state]
        for what, wanted, actual in self._transition(expected, group or ()):
            yield f"{what} of {name}", wanted, actual

    def _state(self, definition: AnyAlarm, group: Group | None) -> AlarmState:
        """Return a group's state; without one the loudest of the alarm's."""
        states = self._simulation.states(definition.name)
        found = set(states.values()) if group is None else {states.get(group)}
        rests = (
            isinstance(definition, AlarmDefinition)
            and definition.treat_missing_data is MissingData.NOT_BREACHING
        )
        nobody = AlarmState.OK if rests else AlarmState.INSUFFICIENT_DATA
        return next((state for state in _LOUDEST_FIRST if state in found), nobody)

    def _transition(self, expected: Expectation, group: Group) -> Iterator[_Compared]:
        last = self._simulation.last_transition(expected.alarm or "", group)
        if expected.evidence is not None:
            wanted = [
                id_
                for reference in expected.evidence
                for id_ in event_ids(reference, self._case.occurrences)
            ]
            shown = [] if last is None else [each.event_id for each in last.evidence]
            of = self._references.of
            yield "evidence", of(wanted), of(shown)
        if expected.total is not None:
            total = 0 if last is None else last.total
            yield "datapoints", [str(expected.total)], [str(total)]
        if expected.reason is not None:
            reason = "no transition yet" if last is None else last.reason
            is_there = last is not None and expected.reason in reason
            yield "reason", [expected.reason], [expected.reason if is_there else reason]

    def _event(self, position: int, event: EventEntry) -> Iterator[Difference]:
        """Yield what is wrong with the first of an event's repetitions, if anything."""
        happening = (
            each for each in self._case.occurrences if each.number == position + 1
        )
        for each in happening:
            wrong = list(self._occurrence(position, event, each))
            if wrong:
                yield from wrong
                return

    def _occurrence(
        self, position: int, event: EventEntry, occurrence: Occurrence
    ) -> Iterator[Difference]:
        found = set(self._simulation.matched[occurrence.reference])
        matches, only = set(event.matches or ()), event.matches_only
        asked: Sequence[tuple[str, set[str], set[str]]] = (
            ("matches", matches, found & matches),
            ("matches_not", set(), found & set(event.matches_not)),
            ("matches_only", set(only or ()), set() if only is None else found),
        )
        shown = f"{occurrence.reference} {one_line(occurrence.name)}"
        for key, wanted, actual in asked:
            if wanted != actual:
                yield Difference(
                    line=self._line("events", position, key),
                    at_secs=None,
                    subject=f"{key} of {shown}",
                    expected=sorted(wanted),
                    actual=sorted(actual),
                )

    def _line(self, *within: str | int) -> int:
        location: Location = (*self._case.location, *within)
        return self._document.line(location)
