"""All CPU work on one object: its records decoded, evaluated and turned to log events.

It goes through a big file in parts. What is decoded of one part is evaluated while it
is in the processor's cache, and its memory is used again for the next.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from relay.config.logs_section import Logs
from relay.config.source_section import Limits
from relay.logs.destination import LogPlan, plan
from relay.logs.shrink import Shrinker
from relay.model import (
    DefaultPoints,
    Destination,
    Evaluation,
    LogEvent,
    LogFile,
    LogFileKey,
    LogObject,
    Match,
    Record,
)
from relay.rules.compiled import CompiledRules
from relay.telemetry import Telemetry
from relay.trail.decode import Decoded, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What became of one object; the records in ``decoded`` have no fields any more."""

    decoded: Decoded
    evaluation: Evaluation
    plan: LogPlan
    event_ids: Sequence[str]


class Preparer:
    """Does it by one configuration; may be used by several threads."""

    def __init__(self, rules: CompiledRules, logs: Logs, telemetry: Telemetry) -> None:
        self._rules = rules
        self._logs = logs
        self._shrinker = Shrinker(rules.projection, telemetry)

    def prepare(
        self, found: LogObject, key: LogFileKey, limits: Limits, *, received_at: float
    ) -> Prepared:
        """Return all that is made of ``found``, announced by a message received then.

        Raises RejectedError, naming the object, when it holds no records, or more of
        anything than ``limits`` allow.
        """
        evaluations: list[Evaluation] = []
        plans: list[LogPlan] = []
        shrink = partial(self._shrinker.shrink, found)

        def take(records: Sequence[Record]) -> None:
            evaluations.append(self._rules.evaluate(records, found, key))
            part = LogFile(key=key, records=list(records), decompressed_bytes=0)
            plans.append(
                plan(
                    part,
                    self._rules.route,
                    self._logs,
                    delivery_time=found.last_modified,
                    arrival_time=received_at,
                    shrink=shrink,
                )
            )

        decoded = decode(found, key, self._rules.projection, limits, take=take)
        return Prepared(
            decoded=decoded,
            evaluation=_joined(evaluations),
            plan=_joined_plan(plans),
            event_ids=[
                record.event_id
                for record in decoded.file.records
                if record.event_id is not None
            ],
        )


def _joined(evaluations: Iterable[Evaluation]) -> Evaluation:
    matches: list[Match] = []
    defaults: list[DefaultPoints] = []
    for each in evaluations:
        matches += each.matches
        defaults += each.defaults
    return Evaluation(matches=tuple(matches), defaults=tuple(defaults))


def _joined_plan(plans: Sequence[LogPlan]) -> LogPlan:
    if len(plans) == 1:
        return plans[0]
    events: dict[Destination, list[LogEvent]] = defaultdict(list)
    for each in plans:
        for destination, part in each.events.items():
            events[destination] += part
    return LogPlan(events=dict(events), dropped=sum(each.dropped for each in plans))
