"""The log group that the relay writes log events to."""

from typing import Any

from relay.setup.blueprint import Blueprint
from relay.setup.calls import done, found
from relay.setup.resource import Existing, Kind, Settings, Title
from relay.setup.tags import owner_by, tags_of


class LogGroup:
    """The log group, its retention and its key."""

    essential = frozenset[str]()

    def __init__(
        self,
        logs: Any,  # noqa: ANN401 - aiobotocore is untyped
        plan: Blueprint,
    ) -> None:
        self._logs = logs
        self._plan = plan
        self._wanted = plan.file.logs
        self.title = Title(
            kind=Kind.LOG_GROUP,
            name=plan.file.logs.group,
            is_named=Kind.LOG_GROUP in plan.named,
        )

    def desired(self) -> Settings:
        """How long log events are kept, and by which key they are encrypted."""
        return {
            "retention_days": self._wanted.retention_days,
            "kms_key": self._wanted.kms_key,
        }

    async def read(self) -> Existing | None:
        """Return its settings."""
        what = f"read {self.title}"
        page = await done(
            what,
            self._logs.describe_log_groups(logGroupNamePrefix=self.title.name),
        )
        # The first by name: nothing with this prefix comes before the name itself.
        group = next(iter(page["logGroups"]), None)
        if group is None or group["logGroupName"] != self.title.name:
            return None
        arn = self._plan.log_group_arn
        tags = await found(what, self._logs.list_tags_for_resource(resourceArn=arn))
        return Existing(
            settings={
                "retention_days": group.get("retentionInDays"),
                "kms_key": group.get("kmsKeyId"),
            },
            owner=owner_by({} if tags is None else tags["tags"], self._plan.setup),
            notes=_notes(group),
        )

    async def create(self) -> None:
        """Make it with its tags and key, then set its retention."""
        key = {"kmsKeyId": self._wanted.kms_key} if self._wanted.kms_key else {}
        await done(
            f"make {self.title}",
            self._logs.create_log_group(
                logGroupName=self.title.name, tags=tags_of(self._plan.setup), **key
            ),
        )
        await self.update({"retention_days": self._wanted.retention_days})

    async def update(self, changed: Settings) -> None:
        """Set the retention and the key, where they have changed."""
        logs, it = self._logs, {"logGroupName": self.title.name}
        what = f"change {self.title}"
        if "retention_days" in changed:
            days = changed["retention_days"]
            await done(
                what,
                logs.delete_retention_policy(**it)
                if days is None
                else logs.put_retention_policy(**it, retentionInDays=days),
            )
        if "kms_key" in changed:
            key = changed["kms_key"]
            await done(
                what,
                logs.disassociate_kms_key(**it)
                if key is None
                else logs.associate_kms_key(**it, kmsKeyId=key),
            )

    async def delete(self, *, with_data: bool) -> str | None:
        """Remove it; one that holds log streams only ``with_data``."""
        it = {"logGroupName": self.title.name}
        streams = await done(
            f"read {self.title}", self._logs.describe_log_streams(**it, limit=1)
        )
        if streams["logStreams"] and not with_data:
            return "it holds log events"
        await done(f"delete {self.title}", self._logs.delete_log_group(**it))
        return None


def _notes(group: Settings) -> tuple[str, ...]:
    if group.get("logGroupClass", "STANDARD") == "STANDARD":
        return ()
    return (
        f"is of class {group['logGroupClass']}, which has no metric filters"
        " (CloudWatch Logs User Guide, log classes)",
    )
