"""Who would be told: the routes of a relay.yaml, without what its receivers hold.

A test sends nothing, so it needs no address and no secret. Each receiver that has any
target gets one made-up target instead, so that there is one notification for each.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from relay.config.aws_targets import SqsTarget
from relay.config.checks import notify_problems
from relay.config.notify_section import Notify, Receiver
from relay.config.problems import Problem
from relay.config.refusal import Reading
from relay.config.route_section import InhibitRule, Route
from relay.config.source_map import Document, read_document
from relay.config.time_intervals import NamedIntervals
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
_DECISIVE: Final = (
    ("notify", "route"),
    ("notify", "time_intervals"),
    ("notify", "inhibit_rules"),
)


class _Routing(BaseModel):
    """What of the section ``notify`` decides who is told, and when."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    route: Route | None = None
    time_intervals: tuple[NamedIntervals, ...] = ()
    inhibit_rules: tuple[InhibitRule, ...] = ()


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
    routing: _Routing | None = _Routing()
    if _member(document.value, "notify") is not None:
        context = Reading(folder=path.parent)
        routing, faults = validate(_Routing, document, context, base=("notify",))
        problems += faults
    if problems or routing is None:
        return None, problems
    notify = Notify(
        receivers=tuple(receivers),
        route=routing.route,
        time_intervals=routing.time_intervals,
        inhibit_rules=routing.inhibit_rules,
    )
    problems += notify_problems(notify, document)
    return (None if problems else notify), problems


def _matters(problem: Problem) -> bool:
    """Tell whether it is about the file as a whole, the routes or a receiver's name."""
    where = problem.location[:2]
    is_name = where == _RECEIVERS and problem.location[-1] == "name"
    return len(problem.location) < 2 or where in _DECISIVE or is_name


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
