"""Who would be told: the routes of a relay.yaml, without what its receivers hold.

A test sends nothing, so it needs no address and no secret. Each receiver that has any
target gets one made-up target instead, so that there is one notification for each.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from relay.config.checks import notify_problems
from relay.config.notify_section import Notify, Receiver, Route, SqsTarget
from relay.config.problems import Problem
from relay.config.refusal import Reading
from relay.config.source_map import Document, read_document
from relay.config.validation import validate

ANYBODY: Final = "anybody"
"""The receiver of tests that no relay.yaml belongs to."""
EVERYTHING: Final = Notify(
    receivers=(
        Receiver(
            name=ANYBODY,
            sqs=(
                SqsTarget(
                    queue_url="https://sqs.us-east-1.amazonaws.com/111122223333/tests"
                ),
            ),
        ),
    ),
    route=Route(receiver=ANYBODY, repeat_interval=0.0),
)
"""Without a configuration: each transition is told once, and nobody is reminded."""

_RECEIVERS: Final = ("notify", "receivers")
_ROUTE: Final = ("notify", "route")


def read_routes(
    path: Path, *, environment: Mapping[str, str]
) -> tuple[Notify | None, list[Problem]]:
    """Return the section ``notify`` of the relay.yaml at ``path``, as tests need it.

    Or None, and what is wrong with it; what is wrong elsewhere does not matter.
    """
    document, faults = read_document(path, file=str(path), environment=environment)
    problems = [fault for fault in faults if _matters(fault)]
    if document is None:
        return None, problems
    receivers = _receivers(document, problems)
    route: Route | None = None
    if _member(_member(document.value, "notify"), "route") is not None:
        context = Reading(folder=path.parent)
        route, faults = validate(Route, document, context, base=_ROUTE)
        problems += faults
    if problems:
        return None, problems
    notify = Notify(receivers=tuple(receivers), route=route)
    problems += notify_problems(notify, document)
    return (None if problems else notify), problems


def _matters(problem: Problem) -> bool:
    """Tell whether it is about the file as a whole, the routes or a receiver's name."""
    where = problem.location[:2]
    is_name = where == _RECEIVERS and problem.location[-1] == "name"
    return len(problem.location) < 2 or where == _ROUTE or is_name


def _receivers(document: Document, problems: list[Problem]) -> list[Receiver]:
    entries = _member(_member(document.value, "notify"), "receivers")
    found: list[Receiver] = []
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        name = _member(entry, "name")
        if not isinstance(name, str) or not name:
            location = (*_RECEIVERS, position)
            problems.append(document.problem(location, "is no receiver with a name"))
            continue
        has_targets = any(value for key, value in entry.items() if key != "name")
        targets = EVERYTHING.receivers[0].sqs if has_targets else ()
        found.append(Receiver(name=name, sqs=targets))
    return found


def _member(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None
