"""The subscription that brings the topic's messages into the queue."""

from typing import Any

from relay.setup.blueprint import Blueprint
from relay.setup.calls import done, found
from relay.setup.queue import queue_url
from relay.setup.resource import Existing, Kind, Owner, Settings, Title
from relay.setup.tags import owner_by


class Subscription:
    """The subscription; it has no tags and is ours when the queue is.

    The envelope of SNS is kept (no raw delivery): it says which topic a message is of.
    """

    essential = frozenset[str]()

    def __init__(
        self,
        sns: Any,  # noqa: ANN401 - aiobotocore is untyped
        sqs: Any,  # noqa: ANN401 - aiobotocore is untyped
        plan: Blueprint,
    ) -> None:
        self._sns = sns
        self._sqs = sqs
        self._plan = plan
        self._queue_arn = plan.queue_arn(plan.queue)
        # Always named: one that is there already does all that is needed.
        self.title = Title(
            kind=Kind.SUBSCRIPTION,
            name=f"{plan.topic} to {plan.queue}",
            is_named=True,
        )

    def desired(self) -> Settings:
        """Messages come in SNS's envelope."""
        return {"RawMessageDelivery": "false"}

    async def read(self) -> Existing | None:
        """Return the subscription of the queue to the topic."""
        arn = await self._arn()
        if arn is None:
            return None
        answer = await found(
            f"read {self.title}",
            self._sns.get_subscription_attributes(SubscriptionArn=arn),
        )
        if answer is None:
            return None
        attributes = answer["Attributes"]
        raw = attributes.get("RawMessageDelivery", "false")
        return Existing(
            settings={"RawMessageDelivery": raw},
            owner=await self._owner(),
            notes=_notes(attributes),
        )

    async def create(self) -> None:
        """Subscribe the queue; within one account that is confirmed at once."""
        await done(
            f"make {self.title}",
            self._sns.subscribe(
                TopicArn=self._plan.topic_arn,
                Protocol="sqs",
                Endpoint=self._queue_arn,
                Attributes=dict(self.desired()),
            ),
        )

    async def update(self, changed: Settings) -> None:
        """Set the attributes that have changed."""
        arn = await self._arn()
        for name, value in changed.items():
            await done(
                f"change {self.title}",
                self._sns.set_subscription_attributes(
                    SubscriptionArn=arn, AttributeName=name, AttributeValue=value
                ),
            )

    async def delete(self, *, with_data: bool) -> str | None:  # noqa: ARG002 - holds none
        """Remove it."""
        arn = await self._arn()
        await done(f"delete {self.title}", self._sns.unsubscribe(SubscriptionArn=arn))
        return None

    async def _arn(self) -> str | None:
        token: dict[str, str] = {}
        while True:
            page = await found(
                f"find {self.title}",
                self._sns.list_subscriptions_by_topic(
                    TopicArn=self._plan.topic_arn, **token
                ),
            )
            if page is None:
                return None
            for each in page["Subscriptions"]:
                # "PendingConfirmation" stands for an ARN until it is confirmed.
                if (
                    each["Endpoint"] == self._queue_arn
                    and ":" in each["SubscriptionArn"]
                ):
                    return str(each["SubscriptionArn"])
            if "NextToken" not in page:
                return None
            token = {"NextToken": page["NextToken"]}

    async def _owner(self) -> Owner:
        url = await queue_url(self._sqs, self._plan.queue)
        if url is None:
            return Owner.OURS  # it leads nowhere any more
        tags = await done(
            f"read the tags of queue {self._plan.queue}",
            self._sqs.list_queue_tags(QueueUrl=url),
        )
        return owner_by(tags.get("Tags", {}), self._plan.setup)


def _notes(attributes: Settings) -> tuple[str, ...]:
    if "FilterPolicy" not in attributes:
        return ()
    return ("has a filter policy: notices that it does not let through never arrive",)
