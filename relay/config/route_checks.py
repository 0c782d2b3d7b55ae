"""Checks of the routing tree: its time intervals, and what nothing can ever reach."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from relay.config.labels import label_names
from relay.config.matchers import Matcher
from relay.config.notify_section import Notify
from relay.config.problems import Location, Problem
from relay.config.route_section import ChildRoute
from relay.config.rules import RuleSet
from relay.config.source_map import Document

ROUTE: Location = ("notify", "route")
_INTERVALS: Location = ("notify", "time_intervals")
_REFERENCES = ("mute_time_intervals", "active_time_intervals")


def child_routes(
    routes: tuple[ChildRoute, ...], parent: Location = ROUTE
) -> Iterator[tuple[Location, ChildRoute]]:
    """Yield every route below ``parent``, with where it stands."""
    for position, route in enumerate(routes):
        location = (*parent, "routes", position)
        yield location, route
        yield from child_routes(route.routes, location)


def interval_problems(notify: Notify, document: Document) -> Iterator[Problem]:
    """Yield names of time intervals that are used twice, or not known to a route."""
    lines: dict[str, int] = {}
    for position, intervals in enumerate(notify.time_intervals):
        location: Location = (*_INTERVALS, position, "name")
        if intervals.name in lines:
            yield document.problem(
                location,
                f"{document.show(location)} is the name of other time intervals as"
                f" well, on line {lines[intervals.name]}",
            )
        lines.setdefault(intervals.name, document.line(location))
    for location, name in _references(notify):
        if name not in lines:
            yield document.problem(
                location,
                f"{document.show(location)} names no time intervals;"
                f" {nearest(name, lines)}",
            )


def route_warnings(
    notify: Notify, rules: RuleSet, document: Document
) -> Iterator[Problem]:
    """Yield routes that nothing reaches, labels no alarm has, unused intervals."""
    used = {name for _, name in _references(notify)}
    for position, intervals in enumerate(notify.time_intervals):
        if intervals.name not in used:
            yield document.problem(
                (*_INTERVALS, position, "name"), "no route refers to these intervals"
            )
    known = {name for alarm in rules.all_alarms for name in label_names(alarm)}
    known.add("origin")  # a label of the built-in rules, which are added later
    for location, name in _label_names(notify):
        if name not in known:
            yield document.problem(location, "no alarm has a label of this name")
    for location, siblings in _families(notify):
        for position, route in enumerate(siblings):
            earlier = _taken_before(route, siblings[:position])
            if earlier is not None:
                yield document.problem(
                    (*location, "routes", position),
                    f"is never reached: routes[{earlier}] takes all of it"
                    " and does not continue",
                )


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint at what ``name`` may stand for."""
    names = list(known)
    near = get_close_matches(name, names, n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"known are {', '.join(names)}" if names else "there are none"


def _references(notify: Notify) -> Iterator[tuple[Location, str]]:
    for location, route in child_routes(_top(notify)):
        for key, names in zip(
            _REFERENCES,
            (route.mute_time_intervals, route.active_time_intervals),
            strict=True,
        ):
            for position, name in enumerate(names):
                yield (*location, key, position), name


def _label_names(notify: Notify) -> Iterator[tuple[Location, str]]:
    """Yield every label that a route or an inhibition looks at."""
    for location, route in child_routes(_top(notify)):
        for name in route.match:
            yield (*location, "match", name), name
        yield from _names((*location, "matchers"), route.matchers)
    for position, rule in enumerate(notify.inhibit_rules):
        base: Location = ("notify", "inhibit_rules", position)
        yield from _names((*base, "source_matchers"), rule.source_matchers)
        yield from _names((*base, "target_matchers"), rule.target_matchers)
        for at, name in enumerate(rule.equal):
            yield (*base, "equal", at), name


def _names(
    base: Location, matchers: Sequence[Matcher]
) -> Iterator[tuple[Location, str]]:
    for position, matcher in enumerate(matchers):
        yield (*base, position), matcher.name


def _families(notify: Notify) -> Iterator[tuple[Location, tuple[ChildRoute, ...]]]:
    """Yield the children of every route, with where their parent stands."""
    yield ROUTE, _top(notify)
    for location, route in child_routes(_top(notify)):
        yield location, route.routes


def _top(notify: Notify) -> tuple[ChildRoute, ...]:
    return () if notify.route is None else notify.route.routes


def _taken_before(route: ChildRoute, earlier: Sequence[ChildRoute]) -> int | None:
    """Return which of ``earlier`` takes whatever fits ``route``, and ends the walk."""
    conditions = _conditions(route)
    return next(
        (
            position
            for position, other in enumerate(earlier)
            if not other.continue_ and _conditions(other) <= conditions
        ),
        None,
    )


def _conditions(route: ChildRoute) -> frozenset[str]:
    return frozenset(map(str, route.all_matchers))
