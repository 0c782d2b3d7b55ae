"""The topic that the trail announces its log files on."""

from typing import Any

from relay.setup.blueprint import Blueprint
from relay.setup.calls import done, found
from relay.setup.resource import Existing, Kind, Settings, Title
from relay.setup.tags import owner_by_list, tag_list


class Topic:
    """A standard topic: CloudTrail publishes to no other kind."""

    essential = frozenset[str]()

    def __init__(
        self,
        sns: Any,  # noqa: ANN401 - aiobotocore is untyped
        plan: Blueprint,
    ) -> None:
        self._sns = sns
        self._plan = plan
        self._arn = plan.topic_arn
        self.title = Title(
            kind=Kind.TOPIC, name=plan.topic, is_named=Kind.TOPIC in plan.named
        )

    def desired(self) -> Settings:
        """Nothing but that it is there."""
        return {}

    async def read(self) -> Existing | None:
        """Return whose it is."""
        what = f"read {self.title}"
        call = self._sns.get_topic_attributes(TopicArn=self._arn)
        if await found(what, call) is None:
            return None
        tags = await done(what, self._sns.list_tags_for_resource(ResourceArn=self._arn))
        return Existing(
            settings={}, owner=owner_by_list(tags["Tags"], self._plan.setup)
        )

    async def create(self) -> None:
        """Make it, tags and all, in one call."""
        await done(
            f"make {self.title}",
            self._sns.create_topic(
                Name=self._plan.topic, Tags=tag_list(self._plan.setup)
            ),
        )

    async def update(self, changed: Settings) -> None:
        """Do nothing: there is no setting to change."""

    async def delete(self, *, with_data: bool) -> str | None:  # noqa: ARG002 - holds none
        """Remove it, and every subscription to it."""
        await done(f"delete {self.title}", self._sns.delete_topic(TopicArn=self._arn))
        return None
