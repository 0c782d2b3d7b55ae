"""The bucket that CloudTrail writes to: private, encrypted, its log files expiring."""

from typing import Any

from relay.aws.errors import entry_error
from relay.setup.blueprint import Blueprint
from relay.setup.calls import done, found
from relay.setup.resource import Existing, Kind, Owner, Settings, Title
from relay.setup.tags import owner_by_list, tag_list

_BLOCKED = (
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
)
_FIRST_REGION = "us-east-1"  # S3's default, which CreateBucket must not be told


class Bucket:
    """The bucket; its policy is a resource of its own."""

    essential = frozenset[str]()

    def __init__(
        self,
        s3: Any,  # noqa: ANN401 - aiobotocore is untyped
        plan: Blueprint,
    ) -> None:
        self._s3 = s3
        self._plan = plan
        self._name = plan.bucket
        self.title = Title(
            kind=Kind.BUCKET, name=plan.bucket, is_named=Kind.BUCKET in plan.named
        )

    def desired(self) -> Settings:
        """No public access, encryption at rest, and expiry when it is asked for."""
        return {
            "public_access": "blocked",
            "encryption": "aws:kms" if self._key() else "AES256",
            "kms_key": self._key(),
            "expire_days": self._plan.file.bucket.expire_days,
        }

    async def read(self) -> Existing | None:
        """Return what there is of it."""
        if await found(self._what("read"), self._s3.head_bucket(**self._it())) is None:
            return None
        answer = await found(
            self._what("read the tags of"), self._s3.get_bucket_tagging(**self._it())
        )
        tags = [] if answer is None else answer["TagSet"]
        owner = owner_by_list(tags, self._plan.setup)
        if not (tags or self.title.is_named) and not await self._is_used():
            # A bucket of this very name, tied to account and region, without tags,
            # policy and objects: CreateBucket succeeded and what follows did not.
            owner = Owner.OURS
        return Existing(settings=await self._settings(), owner=owner)

    async def create(self) -> None:
        """Make the bucket and all its settings."""
        region = self._plan.region
        place = (
            {}
            if region == _FIRST_REGION
            else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        )
        await done(
            self._what("make"), self._s3.create_bucket(Bucket=self._name, **place)
        )
        await self.update(self.desired())

    async def update(self, changed: Settings) -> None:
        """Set what has changed, and the tags, which a broken-off apply may lack."""
        what, it = self._what("set up"), self._it()
        await done(
            what,
            self._s3.put_bucket_tagging(
                **it, Tagging={"TagSet": tag_list(self._plan.setup)}
            ),
        )
        if "public_access" in changed:
            await done(
                what,
                self._s3.put_public_access_block(
                    **it,
                    PublicAccessBlockConfiguration=dict.fromkeys(_BLOCKED, True),
                ),
            )
        if {"encryption", "kms_key"} & set(changed):
            await done(
                what,
                self._s3.put_bucket_encryption(
                    **it, ServerSideEncryptionConfiguration=self._encryption()
                ),
            )
        if "expire_days" in changed:
            await self._expire()

    async def delete(self, *, with_data: bool) -> str | None:
        """Remove the bucket; one that holds objects only ``with_data``."""
        while held := await self._held():
            if not with_data:
                return "it holds log files"
            await self._delete_objects(held)
        await done(self._what("delete"), self._s3.delete_bucket(**self._it()))
        return None

    async def _held(self) -> list[dict[str, str]]:
        """Return the first thousand versions of objects that it holds."""
        page = await done(
            self._what("list"), self._s3.list_object_versions(**self._it())
        )
        return [
            {"Key": each["Key"], "VersionId": each["VersionId"]}
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        ]

    async def _delete_objects(self, held: list[dict[str, str]]) -> None:
        answer = await done(
            self._what("empty"),
            self._s3.delete_objects(
                **self._it(), Delete={"Objects": held, "Quiet": True}
            ),
        )
        for error in answer.get("Errors", []):
            raise entry_error(
                self._what(f"delete {error.get('Key', 'an object')} of"),
                code=str(error.get("Code", "")),
                text=str(error.get("Message", "")),
                is_sender_fault=True,
            )

    async def _is_used(self) -> bool:
        policy = await found(
            self._what("read the policy of"), self._s3.get_bucket_policy(**self._it())
        )
        return policy is not None or bool(await self._held())

    async def _settings(self) -> Settings:
        s3, it = self._s3, self._it()
        what = self._what("read the settings of")
        block = await found(what, s3.get_public_access_block(**it)) or {}
        blocked = block.get("PublicAccessBlockConfiguration", {})
        encryption = await found(what, s3.get_bucket_encryption(**it)) or {}
        rules = encryption.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
        default = (
            rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
        )
        life = await found(what, s3.get_bucket_lifecycle_configuration(**it)) or {}
        days = [
            rule.get("Expiration", {}).get("Days")
            for rule in life.get("Rules", [])
            if rule.get("ID") == self._rule_id()
        ]
        return {
            "public_access": "blocked"
            if all(blocked.get(name) for name in _BLOCKED)
            else "possible",
            "encryption": default.get("SSEAlgorithm"),
            "kms_key": default.get("KMSMasterKeyID"),
            "expire_days": days[0] if days else None,
        }

    def _encryption(self) -> dict[str, object]:
        default: dict[str, str] = {"SSEAlgorithm": "AES256"}
        key = self._key()
        if key is not None:
            default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        rule = {
            "ApplyServerSideEncryptionByDefault": default,
            "BucketKeyEnabled": key is not None,
        }
        return {"Rules": [rule]}

    async def _expire(self) -> None:
        what, it = self._what("set the lifecycle of"), self._it()
        life = await found(what, self._s3.get_bucket_lifecycle_configuration(**it))
        rules = [] if life is None else life["Rules"]
        kept = [rule for rule in rules if rule.get("ID") != self._rule_id()]
        days = self._plan.file.bucket.expire_days
        if days is not None:
            expiry = {
                "ID": self._rule_id(),
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "Expiration": {"Days": days},
            }
            kept.append(expiry)
        if kept:
            await done(
                what,
                self._s3.put_bucket_lifecycle_configuration(
                    **it, LifecycleConfiguration={"Rules": kept}
                ),
            )
        elif rules:
            await done(what, self._s3.delete_bucket_lifecycle(**it))

    def _rule_id(self) -> str:
        return self._plan.sid("Expire")

    def _key(self) -> str | None:
        return self._plan.file.trail.kms_key

    def _it(self) -> dict[str, str]:
        # The name is easily guessed: somebody else may have been quicker, even with our
        # tags on it, to have the log files delivered there.
        return {"Bucket": self._name, "ExpectedBucketOwner": self._plan.account}

    def _what(self, verb: str) -> str:
        return f"{verb} bucket {self._name}"
