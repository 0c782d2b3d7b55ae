"""A setup as a CloudFormation template; pure.

Names and ARNs are those of one account and region, as ``relay setup apply`` has them.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from relay.setup.blueprint import Blueprint
from relay.setup.grants import Statements, bucket_grants, queue_grants, topic_grants
from relay.setup.inventory import role_policy
from relay.setup.queue import MAX_RECEIVES, attributes_of
from relay.setup.role import trust_policy
from relay.setup.statements import document
from relay.setup.tags import tag_list

Block = dict[str, Any]


def cloudformation(plan: Blueprint) -> str:
    """Return the template, as YAML."""
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"The AWS side of cloudtrail-relay: setup {plan.setup}",
        "Resources": {
            "Bucket": _bucket(plan),
            "BucketPolicy": _policy(
                "AWS::S3::BucketPolicy",
                {"Bucket": {"Ref": "Bucket"}},
                bucket_grants(plan),
            ),
            "Topic": _block(
                "AWS::SNS::Topic",
                {"TopicName": plan.topic, "Tags": tag_list(plan.setup)},
            ),
            "TopicPolicy": _policy(
                "AWS::SNS::TopicPolicy",
                {"Topics": [{"Ref": "Topic"}]},
                topic_grants(plan),
            ),
            "DeadLetters": _queue(plan, plan.dead_letter_queue, None),
            "Queue": _queue(plan, plan.queue, "DeadLetters"),
            "QueuePolicy": _policy(
                "AWS::SQS::QueuePolicy",
                {"Queues": [{"Ref": "Queue"}]},
                queue_grants(plan),
            ),
            "Subscription": _block(
                "AWS::SNS::Subscription",
                {
                    "TopicArn": {"Ref": "Topic"},
                    "Protocol": "sqs",
                    "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]},
                },
            ),
            "LogGroup": _log_group(plan),
            **_role(plan),
            "Trail": _trail(plan),
        },
        "Outputs": {
            "QueueUrl": {"Value": {"Ref": "Queue"}},
            "BucketName": {"Value": {"Ref": "Bucket"}},
        },
    }
    return yaml.dump(template, Dumper=_Dumper, sort_keys=False)


class _Dumper(yaml.SafeDumper):
    """Writes shared parts out each time: CloudFormation refuses YAML aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's hook
        return True


def _block(kind: str, properties: Mapping[str, object]) -> Block:
    present = {key: value for key, value in properties.items() if value is not None}
    return {"Type": kind, "Properties": present}


def _policy(kind: str, target: Mapping[str, object], grants: Statements) -> Block:
    return _block(kind, {**target, "PolicyDocument": document(grants)})


def _bucket(plan: Blueprint) -> Block:
    key, days = plan.file.trail.kms_key, plan.file.bucket.expire_days
    default = {"SSEAlgorithm": "AES256"}
    if key is not None:
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    blocked = (
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    )
    rule = {
        "Id": plan.sid("Expire"),
        "Status": "Enabled",
        "ExpirationInDays": days,
    }
    return _kept(
        _block(
            "AWS::S3::Bucket",
            {
                "BucketName": plan.bucket,
                "PublicAccessBlockConfiguration": dict.fromkeys(blocked, True),
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        {
                            "ServerSideEncryptionByDefault": default,
                            "BucketKeyEnabled": key is not None,
                        }
                    ]
                },
                "LifecycleConfiguration": None if days is None else {"Rules": [rule]},
                "Tags": tag_list(plan.setup),
            },
        )
    )


def _queue(plan: Blueprint, name: str, dead_letters: str | None) -> Block:
    wanted = attributes_of()
    redrive = None
    if dead_letters is not None:
        redrive = {
            "deadLetterTargetArn": {"Fn::GetAtt": [dead_letters, "Arn"]},
            "maxReceiveCount": MAX_RECEIVES,
        }
    return _block(
        "AWS::SQS::Queue",
        {
            "QueueName": name,
            **wanted,
            "RedrivePolicy": redrive,
            "Tags": tag_list(plan.setup),
        },
    )


def _log_group(plan: Blueprint) -> Block:
    logs = plan.file.logs
    return _kept(
        _block(
            "AWS::Logs::LogGroup",
            {
                "LogGroupName": logs.group,
                "RetentionInDays": logs.retention_days,
                "KmsKeyId": logs.kms_key,
                "Tags": tag_list(plan.setup),
            },
        )
    )


def _role(plan: Blueprint) -> dict[str, Block]:
    role = plan.file.role
    if role is None:
        return {}
    policy = {"PolicyName": plan.setup, "PolicyDocument": role_policy(plan)}
    return {
        "Role": _block(
            "AWS::IAM::Role",
            {
                "RoleName": role.name or plan.setup,
                "AssumeRolePolicyDocument": trust_policy(role.service),
                "Policies": [policy],
                "Tags": tag_list(plan.setup),
            },
        )
    }


def _trail(plan: Blueprint) -> Block:
    trail = plan.file.trail
    block = _block(
        "AWS::CloudTrail::Trail",
        {
            "TrailName": plan.trail,
            "S3BucketName": {"Ref": "Bucket"},
            "S3KeyPrefix": plan.prefix,
            "SnsTopicName": {"Fn::GetAtt": ["Topic", "TopicName"]},
            "IsLogging": True,
            "IsMultiRegionTrail": trail.multi_region,
            "IncludeGlobalServiceEvents": True,
            "IsOrganizationTrail": trail.organization is not None,
            "EnableLogFileValidation": trail.validate_log_files,
            "KMSKeyId": trail.kms_key,
            "Tags": tag_list(plan.setup),
        },
    )
    # CreateTrail checks both policies.
    return {**block, "DependsOn": ["BucketPolicy", "TopicPolicy"]}


def _kept(block: Block) -> Block:
    """Return a block whose data outlives the stack."""
    return {**block, "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
