"""Where the policies of a bucket, a topic, a queue and a key are read and written."""

from typing import Any

from relay.setup.calls import done, found
from relay.setup.queue import queue_url


class BucketPolicyPlace:
    """The policy of a bucket, which may have none."""

    def __init__(self, s3: Any, bucket: str, *, owner: str) -> None:  # noqa: ANN401 - untyped
        self._s3 = s3
        self._bucket = bucket
        self._it = {"Bucket": bucket, "ExpectedBucketOwner": owner}

    async def get(self) -> str | None:
        """Return its text."""
        answer = await found(
            f"read the policy of bucket {self._bucket}",
            self._s3.get_bucket_policy(**self._it),
        )
        return None if answer is None else str(answer["Policy"])

    async def put(self, text: str | None) -> None:
        """Write it, or remove it."""
        what = f"write the policy of bucket {self._bucket}"
        if text is None:
            await done(what, self._s3.delete_bucket_policy(**self._it))
        else:
            await done(what, self._s3.put_bucket_policy(**self._it, Policy=text))


class TopicPolicyPlace:
    """The policy of a topic, which has SNS's own default statement from the start."""

    def __init__(self, sns: Any, arn: str) -> None:  # noqa: ANN401 - untyped
        self._sns = sns
        self._arn = arn

    async def get(self) -> str | None:
        """Return its text."""
        answer = await found(
            f"read the policy of topic {self._arn}",
            self._sns.get_topic_attributes(TopicArn=self._arn),
        )
        return None if answer is None else answer["Attributes"].get("Policy")

    async def put(self, text: str | None) -> None:
        """Write it; an empty text gives the topic SNS's default policy back."""
        await done(
            f"write the policy of topic {self._arn}",
            self._sns.set_topic_attributes(
                TopicArn=self._arn, AttributeName="Policy", AttributeValue=text or ""
            ),
        )


class QueuePolicyPlace:
    """The policy of a queue, which may have none."""

    def __init__(self, sqs: Any, name: str) -> None:  # noqa: ANN401 - untyped
        self._sqs = sqs
        self._name = name

    async def get(self) -> str | None:
        """Return its text."""
        url = await queue_url(self._sqs, self._name)
        if url is None:
            return None
        answer = await done(
            f"read the policy of queue {self._name}",
            self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]),
        )
        text: str | None = answer.get("Attributes", {}).get("Policy")
        return text

    async def put(self, text: str | None) -> None:
        """Write it; an empty text removes it."""
        url = await queue_url(self._sqs, self._name)
        await done(
            f"write the policy of queue {self._name}",
            self._sqs.set_queue_attributes(
                QueueUrl=url, Attributes={"Policy": text or ""}
            ),
        )


class KeyPolicyPlace:
    """The policy of a KMS key, which must exist: setup makes no keys."""

    def __init__(self, kms: Any, arn: str) -> None:  # noqa: ANN401 - untyped
        self._kms = kms
        self._arn = arn

    async def get(self) -> str | None:
        """Return its text."""
        answer = await done(
            f"read the policy of key {self._arn}",
            self._kms.get_key_policy(KeyId=self._arn, PolicyName="default"),
        )
        return str(answer["Policy"])

    async def put(self, text: str | None) -> None:
        """Write it. Never without statements: nobody could use the key any more."""
        if text is not None:
            await done(
                f"write the policy of key {self._arn}",
                self._kms.put_key_policy(
                    KeyId=self._arn, PolicyName="default", Policy=text
                ),
            )
