"""The trail: where it delivers, what it covers, and that it is logging."""

from typing import Any

from relay.setup.blueprint import Blueprint, FoundTrail
from relay.setup.calls import done
from relay.setup.resource import Existing, Kind, Owner, Settings, Title
from relay.setup.tags import owner_by_list, tag_list

_LOGGING = "logging"
_REQUESTED = {"LogFileValidationEnabled": "EnableLogFileValidation"}
"""Settings that are called otherwise where they are set than where they are read."""


class Trail:
    """The trail. One of somebody else's is given the topic and started, no more."""

    essential = frozenset({"SnsTopicARN", _LOGGING})

    def __init__(
        self,
        cloudtrail: Any,  # noqa: ANN401 - aiobotocore is untyped
        plan: Blueprint,
    ) -> None:
        self._cloudtrail = cloudtrail
        self._plan = plan
        self.title = Title(
            kind=Kind.TRAIL, name=plan.trail, is_named=Kind.TRAIL in plan.named
        )

    def desired(self) -> Settings:
        """Return its settings as DescribeTrails names them, and that it is logging."""
        wanted = self._plan.file.trail
        return {
            "S3BucketName": self._plan.bucket,
            "S3KeyPrefix": self._plan.prefix,
            "SnsTopicARN": self._plan.topic_arn,
            "IsMultiRegionTrail": wanted.multi_region,
            "IsOrganizationTrail": wanted.organization is not None,
            "LogFileValidationEnabled": wanted.validate_log_files,
            "KmsKeyId": wanted.kms_key,
            _LOGGING: True,
        }

    async def read(self) -> Existing | None:
        """Return its settings."""
        trail = await _described(self._cloudtrail, self._plan.trail)
        if trail is None:
            return None
        it = {"Name": self._plan.trail}
        status = await done(
            f"read {self.title}", self._cloudtrail.get_trail_status(**it)
        )
        settings = {key: trail.get(key) for key in self.desired()}
        for key in ("S3KeyPrefix", "KmsKeyId"):
            settings[key] = trail.get(key) or None
        settings[_LOGGING] = bool(status["IsLogging"])
        owner = await _owner(self._cloudtrail, trail, self._plan.setup)
        return Existing(settings=settings, owner=owner, notes=_notes(status))

    async def create(self) -> None:
        """Make it, tags and all, and start it: one made by API does not log."""
        await done(
            f"make {self.title}",
            self._cloudtrail.create_trail(
                **self._request(
                    {key: each for key, each in self.desired().items() if each}
                ),
                TagsList=tag_list(self._plan.setup),
            ),
        )
        await self._start()

    async def update(self, changed: Settings) -> None:
        """Change its settings, and start it when it is stopped."""
        if set(changed) - {_LOGGING}:
            await done(
                f"change {self.title}",
                self._cloudtrail.update_trail(**self._request(changed)),
            )
        if _LOGGING in changed:
            await self._start()

    async def delete(self, *, with_data: bool) -> str | None:  # noqa: ARG002 - the bucket does
        """Remove it; what it has delivered stays in the bucket."""
        await done(
            f"delete {self.title}",
            self._cloudtrail.delete_trail(Name=self._plan.trail),
        )
        return None

    async def _start(self) -> None:
        await done(
            f"start {self.title}",
            self._cloudtrail.start_logging(Name=self._plan.trail),
        )

    def _request(self, settings: Settings) -> dict[str, object]:
        """Return the settings by the names of CreateTrail and UpdateTrail."""
        request: dict[str, object] = {"Name": self._plan.trail}
        for key, value in settings.items():
            if key == "SnsTopicARN":
                request["SnsTopicName"] = self._plan.topic
            elif key != _LOGGING:
                # An empty text takes a key or a prefix away.
                request[_REQUESTED.get(key, key)] = "" if value is None else value
        return request


async def found_trail(cloudtrail: Any, name: str, *, setup: str) -> FoundTrail | None:  # noqa: ANN401 - untyped
    """Return where the trail of this name delivers, None unless others have made it."""
    trail = await _described(cloudtrail, name)
    if trail is None:
        return None
    if await _owner(cloudtrail, trail, setup) is Owner.OURS:
        return None
    return FoundTrail(
        name=name,
        bucket=trail["S3BucketName"],
        prefix=trail.get("S3KeyPrefix") or None,
        topic_arn=trail.get("SnsTopicARN") or None,
    )


async def _described(cloudtrail: Any, name: str) -> dict[str, Any] | None:  # noqa: ANN401 - untyped
    answer = await done(
        f"read trail {name}",
        cloudtrail.describe_trails(trailNameList=[name], includeShadowTrails=False),
    )
    trails: list[dict[str, Any]] = answer["trailList"]
    return next((each for each in trails if each["Name"] == name), None)


async def _owner(cloudtrail: Any, trail: Settings, setup: str) -> Owner:  # noqa: ANN401 - untyped
    answer = await done(
        f"read the tags of trail {trail['Name']}",
        cloudtrail.list_tags(ResourceIdList=[trail["TrailARN"]]),
    )
    tags = [tag for each in answer["ResourceTagList"] for tag in each["TagsList"]]
    return owner_by_list(tags, setup)


def _notes(status: Settings) -> tuple[str, ...]:
    errors = {
        "LatestDeliveryError": "cannot deliver to the bucket",
        "LatestNotificationError": "cannot publish to the topic",
    }
    return tuple(
        f"{text}: {status[key]}" for key, text in errors.items() if status.get(key)
    )
