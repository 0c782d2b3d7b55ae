"""The configuration in its documented form, whole: what it says is what is loaded."""

from pathlib import Path

from relay.config.load import load
from relay.config.secrets import Secret
from relay.config.statistics import Statistic

CONFIG = """\
aws:       {region: eu-west-1, endpoint_url: null, profile: null, assume_role: null}
source:
  queue_url: https://sqs.eu-west-1.amazonaws.com/123456789012/relay
  buckets: [org-trail-logs]
  visibility_timeout: 5m
  max_in_flight: {messages: 100, bytes: 256MiB}
  limits: {object: 64MiB, decompressed: 1GiB, records: 1000000}
logs:
  group: /relay/cloudtrail
  stream: "{account}_CloudTrail_{region}"
  timestamp: delivery
  create: {group: true, retention_days: 365, tags: {}, kms_key: null}
  routes:
    - {match: '{ $.eventCategory = "Data" }', group: /relay/cloudtrail-data}
    - {match: '{ $.userAgent = "health-checker*" }', drop: true}
rules: [rules.d/*.yaml]
state: {url: "sqlite:///var/lib/relay/state.db"}
notify:
  receivers:
    - name: security
      sns: [{topic_arn: "arn:aws:sns:eu-west-1:123456789012:security"}]
      webhook: [{url: "https://hooks.example.com/x", hmac_secret: "file:hook"}]
    - name: pager
      email: [{to: [oncall@example.com], from: relay@example.com, \
smtp: {host: localhost, port: 25}}]
  route:
    receiver: security
    repeat_interval: 4h
    routes:
      - {match: {severity: critical}, receiver: pager, continue: true}
telemetry: {listen: "127.0.0.1:9815", log: {level: info, format: json}}
"""
RULES = """\
metric_filters:
  - name: console-login-failures
    pattern: '{ ($.eventName = ConsoleLogin) && \
($.errorMessage = "Failed authentication") }'
    metric: {namespace: CISBenchmark, \
name: ConsoleLoginFailures, value: "1", unit: Count}
    publish: false
    alarm:
      threshold: 3
      period: 5m
      group_by: [$.userIdentity.userName]
      severity: high
      description: Someone is guessing passwords.
      runbook_url: https://wiki.example.com/cis-4-6
  - name: unauthorized-calls
    pattern: '{ $.errorCode = "AccessDenied*" }'
    metric: {namespace: CISBenchmark, name: UnauthorizedCalls}
alarms:
  - name: many-denied
    metric: CISBenchmark/UnauthorizedCalls
    statistic: Sum
    comparison_operator: GreaterThanOrEqualToThreshold
    threshold: 10
    period: 5m
    evaluation_periods: 3
    datapoints_to_alarm: 2
    treat_missing_data: notBreaching
    labels: {severity: high}
"""


def test_the_documented_form_loads(tmp_path: Path) -> None:
    """Every part of it arrives as it was meant."""
    (tmp_path / "rules.d").mkdir()
    (tmp_path / "rules.d" / "rules.yaml").write_text(RULES)
    (tmp_path / "relay.yaml").write_text(CONFIG)
    (tmp_path / "hook").write_text("key\n")

    loaded = load(tmp_path / "relay.yaml", environment={})

    config = loaded.config
    security, pager = config.notify.receivers
    route = config.notify.route
    failures, denied = loaded.rules.alarms
    assert route is not None
    assert config.source.limits.decompressed == 2**30
    assert config.logs.create.retention_days == 365
    assert [each.drop for each in config.logs.routes] == [False, True]
    assert security.webhook[0].hmac_secret == Secret("key")
    assert pager.email[0].from_ == "relay@example.com"
    assert (route.repeat_interval, route.routes[0].continue_) == (14_400, True)
    assert (failures.threshold, failures.severity) == (3, "high")
    assert (denied.statistic, denied.threshold) == (Statistic.SUM, 10)
    assert (denied.evaluation_periods, denied.datapoints_to_alarm) == (3, 2)
    assert dict(denied.labels) == {"alarm": "many-denied", "severity": "high"}
