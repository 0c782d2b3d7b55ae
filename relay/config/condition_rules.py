"""An alarm with a condition, told in the words of a threshold as far as they reach.

What reads CloudWatch's own notifications wants a statistic, an operator and a number;
and ``treat_missing_data`` says what a group is in that nothing is known of.
"""

from dataclasses import replace

from relay.config.conditions import (
    Absent,
    AnyCondition,
    Cardinality,
    NewValue,
    RateChange,
)
from relay.config.rules import AlarmDefinition, Comparison, MissingData
from relay.config.statistics import Statistic


def on_matches(
    definition: AlarmDefinition, condition: AnyCondition, filter_name: str
) -> AlarmDefinition:
    """Return ``definition`` with ``condition``, on the matches of a metric filter."""
    on_filter = replace(
        definition,
        condition=condition,
        filter=filter_name,
        statistic=Statistic.SAMPLE_COUNT,
    )
    match condition:
        case Absent():
            return replace(
                on_filter,
                comparison=Comparison.LESS,
                threshold=1.0,
                period_secs=int(condition.for_secs),
                treat_missing_data=MissingData.MISSING,
            )
        case NewValue():
            treatment = MissingData.NOT_BREACHING
            if condition.learn_secs:
                treatment = MissingData.MISSING
            return replace(on_filter, threshold=1.0, treat_missing_data=treatment)
        case Cardinality():
            return replace(
                on_filter,
                comparison=Comparison.GREATER,
                threshold=float(condition.more_than),
                treat_missing_data=MissingData.NOT_BREACHING,
            )
        case RateChange():
            return replace(
                on_filter,
                threshold=float(condition.at_least),
                treat_missing_data=MissingData.NOT_BREACHING,
            )
