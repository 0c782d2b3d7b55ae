"""CloudWatch's judgement of complete slots: M out of N, missing data included.

This is the rule set that reproduces AWS's tables in "Configuring how CloudWatch alarms
treat missing data" and recorded native evaluations. It looks at more slots than N (the
evaluation range): real datapoints win over missing ones, which are filled only as far
as the real ones fall short of N.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from relay.alarms.condition import Condition
from relay.alarms.windows import Slot
from relay.config.rules import MissingData
from relay.model import AlarmState


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the slots say, and why.

    ``considered`` are the real slots that decided, oldest first; ``supporting`` those
    of them that speak for ``state``, newest first; ``missing`` all missing slots,
    newest first; ``filled`` how many missing ones were counted in. ``by_absence``: the
    real slots alone would not have raised the alarm.
    """

    state: AlarmState
    considered: tuple[Slot, ...]
    supporting: tuple[Slot, ...]
    missing: tuple[Slot, ...]
    filled: int
    by_absence: bool = False


def evaluate(
    slots: Sequence[Slot], condition: Condition, previous: AlarmState
) -> Verdict:
    """Judge ``slots`` (the evaluation range, oldest first) as CloudWatch does.

    ``previous`` is the state to keep where the rules say so; also where one of the
    slots that would decide is a percentile of too few datapoints, to be ignored.
    """
    real = [slot for slot in slots if slot.count]
    considered = real[-condition.periods :]
    filled = condition.periods - len(considered)
    if not real:
        state = _without_data(condition.definition.treat_missing_data, previous)
    elif any(slot.count < condition.least_samples for slot in considered):
        state = previous
    elif not filled:
        state = _alarm_if(_breaching(considered, condition) >= condition.needed)
    else:
        state = _with_gaps(slots, condition, previous)
    wants_breach = state is AlarmState.ALARM
    return Verdict(
        state=state,
        considered=tuple(considered),
        supporting=tuple(
            slot
            for slot in reversed(considered)
            if _is_breaching(slot, condition) is wants_breach
        ),
        missing=tuple(slot for slot in reversed(slots) if not slot.count),
        filled=filled,
        by_absence=wants_breach
        and _breaching(considered, condition) < condition.needed,
    )


def _without_data(treatment: MissingData, previous: AlarmState) -> AlarmState:
    match treatment:
        case MissingData.MISSING:
            return AlarmState.INSUFFICIENT_DATA
        case MissingData.IGNORE:
            return previous
        case MissingData.BREACHING:
            return AlarmState.ALARM
        case MissingData.NOT_BREACHING:
            return AlarmState.OK


def _with_gaps(
    slots: Sequence[Slot], condition: Condition, previous: AlarmState
) -> AlarmState:
    """Judge a range that has some real slots, but fewer than N."""
    real = [slot for slot in slots if slot.count]
    breaching, filled = _breaching(real, condition), condition.periods - len(real)
    match condition.definition.treat_missing_data:
        case MissingData.BREACHING:
            return _alarm_if(breaching + filled >= condition.needed)
        case MissingData.NOT_BREACHING:
            return _alarm_if(breaching >= condition.needed)
        case MissingData.MISSING | MissingData.IGNORE as treatment:
            if breaching >= condition.needed:
                return AlarmState.ALARM
            if breaching < len(real):
                return AlarmState.OK
            return _premature(slots, condition, previous, treatment)


def _premature(
    slots: Sequence[Slot],
    condition: Condition,
    previous: AlarmState,
    treatment: MissingData,
) -> AlarmState:
    """Judge a range in which everything known breaches, but fewer than M slots do.

    AWS's "premature alarm": once the oldest of them is M slots old, ``missing`` alarms.
    """
    oldest = next(position for position, slot in enumerate(slots) if slot.count)
    is_old_enough = len(slots) - oldest >= condition.needed
    if is_old_enough and treatment is MissingData.MISSING:
        return AlarmState.ALARM
    return previous


def _alarm_if(condition: bool) -> AlarmState:
    return AlarmState.ALARM if condition else AlarmState.OK


def _breaching(slots: Sequence[Slot], condition: Condition) -> int:
    return sum(_is_breaching(slot, condition) for slot in slots)


def _is_breaching(slot: Slot, condition: Condition) -> bool:
    return condition.breaches(slot.value(condition.definition.statistic))
