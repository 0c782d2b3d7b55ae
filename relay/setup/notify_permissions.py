"""What the receivers of a configuration must be allowed in AWS; pure."""

from collections.abc import Iterable

from relay.config.aws_targets import CloudWatchTarget
from relay.config.notify_section import Notify
from relay.setup.scope import Scope, Statement, allow


def notify_statements(notify: Notify, scope: Scope) -> list[Statement]:
    """Return a statement for each kind of target that is an AWS service."""
    receivers = notify.receivers
    return [
        *allow(
            "NotifyTopic",
            ["sns:Publish"],
            [each.topic_arn for one in receivers for each in one.sns],
        ),
        *allow(
            "NotifyQueue",
            ["sqs:SendMessage"],
            [scope.queue_arn(each.queue_url) for one in receivers for each in one.sqs],
        ),
        *allow(
            "NotifyEventBus",
            ["events:PutEvents"],
            [
                _full(scope, each.bus, "events", "event-bus/", each.region)
                for one in receivers
                for each in one.eventbridge
            ],
        ),
        *allow(
            "NotifyFunction",
            ["lambda:InvokeFunction"],
            [
                _full(scope, each.function, "lambda", "function:", each.region)
                for one in receivers
                for each in one.lambda_
            ],
        ),
        *_alarms((each for one in receivers for each in one.cloudwatch), scope),
        *_mail(notify, scope),
    ]


def _alarms(targets: Iterable[CloudWatchTarget], scope: Scope) -> list[Statement]:
    alarms, namespaces = [], set()
    for each in targets:
        if each.metric is not None:
            namespaces.add(each.metric.namespace)
        else:
            # Without a name of its own, any alarm of the rules' may be set.
            name = each.alarm_name or "*"
            alarms.append(scope.arn("cloudwatch", f"alarm:{name}", region=each.region))
    condition = {"StringEquals": {"cloudwatch:namespace": sorted(namespaces)}}
    return [
        *allow("SetAlarmState", ["cloudwatch:SetAlarmState"], alarms),
        *allow(
            "MirrorAlarms",
            ["cloudwatch:PutMetricData"],
            ["*"] if namespaces else [],
            condition,
        ),
    ]


def _mail(notify: Notify, scope: Scope) -> list[Statement]:
    targets = [each for one in notify.receivers for each in one.ses]
    senders = sorted({each.from_.rpartition("<")[2].rstrip(">") for each in targets})
    regions = sorted({each.region or scope.region for each in targets})
    # The identity that is verified may be the address or its domain.
    identities = [
        scope.arn("ses", f"identity/{name}", region=region)
        for region in regions
        for sender in senders
        for name in (sender, sender.rpartition("@")[2])
    ]
    sets = [
        scope.arn(
            "ses",
            f"configuration-set/{each.configuration_set}",
            region=each.region,
        )
        for each in targets
        if each.configuration_set is not None
    ]
    condition = {"StringEquals": {"ses:FromAddress": senders}}
    return allow("SendMail", ["ses:SendEmail"], [*identities, *sets], condition)


def _full(scope: Scope, name: str, service: str, kind: str, region: str | None) -> str:
    if name.startswith("arn:"):
        return name
    return scope.arn(service, f"{kind}{name}", region=region)
