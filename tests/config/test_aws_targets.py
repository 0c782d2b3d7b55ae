"""Tests of the targets that are AWS services: what may be written, and what not."""

import pytest

from tests.config.conftest import Examine, lines

NOTIFY = """\
notify:
  route: {{receiver: r}}
  receivers:
    - name: r
      {}
"""
ADDRESSES = ", ".join(f"a{number}@example.com" for number in range(51))


@pytest.mark.parametrize(
    "target",
    [
        "sns: [{topic_arn: 'arn:aws:sns:eu-west-1:123456789012:x.fifo'}]",
        "sns: [{topic_arn: 'arn:aws:sns:eu-west-1:123456789012:x', max_size: 1MiB}]",
        "eventbridge: [{}]",
        "eventbridge: [{bus: security, region: us-east-1}]",
        "eventbridge: [{bus: 'arn:aws:events:eu-west-1:123456789012:event-bus/a/b'}]",
        "lambda: [{function: enrich, invocation_type: RequestResponse}]",
        "lambda: [{function: 'enrich:live'}]",
        "lambda: [{function: 'enrich:$LATEST'}]",
        "lambda: [{function: 'arn:aws:lambda:eu-west-1:123456789012:function:f:3'}]",
        "cloudwatch: [{set_alarm_state: true}]",
        "cloudwatch: [{set_alarm_state: true, alarm_name: any}]",
        "cloudwatch: [{metric: {}}]",
        "cloudwatch: [{metric: {namespace: Security/Relay, name: State of it}}]",
        "ses: [{to: [a@example.com], from: Relay <relay@example.com>}]",
    ],
)
def test_a_target_is_taken(examined: Examine, target: str) -> None:
    """In each of its forms."""
    assert lines(examined(NOTIFY.format(target))) == []


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (
            "sqs: [{queue_url: http://localhost/1/q, max_size: 1KiB}]",
            "sqs[0].max_size: '1KiB' is too small; at least 16KiB",
        ),
        (
            "sqs: [{queue_url: http://localhost/1/q, max_size: 2MiB}]",
            "sqs[0].max_size: '2MiB' is too large; at most 1MiB",
        ),
        (
            "eventbridge: [{bus: 'arn:aws:events:eu-west-1:1:event-bus/x'}]",
            "eventbridge[0].bus: 'arn:aws:events:eu-west-1:1:event-bus/x' is no event",
        ),
        (
            "lambda: [{function: a/b}]",
            "lambda[0].function: 'a/b' is no function; write its name or arn:aws:",
        ),
        (
            "lambda: [{function: f, invocation_type: DryRun}]",
            "lambda[0].invocation_type: 'DryRun' is not allowed; write 'Event' or",
        ),
        (
            "cloudwatch: [{}]",
            "cloudwatch[0]: takes one of set_alarm_state: true and metric",
        ),
        (
            "cloudwatch: [{set_alarm_state: true, metric: {}}]",
            "cloudwatch[0]: takes one of set_alarm_state: true and metric",
        ),
        (
            "cloudwatch: [{alarm_name: x, metric: {}}]",
            "cloudwatch[0]: has alarm_name, which needs set_alarm_state: true",
        ),
        (
            "cloudwatch: [{metric: {namespace: AWS/Lambda}}]",
            "cloudwatch[0].metric.namespace: 'AWS/Lambda' is no namespace",
        ),
        (
            "cloudwatch: [{metric: {name: ' '}}]",
            "cloudwatch[0].metric.name: ' ' is no metric name",
        ),
        (
            f"ses: [{{to: [{ADDRESSES}], from: relay@example.com}}]",
            "ses[0].to: a list has too many entries; at most 50",
        ),
    ],
)
def test_what_aws_would_refuse_is_refused(
    examined: Examine, target: str, expected: str
) -> None:
    """With the option, what was found and what is allowed."""
    (line,) = lines(examined(NOTIFY.format(target)))

    assert line.startswith(f"relay.yaml:5: notify.receivers[0].{expected}")
