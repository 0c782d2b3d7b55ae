"""Why an alarm changed its state, in CloudWatch's own words and its own JSON.

The wording follows real StateReason texts: the long form when the definition names
``datapoints_to_alarm``, else the short one. Datapoints carry their slot's start.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from relay.alarms.condition import Condition
from relay.alarms.evaluator import Verdict
from relay.alarms.windows import Slot
from relay.config.rules import Comparison, MissingData
from relay.model import AlarmState

MAX_REASON_CHARS = 1023
"""CloudWatch API Reference, SetAlarmState: StateReason."""

MAX_REASON_DATA_CHARS = 4000
"""CloudWatch API Reference, SetAlarmState: StateReasonData."""

UNCHECKED = "Unchecked: Initial alarm creation"
"""The reason of an alarm that was never evaluated."""

_MAX_LISTED_IN_SHORT_FORM = 5

_OPERATORS = {
    Comparison.GREATER_OR_EQUAL: "greater than or equal to",
    Comparison.GREATER: "greater than",
    Comparison.LESS: "less than",
    Comparison.LESS_OR_EQUAL: "less than or equal to",
}
_TREATMENTS = {
    MissingData.BREACHING: "[Breaching]",
    MissingData.NOT_BREACHING: "[NonBreaching]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A StateReason and its StateReasonData (JSON)."""

    reason: str
    data: str


def explain(verdict: Verdict, condition: Condition, *, at: float) -> Explanation:
    """Say why ``verdict`` is what it is, judged at ``at``."""
    return Explanation(
        reason=_reason(verdict, condition), data=_data(verdict, condition, at)
    )


def explain_calm(verdict: Verdict, condition: Condition, *, at: float) -> Explanation:
    """Say that nothing that breaches came for N periods.

    The words are our own: CloudWatch, which counts by arrival, has no such case.
    ``verdict`` is about the newest slots and may itself be ALARM, when events carry
    times ahead of the clock.
    """
    periods = _number(condition.periods, "period")
    return Explanation(
        reason="Threshold Crossed: no breaching datapoints were received for "
        f"{periods}.",
        data=_data(verdict, condition, at),
    )


def format_double(value: float) -> str:
    """Return ``value`` as Java's Double.toString does: ``100.0``, ``1.0E7``."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = format(Decimal(repr(value)), "f")
        return text if "." in text else f"{text}.0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    figures = "".join(map(str, digits))
    power = int(exponent) + len(figures) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def json_timestamp(at: float) -> str:
    """Return ``at`` as StateReasonData has it: ``2026-09-14T11:18:44.401+0000``."""
    milliseconds = math.floor(at * 1000 + 0.5)
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}+0000"


def _reason(verdict: Verdict, condition: Condition) -> str:
    periods = condition.periods
    if verdict.state is AlarmState.INSUFFICIENT_DATA:
        unknown = f"{_number(periods, 'datapoint')} {_were(periods)} unknown"
        return f"Insufficient Data: {unknown}."
    if not verdict.considered:
        return (
            f"Threshold Crossed: no datapoints were received for "
            f"{_number(periods, 'period')} and {_treated(periods, condition)}."
        )
    treated = _treated(verdict.filled, condition) if verdict.filled else ""
    is_short = condition.definition.datapoints_to_alarm is None
    if treated and (is_short or not verdict.supporting):
        received = len(verdict.considered)
        return (
            f"Threshold Crossed: {_number(received, 'datapoint')} {_were(received)} "
            f"received for {_number(periods, 'period')} and {treated}."
        )
    if is_short:
        return _short_form(verdict, condition)
    return _long_form(verdict, condition, f" and {treated}" if treated else "")


def _long_form(verdict: Verdict, condition: Condition, treated: str) -> str:
    count = len(verdict.supporting)
    moves = "OK -> ALARM" if verdict.state is AlarmState.ALARM else "ALARM -> OK"
    start = (
        f"Threshold Crossed: {count} out of the last {condition.periods} datapoints ["
    )
    end = (
        f"] {_crossed(count, verdict.state, condition)}{treated} (minimum "
        f"{_number(_minimum(verdict.state, condition), 'datapoint')} "
        f"for {moves} transition)."
    )
    room = MAX_REASON_CHARS - len(start) - len(end)
    return f"{start}{_listed(verdict.supporting, condition, room)}{end}"


def _short_form(verdict: Verdict, condition: Condition) -> str:
    count = len(verdict.supporting)
    start = f"Threshold Crossed: {_number(count, 'datapoint')} "
    crossed = _crossed(count, verdict.state, condition)
    if count <= _MAX_LISTED_IN_SHORT_FORM:
        listed = _listed(verdict.supporting, condition, MAX_REASON_CHARS)
        return f"{start}[{listed}] {crossed}."
    newest = verdict.supporting[:_MAX_LISTED_IN_SHORT_FORM]
    listed = _listed(newest, condition, MAX_REASON_CHARS)
    return (
        f"{start}{crossed}. The most recent datapoints which crossed the threshold: "
        f"[{listed}]."
    )


def _crossed(count: int, state: AlarmState, condition: Condition) -> str:
    definition = condition.definition
    negation = "" if state is AlarmState.ALARM else "not "
    return (
        f"{_were(count)} {negation}{_OPERATORS[definition.comparison]} "
        f"the threshold ({format_double(definition.threshold)})"
    )


def _treated(count: int, condition: Condition) -> str:
    """Say how missing datapoints were treated; "" when they were left out."""
    treatment = _TREATMENTS.get(condition.definition.treat_missing_data)
    if treatment is None:
        return ""
    return (
        f"{_number(count, 'missing datapoint')} {_were(count)} treated as {treatment}"
    )


def _listed(slots: Sequence[Slot], condition: Condition, room: int) -> str:
    """List as many of ``slots`` as ``room`` characters hold, the newest first."""
    statistic = condition.definition.statistic
    texts = [
        f"{format_double(slot.value(statistic))} "
        f"({datetime.fromtimestamp(slot.start, UTC):%d/%m/%y %H:%M:%S})"
        for slot in slots
    ]
    listed = ", ".join(texts)
    while len(listed) > room:
        texts.pop()
        listed = ", ".join([*texts, "..."])
    return listed


def _minimum(state: AlarmState, condition: Condition) -> int:
    """Return how many datapoints the transition into ``state`` takes."""
    if state is AlarmState.OK:
        return condition.periods - condition.needed + 1
    return condition.needed


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _data(verdict: Verdict, condition: Condition, at: float) -> str:
    """Return the JSON; of very many datapoints, only as many of the newest as fit."""
    recent = _recent(verdict.considered, condition)
    evaluated = _evaluated(verdict, condition)
    text = _json(verdict, condition, at, recent, evaluated)
    while len(text) > MAX_REASON_DATA_CHARS:
        recent = recent[-(len(recent) // 2) :] if len(recent) > 1 else []
        evaluated = evaluated[: len(evaluated) // 2]
        text = _json(verdict, condition, at, recent, evaluated)
    return text


def _json(
    verdict: Verdict,
    condition: Condition,
    at: float,
    recent: Sequence[msgspec.Raw | None],
    evaluated: Sequence[dict[str, object]],
) -> str:
    definition = condition.definition
    document: dict[str, object] = {"version": "1.0", "queryDate": json_timestamp(at)}
    if verdict.considered:
        document["startDate"] = json_timestamp(verdict.considered[0].start)
    if definition.unit is not None:
        document["unit"] = definition.unit
    document |= {
        "statistic": str(definition.statistic),
        "period": definition.period_secs,
        "recentDatapoints": recent,
        "threshold": _raw(definition.threshold),
        "evaluatedDatapoints": evaluated,
    }
    return msgspec.json.encode(document).decode()


def _recent(slots: Sequence[Slot], condition: Condition) -> list[msgspec.Raw | None]:
    """Return the values of ``slots``, oldest first, with None for gaps between them."""
    values: list[msgspec.Raw | None] = []
    for position, slot in enumerate(slots):
        if position:
            gap_secs = slot.start - slots[position - 1].start
            values += [None] * (round(gap_secs / condition.definition.period_secs) - 1)
        values.append(_raw(slot.value(condition.definition.statistic)))
    return values


def _evaluated(verdict: Verdict, condition: Condition) -> list[dict[str, object]]:
    """Return the supporting slots, filled up with missing ones to the minimum."""
    wanted = max(0, _minimum(verdict.state, condition) - len(verdict.supporting))
    slots = sorted(
        [*verdict.supporting, *verdict.missing[:wanted]], key=lambda slot: -slot.start
    )
    return [_datapoint(slot, condition) for slot in slots]


def _datapoint(slot: Slot, condition: Condition) -> dict[str, object]:
    timestamp = json_timestamp(slot.start)
    if not slot.count:
        return {"timestamp": timestamp}
    return {
        "timestamp": timestamp,
        "sampleCount": _raw(float(slot.count)),
        "value": _raw(slot.value(condition.definition.statistic)),
    }


def _raw(value: float) -> msgspec.Raw:
    return msgspec.Raw(format_double(value).encode())
