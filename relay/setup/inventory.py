"""All resources of a setup, in the order in which AWS accepts them."""

from relay.setup.blueprint import Blueprint
from relay.setup.bucket import Bucket
from relay.setup.clients import SetupClients
from relay.setup.grants import (
    bucket_grants,
    log_key_grants,
    queue_grants,
    topic_grants,
    trail_key_grants,
)
from relay.setup.log_group import LogGroup
from relay.setup.permissions import daemon_policy
from relay.setup.policy import PolicyStatements
from relay.setup.policy_places import (
    BucketPolicyPlace,
    KeyPolicyPlace,
    QueuePolicyPlace,
    TopicPolicyPlace,
)
from relay.setup.queue import Queue
from relay.setup.relay_yaml import configuration, loaded_of
from relay.setup.resource import Kind, Resource
from relay.setup.role import Role
from relay.setup.scope import Scope
from relay.setup.subscription import Subscription
from relay.setup.topic import Topic
from relay.setup.trail import Trail


def resources(plan: Blueprint, clients: SetupClients) -> list[Resource]:
    """Return every resource of ``plan``, each after all that it needs.

    CreateTrail checks bucket, topic and key by itself, so the trail comes last; a
    queue's redrive policy names a queue that must exist.
    """
    dead_letters = plan.dead_letter_queue
    return [
        Bucket(clients.s3, plan),
        PolicyStatements(
            BucketPolicyPlace(clients.s3, plan.bucket, owner=plan.account),
            Kind.BUCKET_POLICY,
            plan.bucket,
            bucket_grants(plan),
        ),
        Topic(clients.sns, plan),
        PolicyStatements(
            TopicPolicyPlace(clients.sns, plan.topic_arn),
            Kind.TOPIC_POLICY,
            plan.topic,
            topic_grants(plan),
        ),
        Queue(clients.sqs, plan, dead_letters),
        Queue(clients.sqs, plan, plan.queue, dead_letters=dead_letters),
        PolicyStatements(
            QueuePolicyPlace(clients.sqs, plan.queue),
            Kind.QUEUE_POLICY,
            plan.queue,
            queue_grants(plan),
        ),
        Subscription(clients.sns, clients.sqs, plan),
        *_key_policies(plan, clients),
        LogGroup(clients.logs, plan),
        *_role(plan, clients),
        Trail(clients.cloudtrail, plan),
    ]


def role_policy(plan: Blueprint) -> dict[str, object]:
    """Return what the daemon must be allowed with the configuration of this setup."""
    url = f"https://sqs.{plan.region}.amazonaws.com/{plan.account}/{plan.queue}"
    scope = Scope(account=plan.account, region=plan.region, partition=plan.partition)
    key = plan.file.trail.kms_key
    return daemon_policy(
        loaded_of(configuration(plan, queue_url=url)),
        scope=scope,
        key_arns=() if key is None else (key,),
        prefix=plan.prefix,
    )


def _key_policies(plan: Blueprint, clients: SetupClients) -> list[Resource]:
    trail_key, log_key = plan.file.trail.kms_key, plan.file.logs.kms_key
    grants = {}
    if trail_key is not None:
        grants[trail_key] = trail_key_grants(plan)
    if log_key is not None:
        grants[log_key] = (*grants.get(log_key, ()), *log_key_grants(plan))
    return [
        PolicyStatements(
            KeyPolicyPlace(clients.kms, key), Kind.KEY_POLICY, key, statements
        )
        for key, statements in grants.items()
    ]


def _role(plan: Blueprint, clients: SetupClients) -> list[Resource]:
    wanted = plan.file.role
    if wanted is None:
        return []
    return [
        Role(
            clients.iam,
            plan,
            name=wanted.name or plan.setup,
            service=wanted.service,
            permissions=role_policy(plan),
        )
    ]
