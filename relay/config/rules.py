"""What rule files come to once they are read: metric filters and alarms, resolved.

The YAML side of it (what may stand in a rule file) is in ``relay.config.rule_files``;
everything to the right of the configuration sees only these values.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from relay.config.composite_rule import CompositeRule
from relay.config.conditions import AnyCondition, selector_of
from relay.config.criteria import Criteria, SystemField
from relay.config.schedule import Schedule
from relay.config.statistics import AnyStatistic, Statistic
from relay.model import AlarmKey, AlarmState
from relay.patterns import Pattern, Selector


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricName:
    """A CloudWatch metric: namespace, name, and the dimensions' names and values."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class TokenName:
    """``$name`` or ``$N``: a token of a space-delimited pattern, by its name.

    ``text`` is the key that ``Pattern.extract`` gives the token.
    """

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFilter:
    """A pattern and its metric transformation (AWS's term).

    ``value`` is a number, or the selector or token whose value is published.
    ``default_value`` is published per event that does not match, as CloudWatch Logs
    does. ``dimensions`` maps names to selectors or tokens, and each of
    ``system_dimensions`` is a dimension under its own name; all must resolve or none is
    set. ``criteria`` choose the events, for matches and defaults alike. ``origin``
    is ``file:line``.
    """

    name: str
    pattern: Pattern
    metric: MetricName
    value: float | Selector | TokenName = 1.0
    default_value: float | None = None
    unit: str | None = None
    dimensions: tuple[tuple[str, Selector | TokenName], ...] = ()
    system_dimensions: tuple[SystemField, ...] = ()
    criteria: Criteria | None = None
    publish: bool = False
    """Whether CloudWatch gets the datapoints as well."""
    origin: str = ""


class Comparison(StrEnum):
    """CloudWatch's comparison operators; the statistic is the left operand."""

    GREATER_OR_EQUAL = "GreaterThanOrEqualToThreshold"
    GREATER = "GreaterThanThreshold"
    LESS = "LessThanThreshold"
    LESS_OR_EQUAL = "LessThanOrEqualToThreshold"


class MissingData(StrEnum):
    """CloudWatch's treat_missing_data."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


class LowSamples(StrEnum):
    """CloudWatch's evaluate_low_sample_count_percentile."""

    EVALUATE = "evaluate"
    IGNORE = "ignore"


class AlarmTime(StrEnum):
    """Which time of a record its datapoint gets, and so how the alarm is evaluated."""

    EVENT = "event"
    ARRIVAL = "arrival"


DEFAULT_NOTIFY_ON = frozenset({AlarmState.ALARM, AlarmState.OK})


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmDefinition:
    """An alarm, from the short or the long form alike; periods are whole seconds.

    ``datapoints_to_alarm`` is None when not given (then all ``evaluation_periods``
    count). With a ``condition`` the alarm is about the matches of ``filter`` and not
    about a metric: what makes a threshold then says what comes nearest. ``notify_on``
    names the states whose beginning is told; a ``staged`` alarm is evaluated like any
    other one, and told to nobody. ``labels`` include ``alarm`` and, when set,
    ``severity``. ``fingerprint`` covers all that the evaluation depends on, and the
    patterns that feed it: state survives a reload exactly when it is
    unchanged.
    """

    name: str
    metric: MetricName
    fingerprint: str
    statistic: AnyStatistic = Statistic.SUM
    comparison: Comparison = Comparison.GREATER_OR_EQUAL
    threshold: float = 1.0
    period_secs: int = 300
    evaluation_periods: int = 1
    datapoints_to_alarm: int | None = None
    treat_missing_data: MissingData = MissingData.NOT_BREACHING
    low_samples: LowSamples = LowSamples.EVALUATE
    unit: str | None = None
    condition: AnyCondition | None = None
    filter: str | None = None
    time: AlarmTime = AlarmTime.EVENT
    lateness_secs: float = 900.0
    group_by: tuple[Selector, ...] = ()
    max_groups: int = 10_000
    evidence: int = 5
    actions_enabled: bool = True
    notify_on: frozenset[AlarmState] = DEFAULT_NOTIFY_ON
    staged: bool = False
    description: str | None = None
    severity: str | None = None
    runbook_url: str | None = None
    runbook: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    origin: str = ""

    @property
    def key(self) -> AlarmKey:
        """The alarm's name together with the fingerprint of this definition."""
        return AlarmKey(name=self.name, fingerprint=self.fingerprint)

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """All fields of a record that the alarm itself reads."""
        subject = selector_of(self.condition)
        return self.group_by if subject is None else (*self.group_by, subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressor:
    """An alarm that keeps a composite's actions back while it is in ALARM.

    ``wait_secs`` is how long an action waits for it to go there, ``extension_secs`` how
    long one waits after it has left.
    """

    alarm: str
    wait_secs: float
    extension_secs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeDefinition:
    """An alarm on the states of other alarms; most members are AlarmDefinition's.

    ``fingerprint`` covers the rule, not the alarms it is about.
    """

    name: str
    rule: CompositeRule
    fingerprint: str
    suppressor: Suppressor | None = None
    evidence: int = 5
    actions_enabled: bool = True
    notify_on: frozenset[AlarmState] = DEFAULT_NOTIFY_ON
    staged: bool = False
    description: str | None = None
    severity: str | None = None
    runbook_url: str | None = None
    runbook: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    origin: str = ""

    @property
    def key(self) -> AlarmKey:
        """The alarm's name together with the fingerprint of this definition."""
        return AlarmKey(name=self.name, fingerprint=self.fingerprint)

    @property
    def group_by(self) -> tuple[Selector, ...]:
        """Nothing: a composite alarm has one state."""
        return ()

    @property
    def max_groups(self) -> int:
        """Itself alone."""
        return 1


AnyAlarm = AlarmDefinition | CompositeDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class MuteRule:
    """Windows in which the actions of some alarms wait.

    A window begins when ``schedule`` says, and lasts for ``duration_secs``; nothing is
    muted before ``start``, nor from ``expire`` on. ``alarms`` are names of alarms.
    """

    name: str
    alarms: frozenset[str]
    schedule: Schedule
    duration_secs: float
    start: float | None = None
    expire: float | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """All metric filters and alarms of all rule files, in file order.

    ``alarms`` are those on metrics. ``log_group`` is what ``@source.log`` stands for.
    """

    filters: tuple[MetricFilter, ...] = ()
    alarms: tuple[AlarmDefinition, ...] = field(default=())
    composites: tuple[CompositeDefinition, ...] = ()
    mute_rules: tuple[MuteRule, ...] = ()
    log_group: str = ""

    @property
    def all_alarms(self) -> tuple[AnyAlarm, ...]:
        """Alarms on metrics, then those on other alarms."""
        return (*self.alarms, *self.composites)
