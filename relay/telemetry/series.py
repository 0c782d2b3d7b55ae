"""relay's own metrics: every series on one page, every label bounded.

Names follow ``relay_<subject>_<unit>_total`` for counters, ``_seconds`` and ``_bytes``
for measures. What can be enumerated exists at 0 from the start, so that a rule on a
rate works before the first event. Stages count per batch, not per record in a loop.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from relay.errors import Reason
from relay.model import (
    AlarmState,
    DeliveryKind,
    FileKind,
    PublishOutcome,
    RejectedBy,
    Suppression,
)

_SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_DELAY = (
    0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
    10, 30, 60, 120, 300, 600,
)  # fmt: skip
_LATE = (*_DELAY, 900, 1800, 3600, 21600, 86400)

STAGES = (
    "event_to_object",  # CloudTrail's own delay
    "object_to_message",  # S3 and SNS
    "message_to_received",  # the queue
    "received_to_decoded",  # from here on it is relay's
    "received_to_decided",
    "received_to_notified",
    "received_to_logged",
)
OUTCOMES = ("relayed", "dropped", "duplicate", "rejected", "quarantined")
OVERFLOW = "other"


class Telemetry:
    """All series of one process, on a registry of their own."""

    def __init__(self, *, max_accounts: int = 2_000) -> None:
        self.registry = CollectorRegistry()
        self._max_accounts = max_accounts
        self._accounts: set[tuple[str, str]] = set()
        self._source()
        self._objects()
        self._records()
        self._logs()
        self._alarms()
        self._notify()
        self._life()

    def _source(self) -> None:
        self.messages_received = self._counter(
            "relay_messages_received_total", "SQS messages received."
        )
        self.messages_deleted = self._counter(
            "relay_messages_deleted_total", "SQS messages deleted: all done, durably."
        )
        self.messages_ignored = self._counter(
            "relay_messages_ignored_total",
            "Messages that announce no object: tests, validations, confirmations.",
            "kind",
            ("s3_test", "cloudtrail_validation", "subscription_confirmation",
             "unsubscribe_confirmation", "s3_other_event"),
        )  # fmt: skip
        self.messages_retained = self._counter(
            "relay_messages_retained_total",
            "Messages left in the queue, for a retry or the dead-letter queue.",
            "reason",
            tuple(Reason),
        )
        self.messages_quarantined = self._counter(
            "relay_messages_quarantined_total",
            "Messages moved to the quarantine, by the first reason of each.",
            "reason",
            tuple(Reason),
        )
        self.quarantine_errors = self._counter(
            "relay_quarantine_errors_total",
            "Messages that the quarantine did not take: they stay in the queue.",
            "reason",
            tuple(Reason),
        )
        self.messages_handed_back = self._counter(
            "relay_messages_handed_back_total", "Messages made visible again at a stop."
        )
        self.messages_in_flight = self._gauge(
            "relay_messages_in_flight", "Messages received and not yet settled."
        )
        self.bytes_in_flight = self._gauge(
            "relay_in_flight_bytes", "Decompressed bytes held in memory."
        )
        self.source_errors = self._counter(
            "relay_source_errors_total",
            "Failed SQS calls.",
            "reason",
            tuple(Reason),
        )
        self.queue_messages = self._gauge(
            "relay_queue_messages",
            "Messages in the queue, by the queue's own approximate count.",
            "state",
            ("visible", "in_flight", "delayed"),
        )
        self.queue_polls = self._gauge(
            "relay_queue_polls", "Long polls open at the queue, as its backlog asks."
        )
        self.queue_age = self._gauge(
            "relay_queue_age_seconds",
            "Age of the oldest message of the newest receive; 0 when it was empty.",
        )

    def _objects(self) -> None:
        self.deliveries = self._counter(
            "relay_deliveries_total",
            "Announced objects, by who announced them.",
            "kind",
            tuple(DeliveryKind),
        )
        self.objects = self._counter(
            "relay_objects_total",
            "Objects read to the end, by what they hold.",
            "kind",
            tuple(FileKind),
        )
        self.objects_duplicate = self._counter(
            "relay_objects_duplicate_total",
            "Objects announced again after they were done.",
        )
        self.object_errors = self._counter(
            "relay_object_errors_total",
            "Objects that could not be processed, by reason.",
            "reason",
            tuple(Reason),
        )
        self.objects_quarantined = self._counter(
            "relay_objects_quarantined_total",
            "Objects that quarantined messages name as not processed.",
            "reason",
            tuple(Reason),
        )
        self.object_bytes = self._counter(
            "relay_object_bytes_total", "Bytes read from S3."
        )
        self.decompressed_bytes = self._counter(
            "relay_decompressed_bytes_total", "Bytes of log files after gunzip."
        )
        self.get_object_seconds = self._histogram(
            "relay_get_object_seconds", "One GetObject with its body.", _SHORT
        )

    def _records(self) -> None:
        self.records_received = Counter(
            "relay_records_received_total",
            "Records of all announced objects (the ledger's left side).",
            ("account", "region"),
            registry=self.registry,
        )
        self.records_settled = Counter(
            "relay_records_total",
            "Records by what became of them (the ledger's right side).",
            ("account", "region", "outcome", "reason"),
            registry=self.registry,
        )
        self.records_repeated = Counter(
            "relay_records_repeated_total",
            "Records whose event id an earlier object had brought: relayed like all"
            " others, counted once by filters; of the newest ids since the start.",
            ("account", "region"),
            registry=self.registry,
        )
        self.records_slow = self._counter(
            "relay_records_slow_path_total",
            "Records that the fast decoder refused and the careful one took.",
        )
        self.filter_matches = Counter(
            "relay_filter_matches_total",
            "Records that matched a metric filter.",
            ("filter",),
            registry=self.registry,
        )
        self.filter_repeats = self._counter(
            "relay_filter_repeats_total",
            "Matches not counted again: the filter had counted that event id before.",
        )

    def _logs(self) -> None:
        self.log_events = self._counter(
            "relay_log_events_total", "Log events that CloudWatch Logs acknowledged."
        )
        self.log_events_rejected = self._counter(
            "relay_log_events_rejected_total",
            "Log events that CloudWatch Logs does not keep.",
            "reason",
            tuple(RejectedBy),
        )
        self.log_events_shrunk = self._counter(
            "relay_log_events_shrunk_total",
            "Records made smaller to fit a log event, at each try of their object.",
        )
        self.log_bytes = self._counter(
            "relay_log_bytes_total", "Message bytes acknowledged by CloudWatch Logs."
        )
        self.put_seconds = self._histogram(
            "relay_put_log_events_seconds", "One PutLogEvents call.", _SHORT
        )
        self.put_in_flight = self._gauge(
            "relay_put_log_events_in_flight", "PutLogEvents calls under way."
        )
        self.put_errors = self._counter(
            "relay_put_log_events_errors_total",
            "Failed PutLogEvents calls.",
            "reason",
            tuple(Reason),
        )

    def _alarms(self) -> None:
        self.transitions = self._counter(
            "relay_alarm_transitions_total",
            "Alarm state changes, by the new state.",
            "state",
            tuple(AlarmState),
        )
        self.alarms = self._gauge(
            "relay_alarms", "Alarm groups in each state.", "state", tuple(AlarmState)
        )
        self.groups_evicted = self._counter(
            "relay_alarm_groups_evicted_total", "Alarm groups dropped at max_groups."
        )
        self.values_evicted = self._counter(
            "relay_alarm_values_evicted_total",
            "Values of new_value and cardinality dropped at max_values.",
        )

        self.metric_data_published = self._counter(
            "relay_metric_data_published_total",
            "Datapoints of published metric filters, by what became of them.",
            "outcome",
            tuple(PublishOutcome),
        )
        self.metric_data_errors = self._counter(
            "relay_metric_data_errors_total",
            "Failed PutMetricData calls.",
            "reason",
            tuple(Reason),
        )
        self.metric_data_pending = self._gauge(
            "relay_metric_data_pending",
            "Different datapoints on disk when publishing began last; 0 when done.",
        )

    def _notify(self) -> None:
        self.notifications = Counter(
            "relay_notifications_total",
            "Notifications by receiver, kind of target and outcome.",
            ("receiver", "type", "outcome"),
            registry=self.registry,
        )
        self.notification_errors = self._counter(
            "relay_notification_errors_total",
            "Failed attempts to send.",
            "reason",
            tuple(Reason),
        )
        self.notifications_suppressed = self._counter(
            "relay_notifications_suppressed_total",
            "Receivers not told of an alarm at once, by what kept it mute.",
            "reason",
            tuple(Suppression),
        )
        self.silences = self._gauge(
            "relay_silences", "Silences that had not ended at the last commit."
        )
        self.outbox_pending = self._gauge(
            "relay_outbox_pending", "Notifications not yet accepted by their target."
        )

    def _life(self) -> None:
        self.delay = Histogram(
            "relay_delay_seconds",
            "Delay between two stages, per object (events: the oldest and newest).",
            ("stage",),
            registry=self.registry,
            buckets=_LATE,
        )
        for stage in STAGES:
            self.delay.labels(stage)
        self.commits = self._histogram(
            "relay_state_commit_seconds", "One commit of the state store.", _SHORT
        )
        self.reload_successful = self._gauge(
            "relay_config_last_reload_successful",
            "1 when the last load of the configuration succeeded, else 0.",
        )
        self.reload_timestamp = self._gauge(
            "relay_config_last_reload_success_timestamp_seconds",
            "When the configuration was last loaded successfully.",
        )
        self.reloads = self._counter(
            "relay_config_reloads_total",
            "Reloads by outcome.",
            "outcome",
            ("success", "failure"),
        )
        self.build_info = Gauge(
            "relay_build_info",
            "Constant 1, labelled with the version.",
            ("version",),
            registry=self.registry,
        )

    def account_labels(self, account: str, region: str) -> tuple[str, str]:
        """Return the labels to count this account and region under.

        Past ``max_accounts`` pairs every new one is counted as ("other", "other"): the
        ledger's sum stays right and the number of series stays bounded.
        """
        pair = (account, region)
        if pair not in self._accounts:
            if len(self._accounts) >= self._max_accounts:
                return OVERFLOW, OVERFLOW
            self._accounts.add(pair)
        return pair

    def _counter(
        self, name: str, text: str, label: str = "", values: tuple[str, ...] = ()
    ) -> Counter:
        counter = Counter(name, text, (label,) if label else (), registry=self.registry)
        for value in values:
            counter.labels(value)
        return counter

    def _gauge(
        self, name: str, text: str, label: str = "", values: tuple[str, ...] = ()
    ) -> Gauge:
        gauge = Gauge(name, text, (label,) if label else (), registry=self.registry)
        for value in values:
            gauge.labels(value)
        return gauge

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, registry=self.registry, buckets=buckets)
