"""The names of everything that a setup is made of, and the ARNs that follow; pure."""

from dataclasses import dataclass

from relay.config.setup_schema import SetupFile
from relay.errors import ConfigError
from relay.setup.resource import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Blueprint:
    """What is wanted, every name resolved for one account and region.

    ``named`` are the kinds whose names the operator gave: such things may exist
    already.
    """

    file: SetupFile
    account: str
    region: str
    partition: str
    bucket: str
    prefix: str | None
    topic: str
    queue: str
    trail: str
    named: frozenset[Kind]

    @property
    def setup(self) -> str:
        """The setup's own name, which its tags and Sids carry."""
        return self.file.name

    @property
    def dead_letter_queue(self) -> str:
        """The name of the queue for what cannot be processed."""
        return f"{self.queue}-dead-letters"

    @property
    def bucket_arn(self) -> str:
        """The bucket's ARN."""
        return f"arn:{self.partition}:s3:::{self.bucket}"

    @property
    def topic_arn(self) -> str:
        """The ARN of the topic that the trail publishes to."""
        return self._arn("sns", self.topic)

    @property
    def trail_arn(self) -> str:
        """The trail's ARN; CloudTrail names itself with it in policies."""
        return self._arn("cloudtrail", f"trail/{self.trail}")

    @property
    def log_group_arn(self) -> str:
        """The log group's ARN, without the ``:*`` that stands for its streams."""
        return self._arn("logs", f"log-group:{self.file.logs.group}")

    def queue_arn(self, name: str) -> str:
        """Return the ARN of a queue of this account and region."""
        return self._arn("sqs", name)

    def sid(self, suffix: str) -> str:
        """Return the Sid of one of our statements: no other setup has the same."""
        words = self.setup.split("-")
        return "".join(word.capitalize() for word in words) + suffix

    def _arn(self, service: str, rest: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTrail:
    """Where a trail of somebody else's delivers: bucket and topic follow it."""

    name: str
    bucket: str
    prefix: str | None
    topic_arn: str | None


def blueprint(
    file: SetupFile,
    *,
    account: str,
    region: str,
    partition: str,
    found: FoundTrail | None = None,
) -> Blueprint:
    """Resolve every name of ``file``; ``found`` is its trail, if others made that.

    Raises ConfigError when ``file`` names another bucket or topic than that trail has,
    or a topic that is not of this account and region.
    """
    bucket, prefix, topic = file.bucket.name, file.bucket.prefix, file.topic
    if found is not None:
        _check_agreement(file, found)
        bucket, prefix, topic = found.bucket, found.prefix, found.topic_arn or topic
    named = {
        Kind.BUCKET: bucket,
        Kind.TOPIC: topic,
        Kind.QUEUE: file.queue,
        Kind.TRAIL: file.trail.name,
        Kind.LOG_GROUP: file.logs.group
        if "group" in file.logs.model_fields_set
        else "",
        Kind.ROLE: file.role.name if file.role is not None else "",
    }
    return Blueprint(
        file=file,
        account=account,
        region=region,
        partition=partition,
        bucket=bucket or f"{file.name}-{account}-{region}",
        prefix=prefix,
        topic=_topic_name(topic, account=account, region=region)
        or f"{file.name}-trail",
        queue=file.queue or file.name,
        trail=file.trail.name or file.name,
        named=frozenset(kind for kind, name in named.items() if name),
    )


def _check_agreement(file: SetupFile, found: FoundTrail) -> None:
    """Refuse what would take somebody else's trail away from where it delivers."""
    topic = found.topic_arn
    pairs = {
        "bucket.name": (file.bucket.name, (found.bucket,)),
        "bucket.prefix": (file.bucket.prefix, (found.prefix,)),
        "topic": (
            file.topic,
            (topic, topic.split(":")[-1]) if topic else (file.topic,),
        ),
    }
    problems = [
        f"{option}: is {wanted}, but trail {found.name}, which this setup did not make,"
        f" has {its[0] or 'none'}; leave the option out"
        for option, (wanted, its) in pairs.items()
        if wanted is not None and wanted not in its
    ]
    if problems:
        raise ConfigError(problems)


def _topic_name(topic: str | None, *, account: str, region: str) -> str | None:
    if topic is None or not topic.startswith("arn:"):
        return topic
    _, _, _, its_region, its_account, name = topic.split(":")
    if (its_region, its_account) != (region, account):
        raise ConfigError(
            [f"topic: {topic} is not of account {account} in {region}; run setup there"]
        )
    return name
