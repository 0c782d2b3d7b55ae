"""What may stand in a rule file: metric filters and alarms, as people write them.

``relay.config.rule_files`` turns these into the values of ``relay.config.rules``. The
limits are those of the API references of PutMetricFilter and PutMetricAlarm.
"""

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)

from relay.config.names import AlarmName, FilterName, LabelName, MetricPart, Unit
from relay.config.pattern_text import CompiledPattern, CompiledSelector
from relay.config.refusal import refusal
from relay.config.rules import AlarmTime, Comparison, MissingData, Statistic
from relay.config.scalars import Duration, Number, Switch, Text, Whole, matching
from relay.config.schema import Section
from relay.config.units import format_duration
from relay.patterns import PatternError, PatternKind, Selector, parse_selector

DAY_SECS = 86_400
MAX_SPAN_SECS = 7 * DAY_SECS
"""period x evaluation_periods; one day when the period is under an hour."""

_EXTENDED = re.compile(r"(p|tm|tc|ts|wm)[0-9.]+|IQM|(PR|TM|TC|TS|WM)\(.*\)", re.I)


def _value(value: object) -> float | Selector:
    """Read AWS's metricValue: a number, or the selector of one; 100 characters."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Selector):
        raise refusal('is neither a number nor a selector, such as "1" or $.bytes')
    if isinstance(value, Selector):
        return value
    text = str(value)
    if len(text) > 100:
        raise refusal("is longer than the 100 characters that AWS takes")
    if re.fullmatch(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,2})?", text):
        return float(text)
    if not text.startswith("$"):
        raise refusal('is neither a number nor a selector, such as "1" or $.bytes')
    try:
        return parse_selector(text)
    except PatternError as error:
        raise refusal("is no selector", detail=str(error)) from error


def _supported_statistic(value: object) -> object:
    if isinstance(value, str) and _EXTENDED.fullmatch(value):
        raise refusal(
            "is not available in this version (percentiles and trimmed statistics);"
            f" write one of {', '.join(Statistic)}"
        )
    return value


def _unpublished(publish: bool) -> bool:
    if publish:
        raise refusal(
            "is not available in this version (publishing to CloudWatch);"
            " write false or remove it"
        )
    return publish


def _metric_path(text: str) -> str:
    namespace, _, name = text.rpartition("/")
    if not namespace or not name:
        raise refusal("is no metric; write namespace/name")
    return text


def _own_label(labels: dict[str, str]) -> dict[str, str]:
    if "alarm" in labels:
        raise refusal("has the label 'alarm', which is always the alarm's name")
    return labels


class RuleSection(Section):
    """A section of a rule file; it may hold compiled patterns and selectors."""

    model_config = ConfigDict(arbitrary_types_allowed=True)


class MetricEntry(RuleSection):
    """The metric transformation: what a match counts as, and for which metric."""

    namespace: MetricPart = "relay"
    name: MetricPart | None = None
    """Without one, the filter's name."""
    value: Annotated[
        float | Selector,
        PlainValidator(_value),
        WithJsonSchema({"type": ["string", "number"], "maxLength": 100}),
    ] = 1.0
    """A number, or the selector of the field that holds it."""
    unit: Unit | None = None
    default_value: Number | None = None
    """Counted for every event that does not match."""
    dimensions: dict[
        Annotated[
            str,
            matching(r"(?!:)[!-~ ]{1,255}", "is no dimension name: 1 to 255 of ASCII"),
        ],
        CompiledSelector,
    ] = Field(default={}, max_length=3)
    """Names with the selectors of their values; at most 3."""

    @field_validator("dimensions")
    @classmethod
    def _exclude_default_value(
        cls, dimensions: dict[str, Selector], info: ValidationInfo
    ) -> dict[str, Selector]:
        if dimensions and info.data.get("default_value") is not None:
            raise refusal("cannot be combined with default_value; AWS refuses both")
        return dimensions


class AlarmOptions(RuleSection):
    """What the short and the long form of an alarm have in common."""

    statistic: Annotated[Statistic, BeforeValidator(_supported_statistic)] = (
        Statistic.SUM
    )
    comparison_operator: Comparison = Comparison.GREATER_OR_EQUAL
    threshold: Number = 1.0
    period: Duration = 300.0
    """10s, 20s, 30s or whole minutes."""
    evaluation_periods: Whole = Field(default=1, ge=1)
    datapoints_to_alarm: Whole | None = Field(default=None, ge=1)
    """How many of the evaluation_periods must breach; without it, all of them."""
    treat_missing_data: MissingData | None = None
    """Without it, notBreaching for Sum and SampleCount, else missing."""
    time: AlarmTime = AlarmTime.EVENT
    lateness: Duration = Field(default=900.0, le=14 * DAY_SECS)
    """How late a record may come where later data could undo the alarm."""
    group_by: tuple[CompiledSelector, ...] = Field(default=(), max_length=10)
    """One state per value of these fields."""
    max_groups: Whole = Field(default=10_000, ge=1, le=1_000_000)
    evidence: Whole = Field(default=5, ge=0, le=50)
    """How many records a notification carries."""
    actions_enabled: Switch = True
    severity: Text | None = None
    description: Annotated[str, Field(max_length=1024)] | None = None
    runbook_url: Text | None = None
    labels: Annotated[dict[LabelName, str], AfterValidator(_own_label)] = Field(
        default={}
    )
    """What notification routes match on, beside alarm and severity."""

    @field_validator("period")
    @classmethod
    def _is_a_period(cls, period: float) -> float:
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

    @field_validator("labels")
    @classmethod
    def _have_one_severity(
        cls, labels: dict[str, str], info: ValidationInfo
    ) -> dict[str, str]:
        severity = info.data.get("severity")
        if severity is not None and labels.get("severity", severity) != severity:
            raise refusal("has another severity than the option severity")
        return labels


class ShortAlarm(AlarmOptions):
    """An alarm on the metric of the filter that it stands in; {} has all defaults."""

    name: AlarmName | None = None
    """Without one, the filter's name."""


class FilterEntry(RuleSection):
    """A metric filter: a pattern, and what a match of it counts as."""

    name: FilterName
    pattern: CompiledPattern
    metric: MetricEntry = MetricEntry()
    publish: Annotated[Switch, AfterValidator(_unpublished)] = False
    """Whether CloudWatch gets the metric as well; not available in this version."""
    alarm: ShortAlarm | None = None

    @field_validator("metric")
    @classmethod
    def _reads_json(cls, metric: MetricEntry, info: ValidationInfo) -> MetricEntry:
        pattern: Any = info.data.get("pattern")
        selects = bool(metric.dimensions) or isinstance(metric.value, Selector)
        if pattern is not None and selects and pattern.kind != PatternKind.JSON:
            raise refusal("selects fields, for which the pattern must be { ... }")
        return metric

    @field_validator("alarm")
    @classmethod
    def _has_one_metric(
        cls, alarm: ShortAlarm | None, info: ValidationInfo
    ) -> ShortAlarm | None:
        metric = info.data.get("metric")
        if alarm is not None and metric is not None and metric.dimensions:
            raise refusal(
                "cannot stand beside dimensions, which make many metrics;"
                " write an alarm under alarms: with its dimensions, or use group_by"
            )
        return alarm


class AlarmEntry(AlarmOptions):
    """An alarm in the long form: CloudWatch's own fields in snake_case."""

    name: AlarmName
    metric: Annotated[str, AfterValidator(_metric_path)]
    """namespace/name, as some metric filter has it."""
    dimensions: dict[str, Text] = Field(default={}, max_length=30)
    unit: Unit | None = None
    """Only datapoints with this very unit are counted."""


class RuleFile(RuleSection):
    """One rule file."""

    metric_filters: tuple[FilterEntry, ...] = ()
    alarms: tuple[AlarmEntry, ...] = ()
