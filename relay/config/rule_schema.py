"""What may stand in a rule file: metric filters and alarms, as people write them.

``relay.config.rule_files`` turns these into the values of ``relay.config.rules``. The
limits are those of the API references of PutMetricFilter and PutMetricAlarm.
"""

from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticKnownError

from relay.config.action_schema import ActionOptions
from relay.config.composite_schema import CompositeEntry
from relay.config.condition_schema import (
    ConditionOptions,
    check_condition,
    condition_name,
    is_without_condition,
    refuse_beside_a_condition,
)
from relay.config.criteria import SystemField
from relay.config.lists import ListName, ListSource
from relay.config.metric_schema import (
    MetricEntry,
    RuleSection,
    check_sources,
    check_system_fields,
)
from relay.config.mute_schema import MuteEntry
from relay.config.names import FilterName, OwnAlarmName, OwnFilterName, Unit
from relay.config.pattern_text import (
    CompiledCriteria,
    CompiledPattern,
    CompiledSelector,
)
from relay.config.refusal import refusal
from relay.config.rules import AlarmTime, Comparison, LowSamples, MissingData
from relay.config.scalars import Duration, Number, Switch, Text, Whole
from relay.config.statistics import AnyStatistic, Statistic, parse_statistic
from relay.config.units import format_duration
from relay.patterns import Selector

T = TypeVar("T")

DAY_SECS = 86_400
MAX_SPAN_SECS = 7 * DAY_SECS
"""period x evaluation_periods; one day when the period is under an hour."""


def _statistic(value: object) -> AnyStatistic:
    if not isinstance(value, str):
        raise refusal("is no text; a statistic is one, such as Sum or p99")
    try:
        return parse_statistic(value)
    except ValueError as error:
        raise refusal(str(error)) from error


def _metric_path(text: str) -> str:
    namespace, _, name = text.rpartition("/")
    if not namespace or not name:
        raise refusal("is no metric; write namespace/name")
    return text


class AlarmOptions(ConditionOptions, ActionOptions):
    """What the short and the long form of an alarm have in common."""

    statistic: Annotated[
        AnyStatistic,
        PlainValidator(_statistic),
        WithJsonSchema(
            {
                "anyOf": [
                    {"enum": list(Statistic)},
                    {"type": "string", "pattern": r"^p[0-9.]+$|^PR\(.*:.*\)$"},
                ]
            }
        ),
    ] = Statistic.SUM
    """SampleCount, Sum, Average, Minimum, Maximum, a percentile (p99.9), PR(100:)."""
    comparison_operator: Comparison = Comparison.GREATER_OR_EQUAL
    threshold: Number = 1.0
    period: Duration = 300.0
    """10s, 20s, 30s or whole minutes."""
    evaluation_periods: Whole = Field(default=1, ge=1)
    datapoints_to_alarm: Whole | None = Field(default=None, ge=1)
    """How many of the evaluation_periods must breach; without it, all of them."""
    treat_missing_data: MissingData | None = None
    """Without it, notBreaching for Sum and SampleCount, else missing."""
    evaluate_low_sample_count_percentile: LowSamples = LowSamples.EVALUATE
    """ignore: a percentile of too few datapoints leaves the alarm as it is."""
    time: AlarmTime = AlarmTime.EVENT
    """event: by the records' own times; arrival: as CloudWatch, by when they came."""
    lateness: Duration = Field(default=900.0, le=14 * DAY_SECS)
    """How late a record may come where later data could undo the alarm."""
    group_by: tuple[CompiledSelector, ...] = Field(default=(), max_length=10)
    """One state per value of these fields."""
    max_groups: Whole = Field(default=10_000, ge=1, le=1_000_000)

    @field_validator(
        "statistic",
        "comparison_operator",
        "threshold",
        "evaluation_periods",
        "datapoints_to_alarm",
        "treat_missing_data",
        "evaluate_low_sample_count_percentile",
        "time",
    )
    @classmethod
    def _belong_to_a_threshold(cls, option: T, info: ValidationInfo) -> T:
        refuse_beside_a_condition(info)
        return option

    @field_validator("period")
    @classmethod
    def _is_a_period(cls, period: float, info: ValidationInfo) -> float:
        if info.data.get("absent") is not None:
            raise refusal("plays no part in an alarm with absent, which has for")
        if period not in (10, 20, 30) and (period < 60 or period % 60):
            raise refusal("is no period; write 10s, 20s, 30s or a multiple of 60s")
        if period > MAX_SPAN_SECS:
            raise refusal("is too long; at most 7d")
        return period

    @field_validator("evaluation_periods")
    @classmethod
    def _spans_at_most_a_week(cls, periods: int, info: ValidationInfo) -> int:
        period = info.data.get("period", 0.0)
        longest = DAY_SECS if period < 3600 else MAX_SPAN_SECS
        if period * periods > longest:
            raise refusal(
                f"periods of {format_duration(period)} are too many: together they"
                f" may last {format_duration(longest)}"
            )
        return periods

    @field_validator("datapoints_to_alarm")
    @classmethod
    def _is_part_of_the_periods(
        cls, datapoints: int | None, info: ValidationInfo
    ) -> int | None:
        periods = info.data.get("evaluation_periods")
        if datapoints is not None and periods is not None and datapoints > periods:
            raise refusal(f"is more than evaluation_periods, which is {periods}")
        return datapoints

    @field_validator("group_by")
    @classmethod
    def _name_single_values(
        cls, selectors: tuple[Selector, ...]
    ) -> tuple[Selector, ...]:
        for selector in selectors:
            if selector.has_wildcard:
                raise refusal(f"has {selector.text}, which stands for many values")
        if len(set(selectors)) < len(selectors):
            raise refusal("names a field twice")
        return selectors

    @model_validator(mode="after")
    def _fits_its_condition(self) -> Self:
        check_condition(
            self,
            period_secs=self.period,
            fields=len(self.group_by),
            room=self.max_groups,
        )
        return self


class ShortAlarm(AlarmOptions):
    """An alarm on the metric of the filter that it stands in; {} has all defaults."""

    name: OwnAlarmName | None = None
    """Without one, the filter's name."""


class FilterEntry(RuleSection):
    """A metric filter: a pattern, and what a match of it counts as."""

    name: OwnFilterName
    extensions: Switch = False
    """Whether the pattern may use what CloudWatch Logs does not know."""
    pattern: CompiledPattern
    field_selection_criteria: CompiledCriteria | None = None
    """Which accounts and regions count: @aws.account = "..." AND @aws.region ..."""
    metric: MetricEntry = MetricEntry()
    emit_system_field_dimensions: tuple[SystemField, ...] = ()
    """System fields that are dimensions as well, under their own names."""
    publish: Switch = False
    """Whether CloudWatch gets the metric as well, with PutMetricData."""
    alarm: ShortAlarm | None = None

    @field_validator("metric")
    @classmethod
    def _comes_from_the_pattern(
        cls, metric: MetricEntry, info: ValidationInfo
    ) -> MetricEntry:
        pattern: Any = info.data.get("pattern")
        if pattern is not None:
            check_sources(metric, pattern)
        return metric

    @field_validator("publish")
    @classmethod
    def _has_a_namespace_of_its_own(cls, publish: bool, info: ValidationInfo) -> bool:
        metric: Any = info.data.get("metric")
        if publish and metric is not None and metric.namespace.startswith("AWS/"):
            raise refusal("cannot be: PutMetricData keeps AWS/ namespaces for AWS")
        return publish

    @field_validator("emit_system_field_dimensions")
    @classmethod
    def _fit_beside_the_dimensions(
        cls, fields: tuple[SystemField, ...], info: ValidationInfo
    ) -> tuple[SystemField, ...]:
        metric = info.data.get("metric")
        if metric is not None:
            check_system_fields(fields, metric)
        return tuple(dict.fromkeys(fields))  # AWS takes repetitions

    @field_validator("alarm")
    @classmethod
    def _has_one_metric(
        cls, alarm: ShortAlarm | None, info: ValidationInfo
    ) -> ShortAlarm | None:
        metric, fields = (
            info.data.get(each) for each in ("metric", "emit_system_field_dimensions")
        )
        on_matches = alarm is not None and condition_name(vars(alarm)) is not None
        has_dimensions = fields or (metric is not None and metric.dimensions)
        if alarm is not None and has_dimensions and not on_matches:
            raise refusal(
                "cannot stand beside dimensions, which make many metrics;"
                " write an alarm under alarms: with its dimensions, or use group_by"
            )
        return alarm


class AlarmEntry(AlarmOptions):
    """An alarm in the long form: CloudWatch's own fields in snake_case."""

    name: OwnAlarmName
    filter: FilterName | None = Field(default=None, validate_default=True)
    """The metric filter whose matches a condition is about; then without a metric."""
    metric: Annotated[str, AfterValidator(_metric_path)] | None = Field(
        default=None, validate_default=True
    )
    """namespace/name, as some metric filter has it."""
    dimensions: dict[str, Text] = Field(default={}, max_length=30)
    unit: Unit | None = None
    """Only datapoints with this very unit are counted."""

    @field_validator("filter")
    @classmethod
    def _goes_with_a_condition(
        cls, name: str | None, info: ValidationInfo
    ) -> str | None:
        if name is None and condition_name(info.data) is not None:
            raise PydanticKnownError("missing")
        if name is not None and is_without_condition(info.data):
            raise refusal("goes with a condition; a threshold is on a metric")
        return name

    @field_validator("metric")
    @classmethod
    def _goes_with_a_threshold(
        cls, metric: str | None, info: ValidationInfo
    ) -> str | None:
        if metric is not None:
            refuse_beside_a_condition(info)
        elif "filter" in info.data and is_without_condition(info.data):
            raise PydanticKnownError("missing")
        return metric

    @field_validator("dimensions", "unit")
    @classmethod
    def _belong_to_a_metric(cls, option: T, info: ValidationInfo) -> T:
        refuse_beside_a_condition(info)
        return option


class RuleFile(RuleSection):
    """One rule file."""

    lists: dict[ListName, ListSource] = Field(default={})
    """Named lists, for IN @name in patterns with extensions; a text names a file."""
    metric_filters: tuple[FilterEntry, ...] = ()
    alarms: tuple[AlarmEntry, ...] = ()
    composite_alarms: tuple[CompositeEntry, ...] = ()
    mute_rules: tuple[MuteEntry, ...] = ()
