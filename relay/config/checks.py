"""Checks of relay.yaml's parts against each other, once each is sound itself."""

from collections.abc import Iterator
from difflib import get_close_matches

from relay.config.notify_section import ChildRoute, Notify, Route
from relay.config.problems import Location, Problem
from relay.config.rules import RuleSet
from relay.config.source_map import Document

_ROUTE: Location = ("notify", "route")


def notify_problems(notify: Notify, document: Document) -> Iterator[Problem]:
    """Yield names that are used twice or not known, and receivers without a route."""
    lines: dict[str, int] = {}
    for position, receiver in enumerate(notify.receivers):
        location: Location = ("notify", "receivers", position, "name")
        if receiver.name in lines:
            yield document.problem(
                location,
                f"{document.show(location)} is the name of another receiver as well,"
                f" on line {lines[receiver.name]}",
            )
        lines.setdefault(receiver.name, document.line(location))
    if notify.route is None:
        if notify.receivers:
            yield document.problem(
                _ROUTE, "is missing; without it no receiver is told of anything"
            )
        return
    for location, name in _named_receivers(notify.route):
        if name not in lines:
            near = get_close_matches(name, lines, n=1)
            hint = f"did you mean {near[0]}?" if near else _known(lines)
            yield document.problem(
                location, f"{document.show(location)} is no receiver; {hint}"
            )


def notify_warnings(
    notify: Notify, rules: RuleSet, document: Document
) -> Iterator[Problem]:
    """Yield receivers and routes that nothing reaches, and alarms nobody is told of."""
    if notify.route is None:
        if rules.alarms:
            yield document.problem(
                ("notify",), f"tells nobody of the {len(rules.alarms)} alarms"
            )
        return
    used = {name for _, name in _named_receivers(notify.route)}
    for position, receiver in enumerate(notify.receivers):
        if receiver.name not in used:
            yield document.problem(
                ("notify", "receivers", position, "name"),
                "no route leads to this receiver",
            )
    labels = {name for alarm in rules.alarms for name, _ in alarm.labels}
    for location, route in _children(notify.route.routes, _ROUTE):
        for name in route.match:
            if name not in labels:
                yield document.problem(
                    (*location, "match", name), "no alarm has a label of this name"
                )


def _known(names: dict[str, int]) -> str:
    return f"known are {', '.join(names)}" if names else "there are none"


def _named_receivers(root: Route) -> Iterator[tuple[Location, str]]:
    """Yield every mention of a receiver in the routing tree."""
    yield (*_ROUTE, "receiver"), root.receiver
    for location, route in _children(root.routes, _ROUTE):
        if route.receiver is not None:
            yield (*location, "receiver"), route.receiver


def _children(
    routes: tuple[ChildRoute, ...], parent: Location
) -> Iterator[tuple[Location, ChildRoute]]:
    for position, route in enumerate(routes):
        location = (*parent, "routes", position)
        yield location, route
        yield from _children(route.routes, location)
