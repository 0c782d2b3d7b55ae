"""The least that the daemon must be allowed, from its configuration; pure.

Action names: Service Authorization Reference. A batch call is authorised by the action
of the single one.
"""

from collections.abc import Sequence
from typing import Any

from relay.aws.queue_url import queue_account, queue_region
from relay.aws.secret_sources import secret_references
from relay.config.schema import Config, Loaded
from relay.config.secret_references import SecretSource
from relay.errors import ConfigError
from relay.notify.regions import partition
from relay.setup.notify_permissions import notify_statements
from relay.setup.scope import Scope, Statement, allow


def daemon_policy(
    loaded: Loaded,
    *,
    scope: Scope,
    key_arns: Sequence[str] = (),
    prefix: str | None = None,
) -> dict[str, Any]:
    """Return the IAM policy that ``relay run`` needs with this configuration.

    ``key_arns`` are the KMS keys that log files and queues are encrypted with: the
    configuration does not know them. ``prefix`` is what the keys of log files start
    with; without it, anything.
    """
    config = loaded.config
    return {
        "Version": "2012-10-17",
        "Statement": [
            *_source(config, scope, prefix),
            *allow("Decrypt", ["kms:Decrypt"], key_arns),
            *_logs(config, scope),
            *notify_statements(config.notify, scope),
            *_publish(loaded),
            *_quarantine(config, scope),
            *_secrets(config, scope),
            *_roles(config),
        ],
    }


def scope_of(config: Config, *, account: str | None) -> Scope:
    """Return the scope of a configuration; ``account`` goes before its queue's.

    Raises ConfigError when it does not say account and region.
    """
    url = config.source.queue_url
    account = account or queue_account(url)
    region = config.aws.region or queue_region(url)
    problems = []
    if account is None:
        problems.append("source.queue_url: names no account; give --account")
    if region is None:
        problems.append("aws.region: not set, and source.queue_url names none")
    if account is None or region is None:
        raise ConfigError(problems)
    return Scope(account=account, region=region, partition=partition(region))


def _source(config: Config, scope: Scope, prefix: str | None) -> list[Statement]:
    source = config.source
    start = "*AWSLogs/*" if prefix is None else f"{prefix}/AWSLogs/*"
    buckets = [scope.bucket_arn(bucket) for bucket in source.buckets]
    # Through an access point, its own ARN is compared as well as the bucket's.
    points = [each for each in source.access_points.values() if each.startswith("arn:")]
    return [
        *allow(
            "TakeMessages",
            [
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:GetQueueAttributes",
            ],
            [scope.queue_arn(source.queue_url)],
        ),
        *allow(
            "ReadLogFiles",
            ["s3:GetObject"],
            [
                *(f"{bucket}/{start}" for bucket in buckets),
                *(f"{point}/object/{start}" for point in points),
            ],
        ),
        # Without it S3 answers 403 for an object that is not there.
        *allow("TellMissingFromForbidden", ["s3:ListBucket"], [*buckets, *points]),
    ]


def _logs(config: Config, scope: Scope) -> list[Statement]:
    logs = config.logs
    names = [logs.group, *(each.group for each in logs.routes if each.group)]
    groups = [scope.arn("logs", f"log-group:{name}") for name in names]
    streams = [f"{group}:*" for group in groups]
    writing = ["logs:CreateLogStream", "logs:PutLogEvents"]
    statements = allow("WriteLogEvents", writing, streams)
    if logs.create.group:
        making = ["logs:CreateLogGroup"]
        if logs.create.retention_days is not None:
            making.append("logs:PutRetentionPolicy")
        statements += allow("MakeLogGroup", making, streams)
        if logs.create.tags:
            statements += allow("TagLogGroup", ["logs:TagResource"], groups)
    return statements


def _publish(loaded: Loaded) -> list[Statement]:
    filters = [each for each in loaded.rules.filters if each.publish]
    namespaces = sorted({each.metric.namespace for each in filters})
    if not namespaces:
        return []
    # PutMetricData knows no resources; the namespace is what can be narrowed.
    condition = {"StringEquals": {"cloudwatch:namespace": namespaces}}
    return allow("PublishMetrics", ["cloudwatch:PutMetricData"], ["*"], condition)


def _quarantine(config: Config, scope: Scope) -> list[Statement]:
    place = config.quarantine
    if place is None:
        return []
    if place.queue_url is not None:
        queue = scope.queue_arn(place.queue_url)
        return allow("QuarantineQueue", ["sqs:SendMessage"], [queue])
    items = [
        f"{scope.bucket_arn(each.bucket)}/{each.prefix}*"
        for each in (place.s3,)
        if each is not None
    ]
    return allow("QuarantineBucket", ["s3:PutObject"], items)


def _secrets(config: Config, scope: Scope) -> list[Statement]:
    secrets, parameters = [], []
    for reference in secret_references(config):
        name = reference.name
        is_arn = name.startswith("arn:")
        if reference.source is SecretSource.SECRETS_MANAGER:
            # A secret's ARN ends in six characters that its name does not have.
            secrets.append(
                name if is_arn else scope.arn("secretsmanager", f"secret:{name}-??????")
            )
        else:
            path = name.partition(":")[0]
            parameters.append(name if is_arn else scope.arn("ssm", f"parameter{path}"))
    return [
        *allow("ReadSecrets", ["secretsmanager:GetSecretValue"], sorted(secrets)),
        *allow("ReadParameters", ["ssm:GetParameter"], sorted(parameters)),
    ]


def _roles(config: Config) -> list[Statement]:
    aws = config.aws
    found = [aws.assume_role]
    found += [
        each.assume_role
        for each in (aws.s3, aws.sqs, aws.logs, aws.sns, aws.cloudwatch)
    ]
    roles = sorted(
        {
            role if isinstance(role, str) else role.role_arn
            for role in found
            if role is not None
        }
    )
    return allow("AssumeRoles", ["sts:AssumeRole"], roles)
