"""Checks of relay.yaml's parts against each other, once each is sound itself."""

from collections.abc import Iterator

from relay.config.notify_section import Notify
from relay.config.problems import Location, Problem
from relay.config.route_checks import (
    ROUTE,
    child_routes,
    interval_problems,
    nearest,
    route_warnings,
)
from relay.config.route_section import Route
from relay.config.rules import RuleSet
from relay.config.schema import Config
from relay.config.source_map import Document


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
                ROUTE, "is missing; without it no receiver is told of anything"
            )
        return
    for location, name in _named_receivers(notify.route):
        if name not in lines:
            yield document.problem(
                location,
                f"{document.show(location)} is no receiver; {nearest(name, lines)}",
            )
    yield from interval_problems(notify, document)


def notify_warnings(
    notify: Notify, rules: RuleSet, document: Document
) -> Iterator[Problem]:
    """Yield receivers and routes that nothing reaches, and alarms nobody is told of."""
    if notify.route is None:
        if rules.all_alarms:
            yield document.problem(
                ("notify",), f"tells nobody of the {len(rules.all_alarms)} alarms"
            )
        return
    used = {name for _, name in _named_receivers(notify.route)}
    for position, receiver in enumerate(notify.receivers):
        if receiver.name not in used:
            yield document.problem(
                ("notify", "receivers", position, "name"),
                "no route leads to this receiver",
            )
    yield from route_warnings(notify, rules, document)


def quarantine_problems(config: Config, document: Document) -> Iterator[Problem]:
    """Yield a quarantine that is the very queue that its messages come from."""
    location: Location = ("quarantine", "queue_url")
    if config.quarantine and config.quarantine.queue_url == config.source.queue_url:
        yield document.problem(
            location,
            f"{document.show(location)} is source.queue_url as well;"
            " what goes there would come again at once",
        )


def quarantine_warnings(config: Config, document: Document) -> Iterator[Problem]:
    """Yield a bucket whose own notifications may announce what is written to it."""
    location: Location = ("quarantine", "s3", "bucket")
    place = config.quarantine and config.quarantine.s3
    if place and place.bucket in config.source.buckets:
        yield document.problem(
            location,
            f"{document.show(location)} is one of source.buckets; if that announces"
            f" new objects itself, it must leave out those below {place.prefix!r}",
        )


def _named_receivers(root: Route) -> Iterator[tuple[Location, str]]:
    """Yield every mention of a receiver in the routing tree."""
    yield (*ROUTE, "receiver"), root.receiver
    for location, route in child_routes(root.routes):
        if route.receiver is not None:
            yield (*location, "receiver"), route.receiver
