"""What a test file says of rules, receivers and events: there must be such ones."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from relay.config.notify_section import Notify
from relay.config.problems import Location, Problem
from relay.config.rule_test_schema import (
    Expectation,
    ExpectedNotification,
    RuleTest,
)
from relay.config.rules import AnyAlarm, RuleSet
from relay.config.source_map import Document
from relay.model import Group
from relay.patterns import PatternError, Selector, parse_selector
from relay.ruletest.records import Occurrence

_REFERENCE = re.compile(r"\$([0-9]{1,9})(?:\.([0-9]{1,9}))?")


def group_of(definition: AnyAlarm, given: Mapping[str, str]) -> Group | None:
    """Return the group that ``given`` names, selector by selector.

    None when these are not the selectors of the alarm's ``group_by``.
    """
    values: dict[Selector, str] = {}
    for text, value in given.items():
        try:
            values[parse_selector(text)] = value
        except PatternError:
            return None
    if values.keys() != set(definition.group_by):
        return None
    return tuple(values[selector] for selector in definition.group_by)


def event_ids(reference: str, happening: Iterable[Occurrence]) -> list[str]:
    """Return the ids of the events that ``reference`` stands for; none: it is wrong.

    A reference is ``$2`` (with all of its repetitions), ``$2.3`` or an event id.
    """
    found = _REFERENCE.fullmatch(reference)
    return [
        each.event_id
        for each in happening
        if each.event_id is not None
        and (
            reference in (each.event_id, each.reference)
            or (found is not None and not found[2] and each.number == int(found[1]))
        )
    ]


class Names:
    """The names that the tests of one file may use."""

    def __init__(self, rules: RuleSet, notify: Notify | None) -> None:
        """Take the names of ``rules``, and of the receivers of a relay.yaml."""
        self.filters = [each.name for each in rules.filters]
        self.alarms = {each.name: each for each in rules.all_alarms}
        self.receivers = (
            None if notify is None else [each.name for each in notify.receivers]
        )

    def problems(
        self,
        test: RuleTest,
        happening: Sequence[Occurrence] | None,
        document: Document,
        location: Location,
    ) -> Iterator[Problem]:
        """Yield all that ``test`` names and is not there, in the file's order.

        Without knowing what is ``happening``, events are not looked for.
        """
        checking = _Checking(self, happening, document, location)
        for position, event in enumerate(test.events):
            for key in ("matches", "matches_not", "matches_only"):
                for number, name in enumerate(getattr(event, key) or ()):
                    yield from checking.filter(("events", position, key, number), name)
        for name in test.matches:
            yield from checking.filter(("matches", name), name)
        before = 0.0
        for position, expectation in enumerate(test.expect):
            within: Location = ("expect", position)
            if expectation.at < before:
                text = "is earlier than what stands before it"
                yield checking.problem((*within, "at"), text)
            before = expectation.at
            yield from checking.expectation(within, expectation)


class _Checking:
    """The check of one test."""

    def __init__(
        self,
        names: Names,
        happening: Sequence[Occurrence] | None,
        document: Document,
        location: Location,
    ) -> None:
        self._names = names
        self._happening = happening
        self._document = document
        self._location = location

    def problem(self, within: Location, message: str) -> Problem:
        return self._document.problem((*self._location, *within), message)

    def filter(self, within: Location, name: str) -> Iterator[Problem]:
        if name not in self._names.filters:
            yield self._unknown(within, name, "metric filter", self._names.filters)

    def expectation(
        self, within: Location, expectation: Expectation
    ) -> Iterator[Problem]:
        if expectation.alarm is not None:
            yield from self._alarm(within, expectation.alarm, expectation.group)
        for number, reference in enumerate(expectation.evidence or ()):
            known = self._happening
            if known is not None and not event_ids(reference, known):
                where = (*within, "evidence", number)
                yield self.problem(where, f"{reference!r} is no event of this test")
        for number, each in enumerate(expectation.notifications or ()):
            yield from self._notification((*within, "notifications", number), each)
        definition = self._names.alarms.get(expectation.alarm or "")
        is_grouped = definition is not None and bool(definition.group_by)
        if expectation.is_about_transition and is_grouped and not expectation.group:
            text = "is about one transition: name the group that it is of"
            yield self.problem(within, text)

    def _notification(
        self, within: Location, expected: ExpectedNotification
    ) -> Iterator[Problem]:
        yield from self._alarm(within, expected.alarm, expected.group)
        receivers, name = self._names.receivers, expected.receiver
        if name is None:
            return
        where = (*within, "receiver")
        if receivers is None:
            text = "needs config, a relay.yaml that has receivers"
            yield self.problem(where, text)
        elif name not in receivers:
            yield self._unknown(where, name, "receiver", receivers)

    def _alarm(
        self, within: Location, name: str, group: Mapping[str, str] | None
    ) -> Iterator[Problem]:
        definition = self._names.alarms.get(name)
        if definition is None:
            where = (*within, "alarm")
            yield self._unknown(where, name, "alarm", self._names.alarms)
        elif group is not None and group_of(definition, group) is None:
            where = (*within, "group")
            yield self.problem(where, _wrong_group(definition))

    def _unknown(
        self, within: Location, name: str, kind: str, known: Iterable[str]
    ) -> Problem:
        near = get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return self.problem(within, f"{name!r} is no {kind} that is tested here{hint}")


def _wrong_group(definition: AnyAlarm) -> str:
    if not definition.group_by:
        return f"{definition.name} has no group_by"
    selectors = ", ".join(selector.text for selector in definition.group_by)
    return f"is no group of {definition.name}; name the values of {selectors}"
